//! What a model is made of, in this part's own terms: the caller translates from wherever it has
//! the model from. Tensors have OpenAI's names (<https://github.com/openai/CLIP>, `clip/model.py`).

use crate::core::encoder::Preprocessing;
use crate::engine::gpu::error::{GpuError, Result};
pub use crate::engine::gpu::kernel::activation::Activation;

/// A stack of pre-norm residual attention blocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransformerSpec {
    /// Channels of the residual stream.
    pub width: usize,
    /// Number of blocks.
    pub layers: usize,
    /// Attention heads; they divide the width.
    pub heads: usize,
    /// Channels of the perceptron's hidden layer.
    pub hidden: usize,
    /// The perceptron's non-linearity.
    pub activation: Activation,
    /// Added to the variance in every layer norm.
    pub epsilon: f32,
}

/// A convolution block of an EfficientNet-Lite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiteBlock {
    /// Width and height of the depthwise kernel.
    pub kernel: usize,
    /// Its step.
    pub step: usize,
    /// Channels coming in.
    pub input: usize,
    /// Channels of the depthwise layer; where they equal `input`, nothing expands.
    pub expanded: usize,
    /// Channels going out.
    pub output: usize,
}

/// The image encoder; its tensors lie below `visual.`.
#[derive(Clone, Debug, PartialEq)]
pub enum ImageSpec {
    /// A Vision Transformer.
    Vit {
        /// Width and height of a patch, in pixels.
        patch: usize,
        /// Patches along each side.
        grid: usize,
        /// The blocks.
        transformer: TransformerSpec,
    },
    /// A ModifiedResNet.
    ResNet {
        /// Blocks in each of the stages.
        layers: [usize; 4],
        /// Channels of the stem.
        width: usize,
        /// Positions along each side of the last feature map.
        grid: usize,
        /// Heads of the attention pool.
        heads: usize,
    },
    /// An EfficientNet-Lite whose batch norms are folded in, averaged and projected.
    Lite {
        /// Channels of the 3×3 stem.
        stem: usize,
        /// The blocks in order.
        blocks: Vec<LiteBlock>,
        /// Channels of the head.
        features: usize,
    },
}

/// The text encoder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TextSpec {
    /// A causal Transformer, at the checkpoint's root.
    Transformer {
        /// Number of token ids.
        vocabulary: usize,
        /// The most tokens a text can have.
        context: usize,
        /// The token whose first place the feature is read at; `None` takes the highest id.
        end: Option<u32>,
        /// The blocks.
        transformer: TransformerSpec,
    },
    /// A bag of words, below `cbow.`.
    Cbow {
        /// Number of token ids.
        vocabulary: usize,
        /// Length of a token's vector.
        width: usize,
        /// Whether the projection has a bias.
        bias: bool,
    },
}

/// A whole model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSpec {
    /// Length of the embeddings.
    pub dimension: usize,
    /// What pictures it takes.
    pub preprocessing: Preprocessing,
    /// The image encoder.
    pub image: ImageSpec,
    /// The text encoder.
    pub text: TextSpec,
}

/// Where the weights are read from, as often as a device is opened.
pub trait Weights: Send + Sync {
    /// The tensor `name` in row-major order, widened to f32.
    ///
    /// # Errors
    /// Where there is none, or it has another shape than `shape`.
    fn tensor(&self, name: &str, shape: &[usize]) -> std::result::Result<Vec<f32>, String>;
}

/// From a text to the ids that the text encoder takes.
pub trait Tokenise: Send + Sync {
    /// The ids, start and end of text included, at least one and at most the context's length.
    ///
    /// # Errors
    /// Where the model has another tokenizer.
    fn ids(&self, text: &str) -> std::result::Result<Vec<u32>, String>;
}

impl TextSpec {
    fn vocabulary(&self) -> usize {
        match self {
            Self::Transformer { vocabulary, .. } | Self::Cbow { vocabulary, .. } => *vocabulary,
        }
    }

    /// The ids that matter: attention is causal, so nothing behind the end of a text reaches its
    /// feature; and of a bag of words only what lies between start and end counts.
    pub(crate) fn trim(&self, ids: &[u32]) -> std::result::Result<Vec<u32>, String> {
        let vocabulary = self.vocabulary();
        if let Some(id) = ids.iter().find(|id| **id as usize >= vocabulary) {
            return Err(format!(
                "token {id} is none of the model's {vocabulary}: it has another tokenizer"
            ));
        }
        let end = match self {
            Self::Transformer { end: Some(end), .. } => {
                ids.iter().position(|id| id == end).unwrap_or(0)
            }
            // The first of equals, as argmax has it.
            Self::Transformer { end: None, .. } | Self::Cbow { .. } => {
                let highest = ids.iter().max();
                let position = highest.and_then(|h| ids.iter().position(|id| id == h));
                position.unwrap_or(0)
            }
        };
        let kept = match self {
            Self::Transformer { context, .. } => {
                if ids.is_empty() || ids.len() > *context {
                    let count = ids.len();
                    return Err(format!("a text of {count} tokens, not 1 to {context}"));
                }
                ids.get(..=end)
            }
            Self::Cbow { .. } => match ids.get(1..end) {
                Some(words) if !words.is_empty() => Some(words),
                // An empty text is represented by its end, so that it has an embedding at all.
                _ => ids.get(end..=end),
            },
        };
        match kept {
            Some(kept) if !kept.is_empty() => Ok(kept.to_vec()),
            _ => Err("a text without tokens".to_owned()),
        }
    }
}

impl ImageSpec {
    /// Rows of a picture's sequence, where it has one.
    pub(crate) fn tokens(&self) -> usize {
        match self {
            Self::Vit { grid, .. } | Self::ResNet { grid, .. } => grid * grid + 1,
            Self::Lite { .. } => 1,
        }
    }
}

/// The tensors below a prefix.
#[derive(Clone)]
pub(crate) struct Scope<'a> {
    weights: &'a dyn Weights,
    prefix: String,
}

impl<'a> Scope<'a> {
    pub fn new(weights: &'a dyn Weights) -> Self {
        let prefix = String::new();
        Self { weights, prefix }
    }

    /// The tensors below `name` as well.
    pub fn below(&self, name: impl std::fmt::Display) -> Self {
        let prefix = format!("{}{name}.", self.prefix);
        Self {
            weights: self.weights,
            prefix,
        }
    }

    pub fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let name = format!("{}{name}", self.prefix);
        let wrong = |reason| GpuError::Weights {
            name: name.clone(),
            reason,
        };
        let values = self.weights.tensor(&name, shape).map_err(wrong)?;
        let expected: usize = shape.iter().product();
        if values.len() != expected {
            let reason = format!("it has {} values, not {expected}", values.len());
            return Err(wrong(reason));
        }
        Ok(values)
    }
}
