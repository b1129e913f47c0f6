//! The tokenizer that a checkpoint brings with it.

use std::path::Path;

use serde::Deserialize;

use crate::clip::checkpoint::config_file::{ConfigFile, read};
use crate::clip::checkpoint::infer::GEMMA_VOCABULARY;
use crate::clip::checkpoint::layout::Layout;
use crate::clip::error::ModelError;
use crate::clip::spec::TokensSpec;
use crate::clip::spec::tokens::FileTokensSpec;
use crate::clip::tokenizer::clean::Clean;

/// The size of CLIP's vocabulary. A model with another one has another tokenizer.
const CLIP_VOCABULARY: usize = 49_408;

/// The relevant part of `tokenizer_config.json`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenizerConfig {
    tokenizer_class: Option<String>,
    do_lower_case: Option<bool>,
    pad_token: Option<Token>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Token {
    Text(String),
    Fields { content: String },
}

/// The tokenizer of a model with this vocabulary: CLIP's own, or that of the files in `folder`.
pub(crate) fn tokens(
    folder: &Path,
    layout: Layout,
    vocabulary: usize,
    config: Option<&ConfigFile>,
) -> Result<TokensSpec, ModelError> {
    if vocabulary == CLIP_VOCABULARY {
        return Ok(TokensSpec::Clip);
    }
    let path = folder.join("tokenizer_config.json");
    let file: TokenizerConfig = match path.is_file() {
        true => read(&path)?,
        false => TokenizerConfig::default(),
    };
    let said = config.and_then(|config| config.clean);
    let clean = match (layout, file.tokenizer_class.as_deref()) {
        // OpenCLIP cleans the same texts whatever the tokenizer.
        (Layout::OpenAi, _) => said.unwrap_or(match config {
            Some(_) => Clean::Repaired,
            None => Clean::RepairedCanonical,
        }),
        (_, Some("SiglipTokenizer" | "SiglipTokenizerFast")) => Clean::Canonical,
        // SigLIP 2 was trained on text in lower case.
        (_, Some("GemmaTokenizer" | "GemmaTokenizerFast" | "Siglip2Tokenizer")) => Clean::Lower,
        (_, Some(_)) => match file.do_lower_case {
            Some(true) => Clean::Lower,
            _ => Clean::Nothing,
        },
        (_, None) if vocabulary == GEMMA_VOCABULARY => Clean::Lower,
        (_, None) => Clean::Canonical,
    };
    Ok(TokensSpec::File(FileTokensSpec {
        path: folder.join("tokenizer.json"),
        clean,
        pad_token: file.pad_token.map(|token| match token {
            Token::Text(text) | Token::Fields { content: text } => text,
        }),
    }))
}
