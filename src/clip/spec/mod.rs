//! The description of a CLIP model, used by every engine.
//!
//! A new family of image towers is a variant of [`ImageSpec`], a new family of text towers one of
//! [`TextSpec`]; the compiler then lists the places in the engines that must support it.

pub mod activation;
pub mod efficientnet;
mod names;

use crate::clip::spec::activation::Activation;
use crate::clip::spec::efficientnet::EfficientNetLiteSpec;
use crate::clip::tokenizer::Tokenizer;
use crate::core::encoder::Preprocessing;

/// The size of CLIP's vocabulary. A model with another size has another tokenizer, for which our
/// ids would mean something else.
const VOCABULARY: usize = 49_408;

/// The context of every CLIP tokenizer, used if the tower has no positions of its own.
const CONTEXT_LENGTH: usize = 77;

/// Everything about a model except its weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// Length of the embeddings.
    pub(crate) embed_dim: usize,
    /// The preprocessing of pictures before the image tower.
    pub preprocessing: Preprocessing,
    /// The image tower; its tensors are below `visual.`.
    pub(crate) image: ImageSpec,
    /// The text tower.
    pub(crate) text: TextSpec,
}

/// The image tower's architecture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ImageSpec {
    /// Vision Transformer.
    Vit(VitSpec),
    /// ModifiedResNet.
    ResNet(ResNetSpec),
    /// EfficientNet-Lite with a projection: the starter's.
    EfficientNetLite(EfficientNetLiteSpec),
}

/// The text tower's architecture.
#[derive(Clone, Debug, PartialEq)]
pub enum TextSpec {
    /// Causal Transformer.
    Transformer(TextTransformerSpec),
    /// Bag of words.
    Cbow(CbowSpec),
}

/// A stack of residual attention blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct TransformerSpec {
    /// Channels of the residual stream.
    pub width: usize,
    /// Number of blocks.
    pub layers: usize,
    /// Attention heads; they divide the width.
    pub heads: usize,
    /// Channels of the MLP's hidden layer.
    pub mlp_width: usize,
    /// The MLP's non-linearity.
    pub activation: Activation,
    /// Added to the variance in every layer norm.
    pub layer_norm_eps: f64,
}

/// A Vision Transformer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VitSpec {
    /// Width and height of a patch, in pixels.
    pub(crate) patch_size: usize,
    /// Patches along each side.
    pub(crate) grid: usize,
    /// The blocks.
    pub(crate) transformer: TransformerSpec,
}

/// A ModifiedResNet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ResNetSpec {
    /// Blocks in each of the four stages.
    pub(crate) layers: [usize; 4],
    /// Channels of the stem; the last stage has 32 times as many.
    pub(crate) width: usize,
    /// Positions along each side of the last feature map.
    pub(crate) grid: usize,
    /// Heads of the attention pool.
    pub(crate) heads: usize,
}

/// A causal text Transformer.
#[derive(Clone, Debug, PartialEq)]
pub struct TextTransformerSpec {
    /// Number of token ids.
    pub vocabulary: usize,
    /// The most tokens a text can have, start and end included.
    pub context_length: usize,
    /// How to find the end of a text.
    pub end_of_text: EndOfText,
    /// The blocks.
    pub transformer: TransformerSpec,
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

/// Mean and deviation by which the pictures' channels (R, G, B, scaled to 0..=1) are normalised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalisation {
    /// Subtracted first.
    pub(crate) mean: [f32; 3],
    /// Divided by.
    pub(crate) std: [f32; 3],
}

impl Normalisation {
    /// Whether its values are usable.
    pub(crate) fn is_sound(&self) -> bool {
        self.mean.iter().all(|m| m.is_finite())
            && self.std.iter().all(|s| s.is_finite() && *s > 0.0)
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
    /// The token ids of each text, including start and end.
    ///
    /// # Errors
    /// If the model does not use CLIP's tokenizer.
    pub(crate) fn token_ids(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, String> {
        let found = self.vocabulary();
        if found != VOCABULARY {
            return Err(format!(
                "the model has a vocabulary of {found}, not CLIP's of {VOCABULARY}"
            ));
        }
        let ids = |text: &&str| Tokenizer::clip().encode(text, self.context_length());
        Ok(texts.iter().map(ids).collect())
    }

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
                "token {id} is none of the model's {vocabulary}: it has another tokenizer"
            )),
            None => Ok(()),
        }
    }

    /// The ids that affect the feature. Attention is causal, so nothing after the end of a text
    /// does; in a bag of words, only ids between start and end count.
    pub(crate) fn relevant<'a>(&self, ids: &'a [u32]) -> &'a [u32] {
        match self {
            Self::Transformer(c) => c.end_of_text.up_to(ids),
            Self::Cbow(_) => CbowSpec::words(ids),
        }
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

impl ImageSpec {
    /// The length of a picture's sequence; 1 without one.
    pub(crate) fn tokens(&self) -> usize {
        match self {
            Self::Vit(VitSpec { grid, .. }) | Self::ResNet(ResNetSpec { grid, .. }) => {
                grid * grid + 1
            }
            Self::EfficientNetLite(_) => 1,
        }
    }
}

impl Spec {
    /// Sets the non-linearity of every Transformer.
    pub(crate) fn set_activation(&mut self, activation: Activation) {
        if let ImageSpec::Vit(c) = &mut self.image {
            c.transformer.activation = activation;
        }
        if let TextSpec::Transformer(c) = &mut self.text {
            c.transformer.activation = activation;
        }
    }
}
