//! Means of maps, and gates that are computed from them.

use rayon::prelude::*;

use crate::clip::spec::activation::Activation;
use crate::engine::cpu::convnet::fastvit::map::Map;
use crate::engine::cpu::matmul::linear::Linear;
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::simd::level::{Level, Vectorised};
use crate::engine::cpu::simd::math::{activate, exp};

/// Squeeze-and-excitation (Hu et al. 2017, <https://arxiv.org/abs/1709.01507>), then GELU.
pub(crate) struct Gate {
    pub(crate) reduce: Linear,
    pub(crate) expand: Linear,
}

impl Gate {
    /// Replaces `x`; `buffers` are reused.
    pub(crate) fn forward(&self, level: Level, x: &mut Map, buffers: &mut [Matrix; 2]) {
        let [means, hidden] = buffers;
        self::means(level, x, means);
        self.reduce.forward(means, hidden);
        hidden.values_mut().iter_mut().for_each(|v| *v = v.max(0.0));
        self.expand.forward(hidden, means);
        let gates = &*means;
        let (stride, width) = (x.values.stride(), x.values.width());
        let each = x.side * x.side;
        let lines = x
            .values
            .values_mut()
            .par_chunks_exact_mut((x.side * stride).max(1));
        lines.enumerate().for_each(|(line, pixels)| {
            level.run(Through {
                pixels,
                gate: gates.row(line * x.side / each.max(1)),
                width,
                stride,
            });
        });
    }
}

/// Multiplies pixels by the sigmoid of `gate`, then applies GELU.
struct Through<'a> {
    pixels: &'a mut [f32],
    gate: &'a [f32],
    width: usize,
    stride: usize,
}

impl Vectorised for Through<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let open = self.gate.iter().map(|v| 1.0 / (1.0 + exp::<FMA>(-*v)));
        let open: Vec<f32> = open.collect();
        for pixel in self.pixels.chunks_exact_mut(self.stride) {
            let pixel = &mut pixel[..self.width];
            pixel.iter_mut().zip(&open).for_each(|(v, open)| *v *= open);
            activate::<FMA>(Activation::Gelu, pixel);
        }
    }
}

/// The mean of each map's pixels, in a row each.
pub(crate) fn means(level: Level, x: &Map, out: &mut Matrix) {
    let (stride, width) = (x.values.stride(), x.values.width());
    let each = (x.side * x.side).max(1);
    out.shape(x.count, width);
    let own = out.stride();
    let maps = x.values.values().par_chunks_exact(each * stride);
    let means = out.values_mut().par_chunks_exact_mut(own);
    means.zip(maps).for_each(|(mean, pixels)| {
        level.run(Mean {
            mean: &mut mean[..width],
            pixels,
            stride,
        });
    });
}

struct Mean<'a> {
    mean: &'a mut [f32],
    pixels: &'a [f32],
    stride: usize,
}

impl Vectorised for Mean<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        self.mean.fill(0.0);
        let mut count = 0f32;
        for pixel in self.pixels.chunks_exact(self.stride) {
            self.mean
                .iter_mut()
                .zip(pixel)
                .for_each(|(sum, v)| *sum += v);
            count += 1.0;
        }
        self.mean.iter_mut().for_each(|sum| *sum /= count);
    }
}
