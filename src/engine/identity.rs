//! The identity of a model, which distinguishes its embeddings from those of others.

use std::path::PathBuf;

use crate::clip;
use crate::clip::starter;
use crate::engine::error::EngineError;
use crate::engine::options::EngineOptions;
use crate::engine::source::STARTER;
use crate::model_store::ModelStore;

/// A model's identity, known without loading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelIdentity {
    /// Its name in output.
    pub name: String,
    /// Distinguishes its embeddings from those of any other model or preprocessing.
    pub fingerprint: [u8; 32],
    /// Prompt templates other than the model's own; they affect tags, but not embeddings of photos.
    pub(crate) templates: Vec<String>,
}

/// Increased whenever the same file and model give other embeddings than before, so that libraries
/// keep old and new ones apart.
const PREPROCESSING_VERSION: u32 = 1;

impl EngineOptions {
    /// Determines the identity of the requested model.
    ///
    /// # Errors
    /// As [`Engine::open`], as far as possible without loading the model.
    pub fn identify(&self, store: &ModelStore) -> Result<ModelIdentity, EngineError> {
        let name = self.model.as_str();
        let weights = match () {
            () if name == STARTER => starter::fingerprint(),
            () => {
                let path = match store.contains(name) {
                    true => store.info(name)?.weights(),
                    false => PathBuf::from(name),
                };
                if !path.exists() {
                    return Err(EngineError::absent(name));
                }
                clip::fingerprint(&path).map_err(|source| EngineError::Model { path, source })?
            }
        };
        // The starter has no fast mode.
        let fast = self.fast && name != STARTER;
        Ok(ModelIdentity {
            name: name.to_owned(),
            fingerprint: fingerprint(&weights, self.quick_gelu, fast),
            templates: self.templates.clone(),
        })
    }
}

impl ModelIdentity {
    /// The built-in model's.
    pub(crate) fn starter() -> Self {
        Self {
            name: STARTER.to_owned(),
            fingerprint: fingerprint(&starter::fingerprint(), None, false),
            templates: Vec::new(),
        }
    }

    /// Whether the model's constants were measured on photographs: only the starter's were.
    pub(crate) fn is_measured(&self) -> bool {
        self.name == STARTER
    }
}

fn fingerprint(weights: &[u8; 32], quick_gelu: Option<bool>, fast: bool) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(weights);
    hasher.update(&PREPROCESSING_VERSION.to_le_bytes());
    // The user's choice changes what the same weights compute.
    hasher.update(&[quick_gelu.map_or(2, u8::from)]);
    // Fast embeddings are close to the exact ones, but not close enough for one library to hold
    // both.
    if fast {
        hasher.update(b"fast");
    }
    hasher.finalize().into()
}
