//! The towers of both sides.

pub(crate) mod attention;
pub(crate) mod block;
pub(crate) mod cbow;
pub(crate) mod convolution;
pub(crate) mod depthwise;
pub(crate) mod fastvit;
pub(crate) mod layer_norm;
pub(crate) mod linear;
pub(crate) mod pool;
pub(crate) mod resnet;
pub(crate) mod text;
pub(crate) mod vit;

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::clip::error::ModelError;
use crate::clip::spec::{ImageSpec, TextSpec};
use crate::clip::token_table::TokenTable;
use crate::clip::tower::cbow::Cbow;
use crate::clip::tower::fastvit::FastVit;
use crate::clip::tower::resnet::ModifiedResNet;
use crate::clip::tower::text::{TextTransformer, Tokens};
use crate::clip::tower::vit::VisionTransformer;
use crate::clip::weights::Weights;

/// One of CLIP's image encoders.
#[derive(Clone, Debug)]
pub(crate) enum ImageTower {
    /// Vision Transformer.
    Vit(VisionTransformer),
    /// ModifiedResNet.
    ResNet(ModifiedResNet),
    /// FastViT.
    FastVit(FastVit),
}

impl ImageTower {
    /// Reads the tower that `config` describes from `vs`, the checkpoint's root.
    pub(crate) fn new(config: &ImageSpec, embed_dim: usize, vs: VarBuilder) -> Result<Self> {
        let vs = vs.pp("visual");
        Ok(match config {
            ImageSpec::Vit(c) => Self::Vit(VisionTransformer::new(c, embed_dim, vs)?),
            ImageSpec::ResNet(c) => Self::ResNet(ModifiedResNet::new(c, embed_dim, vs)?),
            ImageSpec::FastVit(c) => Self::FastVit(FastVit::new(c, embed_dim, vs)?),
            ImageSpec::EfficientNetLite(c) => {
                candle_core::bail!("{} is not computed by candle", c.name())
            }
        })
    }

    /// Converts normalised pictures `[batch, 3, size, size]` to features `[batch, embed_dim]`, not
    /// yet of unit length.
    pub(crate) fn forward(&self, images: &Tensor) -> Result<Tensor> {
        match self {
            Self::Vit(tower) => tower.forward(images),
            Self::ResNet(tower) => tower.forward(images),
            Self::FastVit(tower) => tower.forward(images),
        }
    }
}

/// One of CLIP's text encoders.
#[derive(Clone, Debug)]
pub enum TextTower {
    /// Transformer.
    Transformer(TextTransformer),
    /// Bag of words.
    Cbow(Cbow),
}

impl TextTower {
    /// Reads the tower that `config` describes from `vs`, the checkpoint's root.
    pub fn new(config: &TextSpec, embed_dim: usize, vs: VarBuilder) -> Result<Self> {
        Ok(match config {
            TextSpec::Transformer(c) => {
                let tokens = Tokens::variable(c, &vs)?;
                Self::Transformer(TextTransformer::new(c, embed_dim, tokens, vs)?)
            }
            TextSpec::Cbow(c) => Self::Cbow(Cbow::new(c, embed_dim, vs.pp("cbow"))?),
        })
    }

    /// Like [`TextTower::new`], but does not load the token embeddings of a Transformer: `weights`
    /// supplies their rows.
    pub(crate) fn over(
        config: &TextSpec,
        embed_dim: usize,
        weights: &Weights,
        vs: VarBuilder,
    ) -> std::result::Result<Self, ModelError> {
        Ok(match config {
            TextSpec::Transformer(c) => {
                let size = (c.vocabulary, c.transformer.width);
                let table = TokenTable::new(weights, "token_embedding.weight", size)?;
                let tokens = Tokens::Table(table, vs.dtype());
                Self::Transformer(TextTransformer::new(c, embed_dim, tokens, vs)?)
            }
            TextSpec::Cbow(_) => Self::new(config, embed_dim, vs)?,
        })
    }

    /// Converts token ids, `[SOS] … [EOS]` each, to features `[batch, embed_dim]`, not yet of unit
    /// length.
    pub fn forward(&self, ids: &[impl AsRef<[u32]>]) -> Result<Tensor> {
        match self {
            Self::Transformer(tower) => tower.forward(ids),
            Self::Cbow(tower) => tower.forward(ids),
        }
    }
}
