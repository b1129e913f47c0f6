//! Why a model cannot be computed.

use std::path::PathBuf;

use crate::clip::ModelError;
use crate::engine::device::DeviceError;
use crate::engine::gpu::GpuError;
use crate::model_store::{Entry, ModelStoreError};

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Neither compiled in, installed, nor a path.
    #[error(
        "there is no model `{name}` here, and no such file; `taglens model list` names those that are"
    )]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// In the catalogue, but not on this machine.
    #[error("the model `{name}` is not installed yet; `taglens model pull {name}` fetches it")]
    NotInstalled {
        /// The catalogue's name.
        name: String,
    },
    /// The checkpoint cannot be used.
    #[error("the model {} cannot be used: {source}", path.display())]
    Model {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: ModelError,
    },
    /// There is no such device.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The starter has no code for candle's other devices.
    #[error(
        "the starter model computes on the CPU and through wgpu only; take `--device cpu` or `--device gpu`, or a CLIP model"
    )]
    StarterDevice,
    /// The graphics device cannot compute it.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// The models folder is not in order.
    #[error(transparent)]
    Store(#[from] ModelStoreError),
}

impl EngineError {
    /// Why a model cannot be had that is not here.
    pub(crate) fn absent(name: &str) -> Self {
        match Entry::find(name) {
            Some(entry) => Self::NotInstalled {
                name: entry.name.into(),
            },
            None => Self::Unknown { name: name.into() },
        }
    }
}
