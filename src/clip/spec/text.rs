//! Text towers.

use std::borrow::Cow;

use crate::clip::spec::transformer::TransformerSpec;

/// The context of every CLIP tokenizer, used if the tower has no positions of its own.
const CONTEXT_LENGTH: usize = 77;

/// The text tower's architecture.
#[derive(Clone, Debug, PartialEq)]
pub enum TextSpec {
    /// Transformer.
    Transformer(TextTransformerSpec),
    /// Bag of words.
    Cbow(CbowSpec),
}

/// A text Transformer.
#[derive(Clone, Debug, PartialEq)]
pub struct TextTransformerSpec {
    /// Number of token ids.
    pub vocabulary: usize,
    /// The most tokens a text can have, start and end included.
    pub context_length: usize,
    /// What a token sees, and which one has the feature.
    pub attention: TextAttention,
    /// Whether the projection to the embedding has a bias, `text_projection_bias`.
    pub projection_bias: bool,
    /// The blocks.
    pub transformer: TransformerSpec,
}

/// Which tokens a token of a text sees, and which one has the text's feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextAttention {
    /// Itself and those before it; the feature is at the end of the text.
    Causal(EndOfText),
    /// All of the context, which the text is padded to.
    Full {
        /// The id of padding.
        padding: u32,
        /// Where the feature is; `None` is the last place of the context.
        end: Option<EndOfText>,
    },
}

/// A bag-of-words encoder.
#[derive(Clone, Debug, PartialEq)]
pub struct CbowSpec {
    /// Number of token ids.
    pub vocabulary: usize,
    /// Length of a token's vector.
    pub width: usize,
    /// Whether the projection has a bias.
    pub bias: bool,
}

/// The position of a text's feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndOfText {
    /// At the highest id: the end-of-text token is the last in CLIP's vocabulary.
    Highest,
    /// At the first occurrence of this id.
    Id(u32),
}

impl EndOfText {
    /// The position in `ids`; 0 if there is none, as in the reference implementations.
    pub(crate) fn position(self, ids: &[u32]) -> usize {
        match self {
            Self::Highest => ids
                .iter()
                .enumerate()
                // The first of equals, like argmax.
                .max_by_key(|(i, id)| (**id, std::cmp::Reverse(*i)))
                .map_or(0, |(i, _)| i),
            Self::Id(end) => ids.iter().position(|id| *id == end).unwrap_or(0),
        }
    }

    /// The ids up to and including the end of the text.
    pub(crate) fn up_to(self, ids: &[u32]) -> &[u32] {
        let end = (self.position(ids) + 1).min(ids.len());
        ids.get(..end).unwrap_or(ids)
    }
}

impl TextSpec {
    /// The kind of encoder.
    pub(crate) fn architecture(&self) -> &'static str {
        match self {
            Self::Transformer(_) => "Transformer",
            Self::Cbow(_) => "bag of words",
        }
    }

    /// The most tokens a text can have, start and end included.
    pub(crate) fn context_length(&self) -> usize {
        match self {
            Self::Transformer(c) => c.context_length,
            Self::Cbow(_) => CONTEXT_LENGTH,
        }
    }

    /// Number of token ids.
    pub(crate) fn vocabulary(&self) -> usize {
        match self {
            Self::Transformer(c) => c.vocabulary,
            Self::Cbow(c) => c.vocabulary,
        }
    }
}

impl TextSpec {
    /// Checks that the model can embed these ids.
    ///
    /// # Errors
    /// If there are none, too many, or one is outside the vocabulary.
    pub(crate) fn check_ids(&self, ids: &[u32]) -> Result<(), String> {
        let (context, vocabulary) = (self.context_length(), self.vocabulary());
        if ids.is_empty() || ids.len() > context {
            let count = ids.len();
            return Err(format!("a text of {count} tokens, not 1 to {context}"));
        }
        match ids.iter().find(|id| **id as usize >= vocabulary) {
            Some(id) => Err(format!(
                "token {id} is not one of the model's {vocabulary}: it has another tokenizer"
            )),
            None => Ok(()),
        }
    }

    /// The ids to compute, which are those that affect the feature; in a bag of words, only ids
    /// between start and end count.
    pub(crate) fn relevant<'a>(&self, ids: &'a [u32]) -> Cow<'a, [u32]> {
        match self {
            Self::Transformer(c) => c.relevant(ids),
            Self::Cbow(_) => Cow::Borrowed(CbowSpec::words(ids)),
        }
    }

    /// The place of the feature among the relevant ids of a Transformer.
    pub(crate) fn feature(&self, relevant: &[u32]) -> usize {
        match self {
            Self::Transformer(c) => c.feature(relevant),
            Self::Cbow(_) => 0,
        }
    }
}

impl TextTransformerSpec {
    /// The ids to compute. Nothing after the end of a text affects the feature if attention is
    /// causal; otherwise all do, and so does the padding.
    pub(crate) fn relevant<'a>(&self, ids: &'a [u32]) -> Cow<'a, [u32]> {
        match self.attention {
            TextAttention::Causal(end) => Cow::Borrowed(end.up_to(ids)),
            TextAttention::Full { .. } if ids.len() >= self.context_length => Cow::Borrowed(ids),
            TextAttention::Full { padding, .. } => {
                let mut ids = ids.to_vec();
                ids.resize(self.context_length, padding);
                Cow::Owned(ids)
            }
        }
    }

    /// The place of the feature among the relevant ids.
    pub(crate) fn feature(&self, relevant: &[u32]) -> usize {
        match self.attention {
            TextAttention::Full { end: Some(end), .. } => end.position(relevant),
            TextAttention::Causal(_) | TextAttention::Full { end: None, .. } => {
                relevant.len().saturating_sub(1)
            }
        }
    }

    /// Whether a token sees only those before it.
    pub(crate) fn is_causal(&self) -> bool {
        matches!(self.attention, TextAttention::Causal(_))
    }
}

impl CbowSpec {
    /// The ids between the start and the end of a text. An empty text is represented by its
    /// end-of-text token, so that it has an embedding.
    pub(crate) fn words(ids: &[u32]) -> &[u32] {
        let end = EndOfText::Highest.position(ids);
        match ids.get(1..end) {
            Some(words) if !words.is_empty() => words,
            _ => ids.get(end..=end).unwrap_or(&[]),
        }
    }
}
