//! A tensor's description in a checkpoint.

use candle_core::DType;

/// A file header's description of a tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TensorInfo {
    /// Its dimensions.
    pub(crate) shape: Vec<usize>,
    /// The type of its values.
    pub(crate) dtype: DType,
}
