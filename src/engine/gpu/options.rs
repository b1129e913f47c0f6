//! The options of the graphics device.

use std::path::PathBuf;

use crate::engine::gpu::device::faults::Faults;

/// The options of the graphics device.
#[derive(Clone, Debug, Default)]
pub(crate) struct GpuOptions {
    /// The adapter's number, as in `device list`.
    pub(crate) index: usize,
    /// Whether numbers may be stored in 16 bits, if the adapter supports them.
    pub(crate) half: bool,
    /// The file with the best variants of kernels by adapter; without it, they are tried out at every
    /// start.
    pub(crate) variants: Option<PathBuf>,
    /// Faults for tests.
    pub(crate) faults: Faults,
}
