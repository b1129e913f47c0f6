//! How a model's texts become token ids.

use std::path::PathBuf;

use crate::clip::tokenizer::clean::Clean;

/// A model's tokenizer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokensSpec {
    /// CLIP's own, which is built in.
    Clip,
    /// One from a file beside the checkpoint.
    File(FileTokensSpec),
}

/// A tokenizer in the form of Hugging Face's `tokenizers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileTokensSpec {
    /// `tokenizer.json`.
    pub(crate) path: PathBuf,
    /// What happens to a text before.
    pub(crate) clean: Clean,
    /// The token that texts are padded with, if the tokenizer's configuration names it.
    pub(crate) pad_token: Option<String>,
}
