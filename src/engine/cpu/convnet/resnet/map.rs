//! Maps of pixels with a zero margin, computed on all threads.

use std::ops::Range;

use rayon::prelude::*;

use crate::core::pixels::Pixels;
use crate::engine::cpu::convnet::pointwise;
use crate::engine::cpu::convnet::pointwise::Lines;
use crate::engine::cpu::convnet::resnet::frame::Frame;
use crate::engine::cpu::convnet::stem::Stem;
use crate::engine::cpu::matmul::tile::Bounds;
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::simd::level::{Level, Vectorised};

/// Jobs per thread.
const JOBS_PER_THREAD: usize = 2;

/// The fewest pixels worth a job: each job reads a panel of weights from cache.
const MIN_PIXELS: usize = 112;

/// Maps of one size, their pixels one after the other, each with a zero margin.
#[derive(Default)]
pub(crate) struct Map {
    values: Matrix,
    frame: Frame,
}

impl Map {
    /// Reshapes to `count` maps of `height` × `width`, with undefined content.
    pub(crate) fn shape(
        &mut self,
        (count, height, width): (usize, usize, usize),
        margin: usize,
        channels: usize,
    ) {
        self.frame = Frame {
            count,
            height,
            width,
            margin,
        };
        self.values.shape(self.frame.pixels(), channels);
    }

    /// Reshapes to as many maps as `other` has, of the same size.
    pub(crate) fn shape_as(&mut self, other: &Self, margin: usize, channels: usize) {
        self.frame = other.frame.with_margin(margin);
        self.values.shape(self.frame.pixels(), channels);
    }

    /// The layout of its pixels.
    pub(crate) fn frame(&self) -> Frame {
        self.frame
    }

    /// The number of maps.
    pub(crate) fn count(&self) -> usize {
        self.frame.count
    }

    /// Lines per map, without margins.
    pub(crate) fn height(&self) -> usize {
        self.frame.height
    }

    /// Pixels per line, without margins.
    pub(crate) fn width(&self) -> usize {
        self.frame.width
    }

    /// All pixels, including margins.
    pub(crate) fn values(&self) -> &Matrix {
        &self.values
    }

    /// All pixels, including margins.
    pub(crate) fn values_mut(&mut self) -> &mut Matrix {
        &mut self.values
    }

    /// Clears the margins.
    pub(crate) fn clear_margin(&mut self) {
        let stride = self.values.stride();
        self.frame.clear_margin(stride, self.values.values_mut());
    }

    /// Values from one line's start to the next.
    pub(crate) fn pitch(&self) -> usize {
        self.frame.pitch() * self.values.stride()
    }

    /// Copies `other`, which is one map, to index `index` of `count` such maps; the others are
    /// kept.
    pub(crate) fn take_in(&mut self, other: &Self, index: usize, count: usize) {
        self.frame = Frame {
            count,
            ..other.frame
        };
        self.values.shape(self.frame.pixels(), other.values.width());
        let one = other.values.values();
        self.values.values_mut()[index * one.len()..][..one.len()].copy_from_slice(one);
    }

    /// Runs `make` on all threads for runs of lines of one map each, with the values from the first
    /// line's first pixel on. Clears the margins.
    pub(crate) fn by_lines(&mut self, make: impl Fn(Vec<Run>, &mut [f32]) + Sync) {
        self.clear_margin();
        let (pitch, stride) = (self.pitch(), self.values.stride());
        let Frame { height, margin, .. } = self.frame;
        let padded = height + 2 * margin;
        let jobs = rayon::current_num_threads() * JOBS_PER_THREAD;
        let least = MIN_PIXELS.div_ceil(self.frame.width.max(1));
        let all = self.frame.count * padded;
        // No thread should be idle just to reuse weights.
        let most = all.div_ceil(rayon::current_num_threads());
        let lines = all.div_ceil(jobs).max(least).min(most).max(1);
        self.values
            .values_mut()
            .par_chunks_mut((lines * pitch).max(1))
            .enumerate()
            .for_each(|(job, out)| {
                let first = job * lines;
                let end = first + out.len() / pitch.max(1);
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

    /// Computes the stem's result for one picture, clamped at zero.
    pub(crate) fn begin_with(&mut self, stem: &Stem, picture: &Pixels, margin: usize) {
        let size = stem.output();
        let output = stem.weights().output();
        self.shape((1, size.height, size.width), margin, output);
        let (width, stride, pitch) = (self.frame.width, self.values.stride(), self.pitch());
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
pub(crate) struct Run {
    pub(crate) map: usize,
    pub(crate) lines: Range<usize>,
    /// The offset of the first line's first pixel.
    pub(crate) at: usize,
}

/// Averages 2×2 pixels of `x` into `y`; an odd line or column at the end is dropped. Neither has a
/// margin.
pub(crate) fn average(level: Level, x: &Map, y: &mut Map) {
    let half = halved(x.frame());
    y.shape((half.count, half.height, half.width), 0, x.values.width());
    let pixels = half.width * x.values.stride();
    y.by_lines(|runs, out| {
        for run in runs {
            let first = run.map * half.height;
            let lines = first + run.lines.start..first + run.lines.end;
            let out = &mut out[run.at..][..lines.len() * pixels];
            average_lines(level, x, lines, out);
        }
    });
}

/// The layout of [`average`]'s result.
pub(crate) fn halved(frame: Frame) -> Frame {
    Frame {
        height: frame.height / 2,
        width: frame.width / 2,
        ..frame
    }
}

/// These lines of [`average`]'s result, counted through all maps.
pub(crate) fn average_lines(level: Level, x: &Map, lines: Range<usize>, out: &mut [f32]) {
    assert_eq!(x.frame.margin, 0);
    let half = halved(x.frame());
    let (stride, pitch) = (x.values.stride(), x.pitch());
    let outs = out.chunks_exact_mut((half.width * stride).max(1));
    for (line, out) in lines.zip(outs) {
        let (map, line) = (line / half.height, line % half.height);
        let first = (map * x.frame.height + 2 * line) * pitch;
        let (upper, lower) = x.values.values()[first..first + 2 * pitch].split_at(pitch);
        level.run(Average {
            upper,
            lower,
            stride,
            out,
        });
    }
}

/// Averages two lines of pixels to one of half the length.
struct Average<'a> {
    upper: &'a [f32],
    lower: &'a [f32],
    stride: usize,
    out: &'a mut [f32],
}

impl Vectorised for Average<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let stride = self.stride;
        let upper = self.upper.chunks_exact(2 * stride);
        let pairs = upper.zip(self.lower.chunks_exact(2 * stride));
        for (out, (upper, lower)) in self.out.chunks_exact_mut(stride).zip(pairs) {
            let ((a, b), (c, d)) = (upper.split_at(stride), lower.split_at(stride));
            for ((((out, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                *out = (a + b + c + d) * 0.25;
            }
        }
    }
}
