//! Errors of opening an engine.

use std::path::PathBuf;

use crate::clip::ModelError;
use crate::engine::device::DeviceError;
use crate::engine::gpu::GpuError;
use crate::model_store::{Entry, ModelStoreError};

/// Why no engine could be opened.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Neither built in, installed, nor a path.
    #[error(
        "there is no model `{name}` here, and no such file; `taglens model list` names those that are"
    )]
    Unknown {
        /// The requested name.
        name: String,
    },
    /// In the catalogue, but not on this machine.
    #[error("the model `{name}` is not installed yet; `taglens model pull {name}` fetches it")]
    NotInstalled {
        /// The name in the catalogue.
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
    /// The device is not available.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The starter does not run on candle's other devices.
    #[error(
        "the starter model computes on the CPU and through wgpu only; take `--device cpu` or `--device gpu`, or a CLIP model"
    )]
    StarterDevice,
    /// The graphics device cannot run it.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// There is a problem with the models folder.
    #[error(transparent)]
    Store(#[from] ModelStoreError),
}

impl EngineError {
    /// The error for a model that is not on this machine.
    pub(crate) fn absent(name: &str) -> Self {
        match Entry::find(name) {
            Some(entry) => Self::NotInstalled {
                name: entry.name.into(),
            },
            None => Self::Unknown { name: name.into() },
        }
    }
}
