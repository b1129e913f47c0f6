//! Patches by several convolutions, each with a step of its own size.

use candle_core::{Error, Result};
use candle_nn::VarBuilder;
use rayon::prelude::*;

use crate::clip::folding::patches::patch_layers;
use crate::clip::spec::VitSpec;
use crate::clip::spec::activation::Activation;
use crate::core::encoder::Preprocessing;
use crate::engine::cpu::load::Kernels;
use crate::engine::cpu::matmul::linear::Linear;
use crate::engine::cpu::matmul::product::Finish;
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::simd::level::Level;
use crate::engine::cpu::simd::math::Epilogue;
use crate::engine::cpu::transformer::patches::Patches;

const GELU: Epilogue = Epilogue::Activation(Activation::Gelu);

/// The convolutions behind the first.
pub(crate) struct PatchStem {
    layers: Vec<(Linear, usize)>,
    /// Squares along a side after the first convolution.
    side: usize,
    level: Level,
}

impl PatchStem {
    /// Reads the convolutions; the first one, which starts from the bytes, is apart.
    pub(crate) fn new(
        kernels: Kernels,
        config: &VitSpec,
        preprocessing: &Preprocessing,
        vs: &VarBuilder,
    ) -> Result<(Patches, Self)> {
        let unfit = || Error::Msg("the patches\' weights do not fit".into());
        let layers = patch_layers(&config.stem, config.transformer.width, vs)?;
        let mut layers = layers.iter().zip(&config.stem);
        let (first, kernel) = layers.next().ok_or_else(unfit)?;
        let side = config.grid * config.patch_size / (*kernel).max(1);
        // All are exact: what they see, all later layers see.
        let exact = kernels.exact();
        let (weight, bias) = (&first.weight, Some(first.bias.as_slice()));
        let patches = Patches::new(exact, (side, *kernel), weight, bias, preprocessing)?;
        let packed = layers.map(|(dense, kernel)| {
            let bias = Some(dense.bias.as_slice());
            let Kernels { level, precision } = exact;
            let linear = Linear::new(level, precision, &dense.weight, bias, dense.output);
            Ok((linear.ok_or_else(unfit)?, *kernel))
        });
        let stem = Self {
            layers: packed.collect::<Result<_>>()?,
            side,
            level: kernels.level,
        };
        Ok((patches, stem))
    }

    /// Replaces the first convolution's outputs for `count` pictures by the patches; `squares` is a
    /// buffer.
    pub(crate) fn forward(&self, count: usize, tokens: &mut Matrix, squares: &mut Matrix) {
        let stride = tokens.stride().max(1);
        let rows = tokens.values_mut().par_chunks_mut(stride);
        rows.for_each(|row| GELU.apply(self.level, row));
        let mut side = self.side;
        for (i, (linear, kernel)) in self.layers.iter().enumerate() {
            gather(tokens, (count, side, *kernel), squares);
            side /= (*kernel).max(1);
            tokens.shape(squares.rows(), linear.output());
            let is_last = i + 1 == self.layers.len();
            let finish = if is_last {
                Finish::PLAIN
            } else {
                Finish::then(GELU)
            };
            linear.forward_into(squares, tokens, finish);
        }
    }
}

/// Puts the rows of each square of `kernel`² beside each other, line by line.
fn gather(x: &Matrix, (count, side, kernel): (usize, usize, usize), out: &mut Matrix) {
    let (grid, width) = (side / kernel.max(1), x.width());
    out.shape(count * grid * grid, kernel * kernel * width);
    let stride = out.stride().max(1);
    let rows = out.values_mut().par_chunks_exact_mut(stride);
    rows.enumerate().for_each(|(square, out)| {
        let (image, at) = (square / (grid * grid), square % (grid * grid));
        let (top, left) = (at / grid * kernel, at % grid * kernel);
        let taps = out.chunks_exact_mut(width).take(kernel * kernel);
        for (tap, out) in taps.enumerate() {
            let (y, x_at) = (top + tap / kernel, left + tap % kernel);
            out.copy_from_slice(x.row((image * side + y) * side + x_at));
        }
    });
}
