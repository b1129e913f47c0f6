//! A linear layer in the precision that was asked for.

use std::ops::Range;

use crate::engine::cpu::matmul::packed::Packed;
use crate::engine::cpu::matmul::product::{Finish, multiply_panels};
use crate::engine::cpu::matmul::quantised::{MAX_INPUT, Quantised};
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::simd::level::Level;

/// How a linear layer or a convolution computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// In f32.
    Exact,
    /// With weights and activations in 8 bits, where that is faster: weights by output, activations
    /// by row or pixel, and what stands out in a Transformer in f32.
    Fast,
}

/// `x Wᵀ + b`.
pub(crate) enum Linear {
    /// In f32.
    Exact(Packed),
    /// In 8 bits.
    Fast(Quantised),
}

impl Linear {
    /// Packs `weight` `[output, input]`. `None` where the lengths do not fit one another.
    pub(crate) fn new(
        level: Level,
        precision: Precision,
        weight: &[f32],
        bias: Option<&[f32]>,
        output: usize,
    ) -> Option<Self> {
        let fits = weight.len() / output.max(1) <= MAX_INPUT;
        if precision == Precision::Fast && level.gains_by_i8() && fits {
            Quantised::new(level, weight, bias, output).map(Self::Fast)
        } else {
            Packed::new(level, weight, bias, output).map(Self::Exact)
        }
    }

    /// Length of the rows that it gives.
    pub(crate) fn output(&self) -> usize {
        match self {
            Self::Exact(packed) => packed.output(),
            Self::Fast(quantised) => quantised.output(),
        }
    }

    /// `y` becomes `x Wᵀ + b`.
    pub(crate) fn forward(&self, x: &Matrix, y: &mut Matrix) {
        y.shape(x.rows(), self.output());
        self.forward_into(x, y, Finish::PLAIN);
    }

    /// `y`, which has the right shape, is finished as said.
    pub(crate) fn forward_into(&self, x: &Matrix, y: &mut Matrix, finish: Finish) {
        self.panels(x, 0..self.output(), y, finish);
    }

    /// As [`Linear::forward`], but only these columns need be there.
    pub(crate) fn forward_columns(&self, x: &Matrix, columns: Range<usize>, y: &mut Matrix) {
        y.shape(x.rows(), self.output());
        self.panels(x, columns, y, Finish::PLAIN);
    }

    fn panels(&self, x: &Matrix, columns: Range<usize>, y: &mut Matrix, finish: Finish) {
        let panels = |width: usize| columns.start / width..columns.end.div_ceil(width);
        match self {
            Self::Exact(packed) => {
                multiply_panels(x, packed, panels(packed.level().columns()), y, finish);
            }
            Self::Fast(quantised) => {
                let panels = panels(quantised.level().columns_i8());
                quantised.multiply_panels(x, panels, y, finish);
            }
        }
    }
}
