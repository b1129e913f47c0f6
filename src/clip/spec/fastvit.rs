//! FastViT, the image tower of MobileCLIP and MobileCLIP 2.
//!
//! Sources: P. Vasu et al., "FastViT: A Fast Hybrid Vision Transformer using Structural
//! Reparameterization" (2023, <https://arxiv.org/abs/2303.14189>), "MobileCLIP" (2024,
//! <https://arxiv.org/abs/2311.17049>) and timm's `models/fastvit.py`, whose names of tensors these
//! are.
//!
//! In training, a convolution is a sum of branches, each with a batch norm. `clip::folding` makes one
//! convolution of them, and a list of [`Step`](crate::clip::folding::fastvit::Step)s of the tower,
//! which every engine computes.

/// Channels of an attention head.
pub(crate) const HEAD_DEPTH: usize = 32;
/// Added to the variance in the layer norms of the larger towers.
pub(crate) const LAYER_NORM_EPS: f64 = 1e-5;
/// Width and height of the kernel that mixes a block's pixels.
pub(crate) const MIXER_KERNEL: usize = 3;
/// Width and height of the kernel before a block's MLP.
pub(crate) const MLP_KERNEL: usize = 7;

/// A FastViT with a projection of its mean feature.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FastVitSpec {
    /// The stages, the largest maps first.
    pub(crate) stages: Vec<FastVitStage>,
    /// Channels after the last convolution.
    pub(crate) features: usize,
    /// Hidden channels of the squeeze-and-excitation after that convolution.
    pub(crate) squeezed: usize,
}

/// Blocks on maps of one size.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FastVitStage {
    /// Channels.
    pub(crate) width: usize,
    /// Channels of an MLP's hidden layer.
    pub(crate) hidden: usize,
    /// Number of blocks.
    pub(crate) blocks: usize,
    /// What mixes pixels in a block.
    pub(crate) mixer: Mixer,
    /// The step from the maps of the stage before, of twice the size.
    pub(crate) halving: Option<Halving>,
    /// Width and height of the kernel that adds positions before the blocks, if there is one.
    pub(crate) positions: Option<usize>,
}

/// What mixes pixels in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mixer {
    /// A convolution.
    Convolution,
    /// Attention after a batch norm.
    BatchNormAttention,
    /// Attention after a norm of each pixel's channels.
    LayerNormAttention,
}

/// A convolution with a step of 2 for each channel, and a linear layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Halving {
    /// Width and height of the convolution's kernel.
    pub(crate) kernel: usize,
    /// Hidden channels of the squeeze-and-excitation between both, if there is one.
    pub(crate) squeezed: Option<usize>,
}

impl FastVitSpec {
    /// Channels of the first maps.
    pub(crate) fn stem(&self) -> usize {
        self.stages.first().map_or(0, |stage| stage.width)
    }

    /// The most pixels that attend to each other in a picture of `size` pixels; 1 if none do.
    pub(crate) fn tokens(&self, size: usize) -> usize {
        // The stem has two steps of 2.
        let mut side = size.div_ceil(2).div_ceil(2);
        for stage in &self.stages {
            if stage.halving.is_some() {
                side = side.div_ceil(2);
            }
            if stage.mixer != Mixer::Convolution {
                return side * side;
            }
        }
        1
    }

    /// The name of the published tower, as timm has it.
    pub(crate) fn name(&self) -> String {
        let blocks: Vec<usize> = self.stages.iter().map(|stage| stage.blocks).collect();
        let published = match (self.stem(), blocks.as_slice()) {
            (64, [2, 6, 10, 2]) => Some(0),
            (64, [4, 12, 20, 4]) => Some(1),
            (80, [4, 12, 24, 4]) => Some(2),
            (96, [2, 12, 24, 4, 2]) => Some(3),
            (128, [2, 12, 24, 4, 4]) => Some(4),
            _ => None,
        };
        match published {
            Some(number) => format!("MCi{number}"),
            None => format!("FastViT-{blocks:?}x{}", self.stem()),
        }
    }
}
