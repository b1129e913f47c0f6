//! A linear layer in either precision.

use std::ops::Range;

use crate::engine::cpu::matmul::packed::Packed;
use crate::engine::cpu::matmul::product::{Finish, multiply_panels};
use crate::engine::cpu::matmul::quantised::{MAX_INPUT, Quantised};
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::simd::level::Level;

/// The precision of linear layers and convolutions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// In f32.
    Exact,
    /// With weights and activations in 8 bits, where that is faster: scales are per output for
    /// weights, per row or pixel for activations; outliers in a Transformer stay in f32.
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
    /// Packs `weight` `[output, input]`. `None` if the lengths do not match.
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

    /// The length of output rows.
    pub(crate) fn output(&self) -> usize {
        match self {
            Self::Exact(packed) => packed.output(),
            Self::Fast(quantised) => quantised.output(),
        }
    }

    /// Computes `y = x Wᵀ + b`.
    pub(crate) fn forward(&self, x: &Matrix, y: &mut Matrix) {
        y.shape(x.rows(), self.output());
        self.forward_into(x, y, Finish::PLAIN);
    }

    /// Like [`Linear::forward`], into a `y` of the right shape, followed by `finish`.
    pub(crate) fn forward_into(&self, x: &Matrix, y: &mut Matrix, finish: Finish) {
        self.panels(x, 0..self.output(), y, finish);
    }

    /// Like [`Linear::forward`], for only these columns.
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
