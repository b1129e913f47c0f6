//! CLIP's Vision Transformer: pre-LN before and post-LN after the blocks.

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};

use crate::clip::spec::VitSpec;
use crate::clip::tower::block::Transformer;
use crate::clip::tower::layer_norm::LayerNorm;

/// CLIP's Vision Transformer (Dosovitskiy et al. 2020, <https://arxiv.org/abs/2010.11929>).
#[derive(Clone, Debug)]
pub(crate) struct VisionTransformer {
    /// `[width, 3·patch²]`: a convolution with a stride equal to its size is a linear layer on
    /// patches.
    patch_projection: Tensor,
    class_embedding: Tensor,
    positional_embedding: Tensor,
    ln_pre: LayerNorm,
    transformer: Transformer,
    ln_post: LayerNorm,
    projection: Tensor,
    patch_size: usize,
    grid: usize,
}

impl VisionTransformer {
    /// Reads the tower from below `visual`; its embeddings are `embed_dim` long.
    pub(crate) fn new(config: &VitSpec, embed_dim: usize, vs: VarBuilder) -> Result<Self> {
        let (patch, grid) = (config.patch_size, config.grid);
        let width = config.transformer.width;
        let init = Init::Randn {
            mean: 0.0,
            stdev: (width as f64).powf(-0.5),
        };
        let eps = config.transformer.layer_norm_eps;
        let conv = vs
            .pp("conv1")
            .get_with_hints((width, 3, patch, patch), "weight", init)?;
        Ok(Self {
            patch_projection: conv.reshape((width, 3 * patch * patch))?,
            class_embedding: vs.get_with_hints(width, "class_embedding", init)?,
            positional_embedding: vs.get_with_hints(
                (grid * grid + 1, width),
                "positional_embedding",
                init,
            )?,
            ln_pre: LayerNorm::new(width, eps, vs.pp("ln_pre"))?,
            transformer: Transformer::new(&config.transformer, vs.pp("transformer"))?,
            ln_post: LayerNorm::new(width, eps, vs.pp("ln_post"))?,
            projection: vs.get_with_hints((width, embed_dim), "proj", init)?,
            patch_size: patch,
            grid,
        })
    }

    /// Converts normalised pictures `[batch, 3, size, size]` to features `[batch, embed_dim]`, not
    /// yet of unit length.
    pub(crate) fn forward(&self, images: &Tensor) -> Result<Tensor> {
        let (batch, _, _, _) = images.dims4()?;
        let (grid, patch) = (self.grid, self.patch_size);
        let width = self.class_embedding.dim(0)?;
        let patches = images
            .reshape((batch, 3, grid, patch, grid, patch))?
            .permute([0, 2, 4, 1, 3, 5].as_slice())?
            .reshape((batch * grid * grid, 3 * patch * patch))?
            .matmul(&self.patch_projection.t()?)?
            .reshape((batch, grid * grid, width))?;
        let class = self
            .class_embedding
            .reshape((1, 1, width))?
            .expand((batch, 1, width))?;
        let tokens = Tensor::cat(&[&class, &patches], 1)?;
        let tokens = tokens.broadcast_add(&self.positional_embedding)?;
        let tokens = self.ln_pre.forward(&tokens)?;
        let tokens = self.transformer.forward(&tokens, None)?;
        let class = tokens.narrow(1, 0, 1)?.squeeze(1)?;
        self.ln_post.forward(&class)?.matmul(&self.projection)
    }
}
