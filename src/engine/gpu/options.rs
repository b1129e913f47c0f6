//! Where and how the graphics device computes.

use std::path::PathBuf;

use crate::engine::gpu::device::faults::Faults;

/// Where and how to compute.
#[derive(Clone, Debug, Default)]
pub(crate) struct GpuOptions {
    /// The adapter's number, as `device list` has it.
    pub(crate) index: usize,
    /// Whether 16-bit numbers may be stored, where the adapter has them.
    pub(crate) half: bool,
    /// Where it is written down which tiles suit an adapter; without it, they are tried out with
    /// every start.
    pub(crate) tiles: Option<PathBuf>,
    /// For tests.
    pub(crate) faults: Faults,
}
