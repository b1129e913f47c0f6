//! CLIP on any vendor's graphics processor, through wgpu (Vulkan, Metal, DX12).
//!
//! `network` turns a model's towers into a `program`: kernels in order over an arena of buffers
//! that is planned and allocated once. [`GpuModel`] runs batches through it, reopens the device
//! after it was lost, and reports every failure as an error value.
//!
//! Everything on the device is in groups of four numbers, padded with zeros, so one matrix product
//! serves linear layers, convolutions and patches of any width. Sums are in 32 bits whatever the
//! storage.

pub(crate) mod device;
mod error;
mod kernel;
mod loaded;
mod model;
mod network;
mod options;
mod program;
#[cfg(test)]
pub(crate) mod testing;
mod tokens;
mod trace;
mod tune;

pub use device::adapter::{AdapterInfo, AdapterKind, adapters, best_hardware};
pub(crate) use error::GpuError;
pub(crate) use model::GpuModel;
pub(crate) use options::GpuOptions;
pub(crate) use program::profile::KernelTime;
pub(crate) use trace::Trace;
