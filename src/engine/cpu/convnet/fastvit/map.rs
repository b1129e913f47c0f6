//! Feature maps, and what all layers share.

use candle_core::Error;

use crate::clip::spec::activation::Activation;
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::simd::math::Epilogue;

/// The tower's only non-linearity besides those of a gate.
pub(crate) const GELU: Epilogue = Epilogue::Activation(Activation::Gelu);

/// Square maps of several pictures, channels last.
#[derive(Default)]
pub(crate) struct Map {
    /// A row for each pixel.
    pub(crate) values: Matrix,
    pub(crate) count: usize,
    pub(crate) side: usize,
}

impl Map {
    /// Reshapes, with undefined content.
    pub(crate) fn shape(&mut self, count: usize, side: usize, channels: usize) {
        self.values.shape(count * side * side, channels);
        (self.count, self.side) = (count, side);
    }
}

/// The error for a layer that cannot be packed.
pub(crate) fn unfit(what: &str) -> Error {
    Error::Msg(format!(
        "{what}: the weights do not match, or its kernel is not supported"
    ))
}
