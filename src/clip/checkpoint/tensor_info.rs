//! What a checkpoint says about a tensor without its values.

use candle_core::DType;

/// What a file's header says about a tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TensorInfo {
    /// Its dimensions.
    pub(crate) shape: Vec<usize>,
    /// How its values are stored.
    pub(crate) dtype: DType,
}
