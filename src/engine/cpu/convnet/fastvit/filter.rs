//! A depthwise convolution of whole maps, on all threads.

use candle_core::Result;
use rayon::prelude::*;

use crate::clip::folding::fastvit;
use crate::engine::cpu::convnet::depthwise::{Depthwise, MAX_KERNEL};
use crate::engine::cpu::convnet::fastvit::map::{Map, unfit};
use crate::engine::cpu::matmul::tile::Bounds;
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::simd::level::Level;
use crate::engine::cpu::simd::math::Epilogue;

/// A convolution with as much padding as half its kernel, and what follows.
pub(crate) struct Filter {
    depthwise: Depthwise,
    input: usize,
    output: usize,
    then: Epilogue,
    level: Level,
}

impl Filter {
    /// Takes folded weights.
    pub(crate) fn new(level: Level, own: &fastvit::Depthwise, then: Epilogue) -> Result<Self> {
        let form = (own.kernel, own.step);
        let depthwise = Depthwise::new(level, form, &own.weight, &own.bias, Bounds::NONE);
        Ok(Self {
            depthwise: depthwise.ok_or_else(|| unfit("a depthwise convolution"))?,
            input: own.input,
            output: own.output,
            then,
            level,
        })
    }

    /// The side of the result.
    pub(crate) fn side(&self, side: usize) -> usize {
        side.div_ceil(self.depthwise.step())
    }

    /// Computes `out` of `x`; `framed` is a buffer.
    pub(crate) fn forward(&self, x: &Map, framed: &mut Matrix, out: &mut Map) {
        let (kernel, step) = (self.depthwise.kernel(), self.depthwise.step());
        let (margin, side) = (kernel / 2, self.side(x.side));
        // Pixels of a line with its margins.
        let pixels = (margin + x.side).max((side.max(1) - 1) * step + kernel);
        self.frame(x, (margin, pixels), framed);
        out.shape(x.count, side, self.output);
        let stride = out.values.stride();
        let pitch = pixels * stride;
        let lines = framed.values();
        let line = |(at, out): (usize, &mut [f32])| {
            let (image, row) = (at / side, at % side);
            let mut seen = [None; MAX_KERNEL];
            for (tap, seen) in seen.iter_mut().enumerate().take(kernel) {
                let above = (row * step + tap).checked_sub(margin);
                let inside = above.filter(|row| *row < x.side);
                *seen = inside.map(|row| &lines[(image * x.side + row) * pitch..][..pitch]);
            }
            self.depthwise.line(&seen[..kernel], out, side, stride);
            self.then.apply(self.level, out);
        };
        let results = out
            .values
            .values_mut()
            .par_chunks_exact_mut((side * stride).max(1));
        results.enumerate().for_each(line);
    }

    /// Copies the lines of `x` into lines of `pixels` pixels, `margin` of them before the first, with
    /// the channels repeated where they have several outputs.
    fn frame(&self, x: &Map, (margin, pixels): (usize, usize), framed: &mut Matrix) {
        framed.shape(x.count * x.side * pixels, self.output);
        let (from, to) = (x.values.stride(), framed.stride());
        let lines = framed
            .values_mut()
            .par_chunks_exact_mut((pixels * to).max(1));
        let sources = x.values.values().par_chunks_exact((x.side * from).max(1));
        lines.zip(sources).for_each(|(line, source)| {
            let (before, rest) = line.split_at_mut(margin * to);
            let (inside, after) = rest.split_at_mut(x.side * to);
            before.fill(0.0);
            after.fill(0.0);
            if self.input == self.output {
                inside.copy_from_slice(source);
                return;
            }
            let pairs = inside.chunks_exact_mut(to).zip(source.chunks_exact(from));
            for (pixel, source) in pairs {
                let source = &source[..self.input];
                for part in pixel[..self.output].chunks_exact_mut(self.input) {
                    part.copy_from_slice(source);
                }
            }
        });
    }
}
