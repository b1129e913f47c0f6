//! What tells the embeddings of one model from those of another.

use std::path::PathBuf;

use crate::clip;
use crate::clip::starter;
use crate::engine::error::EngineError;
use crate::engine::options::EngineOptions;
use crate::engine::source::STARTER;
use crate::model_store::ModelStore;

/// Which model it is, known without loading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelIdentity {
    /// What it is called in output.
    pub name: String,
    /// Tells its embeddings from those of any other model or way of preprocessing.
    pub fingerprint: [u8; 32],
    /// Prompt templates that labels are set into, other than its own; they change what tags come
    /// out of its embeddings, not these.
    pub(crate) templates: Vec<String>,
}

/// Counted up whenever the same file and model give other embeddings than before: it keeps old and
/// new ones apart in libraries.
const PREPROCESSING_VERSION: u32 = 1;

impl EngineOptions {
    /// Finds out which model is meant.
    ///
    /// # Errors
    /// As [`Engine::open`], as far as can be told without loading the model.
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
        let mut hasher = blake3::Hasher::new();
        hasher.update(&weights);
        hasher.update(&PREPROCESSING_VERSION.to_le_bytes());
        // The person's word on it changes what the same weights compute.
        hasher.update(&[self.quick_gelu.map_or(2, u8::from)]);
        // Fast embeddings are near the exact ones, but not so near that a library should hold both;
        // the starter has no fast way.
        if self.fast && name != STARTER {
            hasher.update(b"fast");
        }
        Ok(ModelIdentity {
            name: name.to_owned(),
            fingerprint: hasher.finalize().into(),
            templates: self.templates.clone(),
        })
    }
}
