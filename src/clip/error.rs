//! Errors of opening a model.

use std::path::PathBuf;

/// Why a checkpoint is not a usable CLIP model. Each message names the file or the tensor.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The system reported an error.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A folder contains no checkpoint.
    #[error("{} holds no checkpoint: expected model.safetensors, open_clip_model.safetensors, pytorch_model.bin, or a single .safetensors, .pt or .bin file", path.display())]
    NoCheckpoint {
        /// The folder.
        path: PathBuf,
    },
    /// The file is damaged or incomplete.
    #[error("{} is damaged, cut off, or not a checkpoint: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A TorchScript program instead of a state dict.
    #[error("{} is a TorchScript archive, which contains a program and is not read: get the safetensors of the same model with `taglens model pull`", path.display())]
    TorchScript {
        /// The file.
        path: PathBuf,
    },
    /// A valid checkpoint of something else.
    #[error("{} is not a CLIP checkpoint: {reason}", path.display())]
    NotClip {
        /// The checkpoint.
        path: PathBuf,
        /// The missing or foreign part.
        reason: String,
    },
    /// A model of a family that has no code here.
    #[error("{} is {kind}, which Taglens does not compute yet", path.display())]
    Unsupported {
        /// The checkpoint.
        path: PathBuf,
        /// The family.
        kind: &'static str,
    },
    /// Parts of different models in one checkpoint.
    #[error("{} mixes parts of different models: {reason}", path.display())]
    Mixed {
        /// The checkpoint.
        path: PathBuf,
        /// The parts.
        reason: String,
    },
    /// A required tensor is missing.
    #[error("tensor `{tensor}` is missing from the checkpoint")]
    Missing {
        /// The tensor's name.
        tensor: String,
    },
    /// A tensor that this architecture does not have: ignoring it would give wrong results.
    #[error("tensor `{tensor}` belongs to a variant of CLIP that Taglens does not support")]
    Unexpected {
        /// The tensor's name.
        tensor: String,
    },
    /// A tensor's shape contradicts the others'.
    #[error("tensor `{tensor}` has shape {found:?}, expected {expected:?}")]
    Shape {
        /// The tensor's name.
        tensor: String,
        /// The shape that the rest of the checkpoint requires.
        expected: Vec<usize>,
        /// The shape in the file.
        found: Vec<usize>,
    },
    /// A tensor's shape or value is not possible in any CLIP.
    #[error("tensor `{tensor}` is unusable: {reason}")]
    Tensor {
        /// The tensor's name.
        tensor: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The configuration file beside the checkpoint cannot be used.
    #[error("{} is unusable: {reason}", path.display())]
    Config {
        /// The configuration file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The tokenizer that the model needs cannot be used.
    #[error("{reason}")]
    Tokenizer {
        /// What is wrong, with the file's name.
        reason: String,
    },
    /// candle or the device failed.
    #[error("loading the model failed: {reason}")]
    Engine {
        /// candle's message.
        reason: String,
    },
}

impl ModelError {
    /// Wraps a system error.
    pub(crate) fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        let path = path.into();
        Self::Io { path, source }
    }

    /// The error for a damaged file.
    pub(crate) fn format(path: impl Into<PathBuf>, reason: impl std::fmt::Display) -> Self {
        let (path, reason) = (path.into(), reason.to_string());
        Self::Format { path, reason }
    }

    /// The error for a tensor with an invalid shape or value.
    pub(crate) fn tensor(tensor: impl Into<String>, reason: impl Into<String>) -> Self {
        let (tensor, reason) = (tensor.into(), reason.into());
        Self::Tensor { tensor, reason }
    }
}

impl From<candle_core::Error> for ModelError {
    /// `weights::Weights` reports missing tensors and wrong shapes through candle's own variants,
    /// because a `VarBuilder` passes on nothing else.
    fn from(error: candle_core::Error) -> Self {
        use candle_core::Error;
        match error {
            Error::WithBacktrace { inner, .. } => (*inner).into(),
            Error::CannotFindTensor { path } => Self::Missing { tensor: path },
            Error::UnexpectedShape { msg, expected, got } => Self::Shape {
                tensor: msg,
                expected: expected.into_dims(),
                found: got.into_dims(),
            },
            other => Self::Engine {
                reason: other.to_string(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candle_errors_keep_the_tensor_name() {
        let missing = candle_core::Error::CannotFindTensor { path: "a.b".into() };
        let text = ModelError::from(missing.bt()).to_string();
        assert_eq!(text, "tensor `a.b` is missing from the checkpoint");
        let shape = candle_core::Error::UnexpectedShape {
            msg: "a.b".into(),
            expected: (2, 3).into(),
            got: 5.into(),
        };
        let text = ModelError::from(shape).to_string();
        assert_eq!(text, "tensor `a.b` has shape [5], expected [2, 3]");
    }
}
