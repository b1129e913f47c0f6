//! The facts that configuration files add to the shapes.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::clip::error::ModelError;
use crate::clip::spec::activation::Activation;
use crate::clip::spec::{EndOfText, Normalisation, TextAttention};
use crate::clip::tokenizer::clean::Clean;
use crate::core::encoder::{Filter, Fit};

/// A larger file is not a configuration.
const MAX_BYTES: u64 = 1 << 20;

/// The facts that configuration files add to the shapes.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConfigFile {
    pub(super) path: PathBuf,
    pub(super) vision: Tower,
    pub(super) text: Tower,
    /// Where a causal text tower has its feature.
    pub(super) end_of_text: Option<EndOfText>,
    /// What a token of a text sees, if the file says so.
    pub(super) attention: Option<TextAttention>,
    pub(super) pictures: Pictures,
    /// What happens to texts before they are tokenized, if the file says so.
    pub(crate) clean: Option<Clean>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Tower {
    pub(super) heads: Option<usize>,
    pub(super) head_width: Option<usize>,
    pub(super) activation: Option<Activation>,
    pub(super) layer_norm_eps: Option<f64>,
}

/// How pictures are prepared.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pictures {
    pub(super) normalisation: Option<Normalisation>,
    pub(super) fit: Option<Fit>,
    pub(super) filter: Option<Filter>,
    /// Width and height of the square.
    pub(super) size: Option<usize>,
}

impl ConfigFile {
    /// Whether the files say which activation a tower has.
    pub(crate) fn says_activation(&self) -> bool {
        self.vision.activation.is_some() || self.text.activation.is_some()
    }

    /// The error for a value that cannot be used.
    pub(super) fn error(&self, reason: String) -> ModelError {
        let path = self.path.clone();
        ModelError::Config { path, reason }
    }
}

/// Checks mean and deviation, if both are there.
pub(super) fn normalisation(
    config: &ConfigFile,
    mean: Option<[f32; 3]>,
    std: Option<[f32; 3]>,
) -> Result<Option<Normalisation>, ModelError> {
    let (Some(mean), Some(std)) = (mean, std) else {
        return Ok(None);
    };
    let normalisation = Normalisation { mean, std };
    if normalisation.is_sound() {
        Ok(Some(normalisation))
    } else {
        Err(config.error(format!("mean {mean:?} and deviation {std:?} are not valid")))
    }
}

/// Reads a configuration file.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, ModelError> {
    let error = |reason: String| ModelError::Config {
        path: path.to_owned(),
        reason,
    };
    let length = std::fs::metadata(path)
        .map_err(|e| ModelError::io(path, e))?
        .len();
    if length > MAX_BYTES {
        return Err(error("it is too large for a configuration".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|e| ModelError::io(path, e))?;
    serde_json::from_str(&text).map_err(|e| error(e.to_string()))
}
