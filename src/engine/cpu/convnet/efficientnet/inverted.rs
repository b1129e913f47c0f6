//! An EfficientNet block: expansion, depthwise convolution and projection in one pass.
//!
//! The expanded pixels have six times as many values as input or output. Only a few lines of them
//! exist at a time, in the second-level cache: they are expanded, convolved and projected, and kept
//! only as long as the next lines need them.

use std::ops::Range;

use crate::core::pixels::Pixels;
use crate::engine::cpu::convnet::depthwise::{Depthwise, MAX_KERNEL};
use crate::engine::cpu::convnet::pointwise;
use crate::engine::cpu::convnet::pointwise::Lines;
use crate::engine::cpu::convnet::size::{Size, padding};
use crate::engine::cpu::convnet::stem::Stem;
use crate::engine::cpu::matmul::packed::Packed;
use crate::engine::cpu::matmul::tile::Bounds;
use crate::engine::cpu::memory::Matrix;

/// Bytes of expanded pixels held at once, in addition to as many as the block has weights, which
/// are read again for every strip.
const STRIP_BYTES: usize = 256 << 10;

/// How to compute the input of the depthwise convolution.
pub(crate) enum Expand {
    /// The first block's: the network's first convolution.
    Stem(Stem),
    /// A 1×1 convolution.
    Pointwise(Packed),
}

/// The input of a block.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// A picture, for a block with the stem.
    Picture(&'a Pixels),
    /// The pixels of one or several maps, one after the other.
    Maps(&'a Matrix),
}

/// An inverted-residual block for maps of one size.
pub(crate) struct Inverted {
    expand: Expand,
    depthwise: Depthwise,
    project: Packed,
    adds: bool,
    /// The size of the expanded map.
    inner: Size,
    outer: Size,
    top: usize,
    left: usize,
    /// Pixels of an expanded line, including margins.
    padded: usize,
    /// Lines of the result computed at once.
    strip: usize,
    /// Whole maps computed at once.
    maps: usize,
}

/// The buffers of one thread.
#[derive(Default)]
pub(crate) struct Work {
    /// Lines of expanded pixels, including margins.
    expanded: Matrix,
    filtered: Matrix,
    samples: Vec<f32>,
    patches: Matrix,
}

impl Inverted {
    /// Creates a block for maps of size `inner` once expanded; `adds` says whether the input is
    /// added to the output.
    pub(crate) fn new(
        expand: Expand,
        depthwise: Depthwise,
        project: Packed,
        adds: bool,
        inner: Size,
    ) -> Self {
        let (kernel, step) = (depthwise.kernel(), depthwise.step());
        let outer = inner.halved_by(step);
        let left = padding(inner.width, outer.width, kernel, step);
        let padded = ((outer.width.max(1) - 1) * step + kernel).max(left + inner.width);
        let mut row = Matrix::default();
        row.shape(0, project.input());
        let line = padded * row.stride() * size_of::<f32>();
        let weights = match &expand {
            Expand::Stem(_) => 0,
            Expand::Pointwise(packed) => packed.input() * packed.output(),
        } + project.input() * project.output();
        let lines = (STRIP_BYTES + weights * size_of::<f32>()) / line.max(1);
        let strip = lines.saturating_sub(kernel - step.min(kernel)) / step;
        let maps = match &expand {
            Expand::Stem(_) => 1,
            Expand::Pointwise(_) => lines / inner.height.max(1),
        };
        Self {
            adds,
            inner,
            outer,
            top: padding(inner.height, outer.height, kernel, step),
            left,
            padded,
            strip: strip.max(1),
            maps: maps.max(1),
            expand,
            depthwise,
            project,
        }
    }

    /// The size of the output maps.
    pub(crate) fn outer(&self) -> Size {
        self.outer
    }

    /// The number of output channels.
    pub(crate) fn output(&self) -> usize {
        self.project.output()
    }

    /// The best number of maps to compute at once.
    pub(crate) fn maps(&self) -> usize {
        self.maps
    }

    /// Computes the lines `lines` of the result for `maps` maps; several maps are always computed
    /// whole. `out` begins with the first of these lines, with pixels `stride` values apart.
    pub(crate) fn forward(
        &self,
        source: Source,
        maps: Range<usize>,
        lines: Range<usize>,
        (out, stride): (&mut [f32], usize),
        work: &mut Work,
    ) {
        let step = if maps.len() > 1 {
            lines.len()
        } else {
            // As evenly as possible.
            lines
                .len()
                .div_ceil(lines.len().div_ceil(self.strip).max(1))
        };
        let most = if maps.len() > 1 {
            self.inner.height
        } else {
            self.inner
                .height
                .min((step.max(1) - 1) * self.depthwise.step() + self.depthwise.kernel())
        };
        work.expanded
            .shape(maps.len() * most * self.padded, self.project.input());
        let mut held = 0..0;
        let mut start = lines.start;
        while start < lines.end {
            let end = (start + step).min(lines.end);
            let seen = self.seen(&(start..end));
            self.expand(source, &maps, &seen, &held, work);
            held = seen;
            self.filter(maps.len(), &(start..end), &held, work);
            let pixels = maps.len() * (end - start) * self.outer.width;
            let out = &mut out[(start - lines.start) * self.outer.width * stride..];
            if self.adds
                && let Source::Maps(x) = source
            {
                let first = (maps.start * self.outer.height + start) * self.outer.width;
                let values = &x.values()[first * stride..][..pixels * stride];
                out[..pixels * stride].copy_from_slice(values);
            }
            let filtered = Lines::dense(pixels, work.filtered.stride());
            pointwise::multiply(
                &self.project,
                0..self.project.panels(),
                (work.filtered.values(), filtered),
                (out, Lines::dense(pixels, stride)),
                self.adds,
                Bounds::NONE,
            );
            start = end;
        }
    }

    /// The expanded lines that these lines of the result need.
    fn seen(&self, lines: &Range<usize>) -> Range<usize> {
        let (kernel, step) = (self.depthwise.kernel(), self.depthwise.step());
        let first = (lines.start * step).saturating_sub(self.top);
        let last = ((lines.end - 1) * step + kernel).saturating_sub(self.top);
        first..last.min(self.inner.height).max(first)
    }

    /// Fills `work.expanded` with the lines `seen` of each map; it has those of `held`.
    fn expand(
        &self,
        source: Source,
        maps: &Range<usize>,
        seen: &Range<usize>,
        held: &Range<usize>,
        work: &mut Work,
    ) {
        let stride = work.expanded.stride();
        let pitch = self.padded * stride;
        let kept = held.end.min(seen.end).saturating_sub(seen.start);
        let expanded = work.expanded.values_mut();
        if kept > 0 {
            let from = (seen.start - held.start) * pitch;
            expanded.copy_within(from..from + kept * pitch, 0);
        }
        let fresh = seen.start + kept..seen.end;
        let lines = maps.len() * fresh.len();
        let expanded = &mut expanded[kept * pitch..][..lines * pitch];
        let (left, right) = (self.left * stride, (self.left + self.inner.width) * stride);
        for line in expanded.chunks_exact_mut(pitch) {
            line[..left].fill(0.0);
            line[right..].fill(0.0);
        }
        let target = Lines {
            count: lines,
            pixels: self.inner.width,
            stride,
            pitch,
        };
        let (packed, (a, a_lines)) = match (&self.expand, source) {
            (Expand::Stem(stem), Source::Picture(picture)) => {
                stem.patches(picture, &fresh, &mut work.samples, &mut work.patches);
                let width = self.inner.width;
                let stride = work.patches.stride();
                let lines = Lines {
                    count: lines,
                    pixels: width,
                    stride,
                    pitch: width * stride,
                };
                (stem.weights(), (work.patches.values(), lines))
            }
            (Expand::Pointwise(packed), Source::Maps(x)) => {
                let (width, stride) = (self.inner.width, x.stride());
                let first = (maps.start * self.inner.height + fresh.start) * width;
                let lines = Lines {
                    count: lines,
                    pixels: width,
                    stride,
                    pitch: width * stride,
                };
                (packed, (&x.values()[first * stride..], lines))
            }
            // Cannot happen: a block with the stem is the first.
            _ => return,
        };
        if lines > 0 {
            let target = (&mut expanded[left..], target);
            pointwise::multiply(
                packed,
                0..packed.panels(),
                (a, a_lines),
                target,
                false,
                Bounds::RELU6,
            );
        }
    }

    /// Applies the depthwise convolution for `lines` to the expanded lines `held`.
    fn filter(&self, maps: usize, lines: &Range<usize>, held: &Range<usize>, work: &mut Work) {
        let (kernel, step) = (self.depthwise.kernel(), self.depthwise.step());
        let width = self.outer.width;
        work.filtered
            .shape(maps * lines.len() * width, self.project.input());
        let stride = work.expanded.stride();
        let pitch = self.padded * stride;
        let expanded = work.expanded.values();
        let results = work.filtered.values_mut().chunks_exact_mut(width * stride);
        let places = (0..maps).flat_map(|map| lines.clone().map(move |line| (map, line)));
        for ((map, line), out) in places.zip(results) {
            let mut seen = [None; MAX_KERNEL];
            for (tap, seen) in seen.iter_mut().enumerate().take(kernel) {
                let above = (line * step + tap).checked_sub(self.top);
                let inside = above.filter(|line| held.contains(line));
                *seen = inside.map(|line| {
                    let at = map * held.len() + line - held.start;
                    &expanded[at * pitch..][..pitch]
                });
            }
            self.depthwise.line(&seen[..kernel], out, width, stride);
        }
    }
}
