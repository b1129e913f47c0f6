//! A model's tokenizer: CLIP's own, or one from a file.

use std::time::Duration;

use crate::clip::spec::{Spec, TextAttention, TextSpec, TokensSpec};
use crate::clip::tokenizer::Tokenizer;
use crate::clip::tokenizer::file::FileTokenizer;

/// A model's tokenizer.
pub(crate) struct ModelTokenizer {
    kind: Kind,
    context: usize,
    pads: bool,
}

enum Kind {
    Clip,
    File(FileTokenizer),
}

impl ModelTokenizer {
    /// The tokenizer that a model is described with.
    pub(crate) fn new(spec: &Spec) -> Self {
        let full = |c: &TextAttention| matches!(c, TextAttention::Full { .. });
        Self {
            kind: match &spec.tokens {
                TokensSpec::Clip => Kind::Clip,
                TokensSpec::File(file) => Kind::File(FileTokenizer::new(file)),
            },
            context: spec.text.context_length(),
            pads: matches!(&spec.text, TextSpec::Transformer(c) if full(&c.attention)),
        }
    }

    /// The token ids of each text, with the special ones that the model expects.
    ///
    /// # Errors
    /// If the tokenizer cannot be read.
    pub(crate) fn token_ids(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, String> {
        match &self.kind {
            Kind::Clip => {
                let ids = |text: &&str| Tokenizer::clip().encode(text, self.context);
                Ok(texts.iter().map(ids).collect())
            }
            Kind::File(tokenizer) => tokenizer.encode(texts, self.context, self.pads),
        }
    }

    /// Drops what takes memory if no text came for `idle`.
    pub(crate) fn release(&self, idle: Duration) {
        if let Kind::File(tokenizer) = &self.kind {
            tokenizer.release(idle);
        }
    }
}
