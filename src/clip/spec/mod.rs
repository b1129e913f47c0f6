//! The description of a CLIP model, used by every engine.
//!
//! A new family of image towers is a variant of [`ImageSpec`], a new family of text towers one of
//! [`TextSpec`]; the compiler then lists the places in the engines that must support it.

pub mod activation;
pub mod efficientnet;
pub(crate) mod fastvit;
mod names;
pub(crate) mod rotation;
pub(crate) mod text;
pub(crate) mod tokens;
mod transformer;
pub(crate) mod vit;

use crate::clip::spec::activation::Activation;
use crate::clip::spec::efficientnet::EfficientNetLiteSpec;
pub(crate) use crate::clip::spec::fastvit::FastVitSpec;
pub use crate::clip::spec::text::{
    CbowSpec, EndOfText, TextAttention, TextSpec, TextTransformerSpec,
};
pub(crate) use crate::clip::spec::tokens::TokensSpec;
pub use crate::clip::spec::transformer::TransformerSpec;
pub(crate) use crate::clip::spec::vit::{Pooling, Projection, VitSpec};
use crate::core::encoder::Preprocessing;

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
    /// How texts become token ids.
    pub(crate) tokens: TokensSpec,
}

/// The image tower's architecture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ImageSpec {
    /// Vision Transformer.
    Vit(VitSpec),
    /// ModifiedResNet.
    ResNet(ResNetSpec),
    /// FastViT: MobileCLIP's.
    FastVit(FastVitSpec),
    /// EfficientNet-Lite with a projection: the starter's.
    EfficientNetLite(EfficientNetLiteSpec),
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

impl ImageSpec {
    /// The length of the sequence of a picture of `size` pixels; 1 without one.
    pub(crate) fn tokens(&self, size: usize) -> usize {
        match self {
            Self::Vit(vit) => vit.tokens(),
            // The mean comes before the positions.
            Self::ResNet(ResNetSpec { grid, .. }) => grid * grid + 1,
            Self::FastVit(net) => net.tokens(size),
            Self::EfficientNetLite(_) => 1,
        }
    }
}

impl Spec {
    /// The length of a picture's sequence; 1 without one.
    pub(crate) fn image_tokens(&self) -> usize {
        self.image.tokens(self.preprocessing.size as usize)
    }

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
