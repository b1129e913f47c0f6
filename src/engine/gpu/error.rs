//! Why a GPU could not compute.

/// Everything that can go wrong on the way to an embedding; none of it ends the program.
#[derive(Clone, Debug, thiserror::Error)]
pub enum GpuError {
    /// There is no such adapter.
    #[error(
        "there is no graphics adapter {index} here (found {found}); `taglens device list` names those that are, and `--device cpu` always works"
    )]
    NoAdapter {
        /// The number that was asked for.
        index: usize,
        /// How many there are.
        found: usize,
    },
    /// The adapter is there, but its driver gives no device.
    #[error("{adapter} cannot be opened: {reason}; `--device cpu` always works")]
    Open {
        /// The adapter's name.
        adapter: String,
        /// What its driver said.
        reason: String,
    },
    /// The device went away: unplugged, reset, or its driver was restarted.
    #[error("the graphics device was lost: {reason}")]
    Lost {
        /// What the driver said.
        reason: String,
    },
    /// The device has not that much memory.
    #[error("the graphics device has no room for {size_bytes} more bytes")]
    OutOfMemory {
        /// What was asked for.
        size_bytes: u64,
    },
    /// The device or its driver refused to do something.
    #[error("the graphics device failed: {reason}")]
    Failed {
        /// What it said.
        reason: String,
    },
    /// The model's weights are not what its description says.
    #[error("the tensor `{name}` cannot be used: {reason}")]
    Weights {
        /// The tensor.
        name: String,
        /// Why.
        reason: String,
    },
    /// The model asks for what no kernel computes.
    #[error("this model cannot be computed through wgpu: {reason}; `--device cpu` always works")]
    Unsupported {
        /// What it asks for.
        reason: String,
    },
}

/// What this part's functions give.
pub(crate) type Result<T> = std::result::Result<T, GpuError>;
