//! Errors of a GPU.

use crate::clip::ModelError;

/// Everything that can fail on the way to an embedding; no failure ends the program.
#[derive(Clone, Debug, thiserror::Error)]
pub enum GpuError {
    /// The adapter does not exist.
    #[error(
        "there is no graphics adapter {index} here (found {found}); `taglens device list` lists the adapters, and `--device cpu` always works"
    )]
    NoAdapter {
        /// The requested number.
        index: usize,
        /// The number of adapters.
        found: usize,
    },
    /// The adapter exists, but its driver does not provide a device.
    #[error("{adapter} cannot be opened: {reason}; `--device cpu` always works")]
    Open {
        /// The adapter's name.
        adapter: String,
        /// The driver's reason.
        reason: String,
    },
    /// The device was lost: unplugged, reset, or its driver was restarted.
    #[error("the graphics device was lost: {reason}")]
    Lost {
        /// The driver's reason.
        reason: String,
    },
    /// The device does not have enough memory.
    #[error("the graphics device has no memory for {size_bytes} more bytes")]
    OutOfMemory {
        /// The requested size.
        size_bytes: u64,
    },
    /// The device or its driver reported an error.
    #[error("the graphics device failed: {reason}")]
    Failed {
        /// The message.
        reason: String,
    },
    /// The model's weights do not match its description.
    #[error("the tensor `{name}` cannot be used: {reason}")]
    Weights {
        /// The tensor.
        name: String,
        /// Why.
        reason: String,
    },
    /// No kernel supports the model.
    #[error("this model cannot be computed through wgpu: {reason}; `--device cpu` always works")]
    Unsupported {
        /// The unsupported feature.
        reason: String,
    },
}

impl From<candle_core::Error> for GpuError {
    /// What reading weights through a `VarBuilder` reports.
    fn from(error: candle_core::Error) -> Self {
        Self::Weights {
            name: "visual".to_owned(),
            reason: ModelError::from(error).to_string(),
        }
    }
}

/// The result type of this module.
pub(crate) type Result<T> = std::result::Result<T, GpuError>;
