//! The source of a model: built in, installed, or a path.

use std::path::PathBuf;

use crate::clip::starter;
use crate::clip::{Model, ModelError, ReadOptions};
use crate::engine::error::EngineError;
use crate::engine::options::EngineOptions;
use crate::model_store::ModelStore;

/// The name of the built-in model.
pub(crate) const STARTER: &str = "starter";

/// A model, and where its weights are.
#[derive(Clone)]
pub(crate) enum ModelSource {
    /// The built-in one.
    Starter,
    /// A checkpoint.
    Checkpoint {
        /// Its name in output.
        name: String,
        /// File or folder.
        path: PathBuf,
        /// How to read it.
        read: ReadOptions,
    },
}

impl ModelSource {
    /// Finds the model of this name.
    pub(crate) fn find(
        name: &str,
        options: &EngineOptions,
        store: &ModelStore,
    ) -> Result<Self, EngineError> {
        if name == STARTER {
            return Ok(Self::Starter);
        }
        if store.contains(name) {
            let installed = store.info(name)?;
            return Ok(Self::Checkpoint {
                name: installed.manifest.name.clone(),
                path: installed.weights(),
                read: options.read(Some(&installed.manifest)),
            });
        }
        let path = PathBuf::from(name);
        if path.exists() {
            return Ok(Self::Checkpoint {
                name: name.into(),
                path,
                read: options.read(None),
            });
        }
        Err(EngineError::absent(name))
    }

    fn path(&self) -> PathBuf {
        match self {
            Self::Starter => STARTER.into(),
            Self::Checkpoint { path, .. } => path.clone(),
        }
    }

    /// Reads the model, without an engine.
    ///
    /// # Errors
    /// If it is not supported.
    pub(crate) fn model(&self) -> Result<Model, EngineError> {
        let model = match self {
            Self::Starter => starter::model(),
            Self::Checkpoint { path, read, .. } => Model::open(path, read),
        };
        model.map_err(|source| self.unusable(source))
    }

    /// The model's name in output.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Starter => STARTER,
            Self::Checkpoint { name, .. } => name,
        }
    }

    /// The error for a model that cannot be used.
    pub(crate) fn unusable(&self, source: ModelError) -> EngineError {
        let path = self.path();
        EngineError::Model { path, source }
    }
}
