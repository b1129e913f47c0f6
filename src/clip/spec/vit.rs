//! Vision Transformers: CLIP's and those since, by what they have and lack.

use crate::clip::spec::transformer::TransformerSpec;

/// A Vision Transformer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VitSpec {
    /// Width and height of a patch, in pixels.
    pub(crate) patch_size: usize,
    /// Patches along each side. What is left of a picture at the right and below is not seen.
    pub(crate) grid: usize,
    /// Whether a class token, `class_embedding`, comes before the patches.
    pub(crate) class_token: bool,
    /// Whether that token has a position, the first.
    pub(crate) class_position: bool,
    /// The kernels of the convolutions that make patches, if they are several; each has a step of its
    /// own size, and all but the last have a batch norm and GELU. Their tensors are below
    /// `patch_stem`.
    pub(crate) stem: Vec<usize>,
    /// Whether the projection of patches has a bias, `conv1.bias`.
    pub(crate) patch_bias: bool,
    /// Whether there is a layer norm before the blocks, `ln_pre`.
    pub(crate) pre_norm: bool,
    /// Whether attention has rotary positions besides the learned ones, see [`VitSpec::rotation`].
    pub(crate) rotary: bool,
    /// The blocks.
    pub(crate) transformer: TransformerSpec,
    /// What the feature is taken from.
    pub(crate) pooling: Pooling,
    /// The step from the feature to the embedding.
    pub(crate) projection: Projection,
}

/// What a picture's feature is taken from, after the layer norm `ln_post`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pooling {
    /// The class token.
    Class,
    /// The answer to one learned query, `pool.probe`, to all tokens, and an MLP ("multihead
    /// attention pooling": Zhai et al. 2022, <https://arxiv.org/abs/2106.04560>).
    Map {
        /// Heads of the attention.
        heads: usize,
        /// Channels of the MLP's hidden layer.
        mlp_width: usize,
    },
}

/// The linear step from a tower's feature to the embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Projection {
    /// The feature is the embedding.
    None,
    /// `proj`, a matrix.
    Plain,
    /// `proj` and `proj_bias`.
    Biased,
}

impl VitSpec {
    /// The length of a picture's sequence.
    pub(crate) fn tokens(&self) -> usize {
        self.patches() + usize::from(self.class_token)
    }

    /// Learned positions: those of the patches, after that of the class token.
    pub(crate) fn positions(&self) -> usize {
        self.patches() + usize::from(self.class_token && self.class_position)
    }

    /// Patches of a picture.
    pub(crate) fn patches(&self) -> usize {
        self.grid * self.grid
    }
}
