//! From words to embeddings: the tokenizer in front of the text tower.

use crate::clip::tokenizer::Tokenizer;
use crate::core::embedding::Embedding;
use crate::core::encoder::{EncodeError, TextEncoder};
use crate::engine::candle::ClipModel;

/// Entries of CLIP's vocabulary. A model with another has another tokenizer, and the ids of ours
/// would mean something else to it.
pub(crate) const VOCABULARY: usize = 49_408;

impl TextEncoder for ClipModel {
    fn dimension(&self) -> usize {
        self.config().embed_dim
    }

    fn encode_texts(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        let text = &self.config().text;
        if text.vocabulary() != VOCABULARY {
            let found = text.vocabulary();
            return Err(self.error(format!(
                "the model has a vocabulary of {found}, not CLIP's of {VOCABULARY}"
            )));
        }
        let context = text.context_length();
        let tokenizer = Tokenizer::clip();
        let ids: Vec<Vec<u32>> = texts
            .iter()
            .map(|text| tokenizer.encode(text, context))
            .collect();
        self.encode_ids(&ids)
    }
}
