//! Maps of pixels with a margin of zeros, and convolutions of them on all threads.

use std::ops::Range;

use rayon::prelude::*;

use super::level::Level;
use super::memory::Matrix;
use super::packed::Packed;
use super::pointwise::{self, Lines};
use super::stem::Stem;
use super::tile::Bounds;
use crate::pixels::Pixels;

/// Jobs that each thread shall find.
const JOBS_PER_THREAD: usize = 2;

/// The fewest pixels worth a job: a panel of weights is read from cache for each job.
const MIN_PIXELS: usize = 112;

/// Maps of one size, their pixels one after the other, each with a margin of so many zeros around.
#[derive(Default)]
pub(super) struct Map {
    values: Matrix,
    count: usize,
    height: usize,
    width: usize,
    margin: usize,
}

impl Map {
    /// Becomes `count` maps of `height` × `width`, of any content.
    pub(super) fn shape(
        &mut self,
        (count, height, width): (usize, usize, usize),
        margin: usize,
        channels: usize,
    ) {
        (self.count, self.height, self.width) = (count, height, width);
        self.margin = margin;
        let pixels = count * (height + 2 * margin) * (width + 2 * margin);
        self.values.shape(pixels, channels);
    }

    /// Becomes as many maps as `other` of the same size.
    pub(super) fn shape_as(&mut self, other: &Self, margin: usize, channels: usize) {
        let size = (other.count, other.height, other.width);
        self.shape(size, margin, channels);
    }

    /// How many maps there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Lines of a map without its margin.
    pub(super) fn height(&self) -> usize {
        self.height
    }

    /// Pixels of a line without its margin.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// All pixels, margins included.
    pub(super) fn values(&self) -> &Matrix {
        &self.values
    }

    /// Values from a line's start to the next one's.
    fn pitch(&self) -> usize {
        (self.width + 2 * self.margin) * self.values.stride()
    }

    /// Becomes map `index` of `count` maps like `other`, which is one; the others are kept.
    pub(super) fn take_in(&mut self, other: &Self, index: usize, count: usize) {
        let size = (count, other.height, other.width);
        self.shape(size, other.margin, other.values.width());
        let one = other.values.values();
        self.values.values_mut()[index * one.len()..][..one.len()].copy_from_slice(one);
    }

    /// Runs `make` on all threads for runs of lines of one map each: which map, which of its lines,
    /// and the values from the first line's first pixel on. The margins become zeros.
    fn by_lines(&mut self, make: impl Fn(Vec<Run>, &mut [f32]) + Sync) {
        let (pitch, stride) = (self.pitch(), self.values.stride());
        let (height, margin) = (self.height, self.margin);
        let padded = height + 2 * margin;
        let jobs = rayon::current_num_threads() * JOBS_PER_THREAD;
        let least = MIN_PIXELS.div_ceil(self.width.max(1));
        let lines = (self.count * padded).div_ceil(jobs).max(least).max(1);
        self.values
            .values_mut()
            .par_chunks_mut((lines * pitch).max(1))
            .enumerate()
            .for_each(|(job, out)| {
                let first = job * lines;
                let end = first + out.len() / pitch.max(1);
                if margin > 0 {
                    for (line, values) in (first..).zip(out.chunks_exact_mut(pitch)) {
                        if (margin..margin + height).contains(&(line % padded)) {
                            values[..margin * stride].fill(0.0);
                            values[pitch - margin * stride..].fill(0.0);
                        } else {
                            values.fill(0.0);
                        }
                    }
                }
                let runs = (first / padded.max(1)..end.div_ceil(padded.max(1))).filter_map(|map| {
                    let top = map * padded + margin;
                    let own = first.max(top)..end.min(top + height);
                    (!own.is_empty()).then(|| Run {
                        map,
                        lines: own.start - top..own.end - top,
                        at: (own.start - first) * pitch + margin * stride,
                    })
                });
                make(runs.collect(), out);
            });
    }

    /// The stem's result for one picture, not below zero.
    pub(super) fn begin_with(&mut self, stem: &Stem, picture: &Pixels) {
        let (width, stride, pitch) = (self.width, self.values.stride(), self.pitch());
        self.by_lines(|runs, out| {
            let (mut samples, mut patches) = (Vec::new(), Matrix::default());
            for run in runs {
                stem.patches(picture, &run.lines, &mut samples, &mut patches);
                let from = Lines {
                    count: run.lines.len(),
                    pixels: width,
                    stride: patches.stride(),
                    pitch: width * patches.stride(),
                };
                let to = Lines {
                    stride,
                    pitch,
                    ..from
                };
                let (a, c) = ((patches.values(), from), (&mut out[run.at..], to));
                let packed = stem.weights();
                pointwise::multiply(packed, 0..packed.panels(), a, c, false, Bounds::RELU);
            }
        });
    }
}

/// Neighbouring lines of one map.
struct Run {
    map: usize,
    lines: Range<usize>,
    /// Where the first one's first pixel is.
    at: usize,
}

/// A convolution, 1×1 or 3×3, that keeps a map's size.
pub(super) struct Conv {
    /// The weights by tap, row by row; the first ones' have the bias.
    taps: Vec<Packed>,
    kernel: usize,
}

impl Conv {
    /// Of weights `[kernel, kernel, output, input]`.
    ///
    /// `None` where the lengths do not fit one another.
    pub(super) fn new(level: Level, weight: &[f32], bias: &[f32], kernel: usize) -> Option<Self> {
        let one = weight.len() / (kernel * kernel).max(1);
        let taps = weight.chunks_exact(one.max(1)).enumerate();
        let taps: Option<Vec<Packed>> = taps
            .map(|(tap, w)| Packed::new(level, w, (tap == 0).then_some(bias), bias.len()))
            .collect();
        let taps = taps.filter(|taps| taps.len() == kernel * kernel && kernel % 2 == 1)?;
        Some(Self { taps, kernel })
    }

    /// Channels that come out.
    pub(super) fn output(&self) -> usize {
        self.taps.first().map_or(0, Packed::output)
    }

    /// `x`, which has a margin of at least half the kernel, to `y`, which has been shaped; `add`
    /// says whether what `y` held is added.
    pub(super) fn forward(&self, x: &Map, y: &mut Map, add: bool, bounds: Bounds) {
        assert_eq!((x.count, x.height, x.width), (y.count, y.height, y.width));
        assert!(x.margin >= self.kernel / 2 && self.output() == y.values.width());
        let panels = self.taps.first().map_or(0, Packed::panels);
        let (x_stride, x_pitch) = (x.values.stride(), x.pitch());
        let (y_stride, y_pitch) = (y.values.stride(), y.pitch());
        let before = x.margin - self.kernel / 2;
        let padded = x.height + 2 * x.margin;
        let (width, dense) = (x.width, x.margin + y.margin == 0);
        let last = self.taps.len() - 1;
        y.by_lines(|runs, out| {
            // A panel's taps stay in cache while all lines pass by.
            for panel in 0..panels {
                for run in &runs {
                    for (tap, packed) in self.taps.iter().enumerate() {
                        let (row, column) = (tap / self.kernel, tap % self.kernel);
                        let line = run.map * padded + run.lines.start + before + row;
                        let start = line * x_pitch + (before + column) * x_stride;
                        let lines = |stride, pitch| {
                            if dense {
                                Lines::dense(run.lines.len() * width, stride)
                            } else {
                                Lines {
                                    count: run.lines.len(),
                                    pixels: width,
                                    stride,
                                    pitch,
                                }
                            }
                        };
                        let a = (&x.values.values()[start..], lines(x_stride, x_pitch));
                        let c = (&mut out[run.at..], lines(y_stride, y_pitch));
                        let bounds = if tap == last { bounds } else { Bounds::NONE };
                        let add = add || tap > 0;
                        pointwise::multiply(packed, panel..panel + 1, a, c, add, bounds);
                    }
                }
            }
        });
    }
}

/// `y` becomes the means of `x`'s squares of 2×2 pixels; an odd line or column at the end is left
/// out. Neither has a margin.
pub(super) fn average(x: &Map, y: &mut Map) {
    assert_eq!(x.margin, 0);
    let (height, width) = (x.height / 2, x.width / 2);
    y.shape((x.count, height, width), 0, x.values.width());
    let (stride, pitch) = (x.values.stride(), x.pitch());
    y.by_lines(|runs, out| {
        for run in runs {
            let lines = out[run.at..].chunks_exact_mut((width * stride).max(1));
            for (line, out) in run.lines.zip(lines) {
                let first = (run.map * x.height + 2 * line) * pitch;
                let (upper, lower) = x.values.values()[first..first + 2 * pitch].split_at(pitch);
                let pairs = upper
                    .chunks_exact(2 * stride)
                    .zip(lower.chunks_exact(2 * stride));
                for (out, (upper, lower)) in out.chunks_exact_mut(stride).zip(pairs) {
                    let ((a, b), (c, d)) = (upper.split_at(stride), lower.split_at(stride));
                    for ((((out, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                        *out = (a + b + c + d) * 0.25;
                    }
                }
            }
        }
    });
}
