//! The Vision Transformer, with what a [`VitSpec`] says it has.

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};

use crate::clip::spec::rotation::Rotation;
use crate::clip::spec::{Pooling, Projection, TransformerSpec, VitSpec};
use crate::clip::tower::block::Transformer;
use crate::clip::tower::layer_norm::LayerNorm;
use crate::clip::tower::pool::MapPool;

/// The Vision Transformer (Dosovitskiy et al. 2020, <https://arxiv.org/abs/2010.11929>).
#[derive(Clone, Debug)]
pub(crate) struct VisionTransformer {
    /// `[width, 3·patch²]`: a convolution with a stride equal to its size is a linear layer on
    /// patches.
    patch_projection: Tensor,
    patch_bias: Option<Tensor>,
    class_embedding: Option<Tensor>,
    positional_embedding: Tensor,
    ln_pre: Option<LayerNorm>,
    transformer: Transformer,
    ln_post: LayerNorm,
    pool: Option<MapPool>,
    projection: Option<Tensor>,
    projection_bias: Option<Tensor>,
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
        let conv = vs.pp("conv1");
        let weight = conv.get_with_hints((width, 3, patch, patch), "weight", init)?;
        let named = |has: bool, name: &str| {
            has.then(|| vs.get_with_hints(width, name, init))
                .transpose()
        };
        let pool = match config.pooling {
            Pooling::Class => None,
            Pooling::Map { heads, mlp_width } => {
                let form = TransformerSpec {
                    heads,
                    mlp_width,
                    layers: 1,
                    ..config.transformer.clone()
                };
                Some(MapPool::new(&form, vs.pp("pool"))?)
            }
        };
        let mut transformer = Transformer::new(&config.transformer, vs.pp("transformer"))?;
        if let Some(Rotation { cos, sin, pairs }) = config.rotation() {
            let size = (config.tokens(), pairs);
            let tensor = |v| Tensor::from_vec(v, size, vs.device())?.to_dtype(vs.dtype());
            transformer.rotate(&tensor(cos)?, &tensor(sin)?);
        }
        Ok(Self {
            patch_projection: weight.reshape((width, 3 * patch * patch))?,
            patch_bias: named(config.patch_bias, "conv1.bias")?,
            class_embedding: named(config.class_token, "class_embedding")?,
            positional_embedding: vs.get_with_hints(
                (config.tokens(), width),
                "positional_embedding",
                init,
            )?,
            ln_pre: match config.pre_norm {
                true => Some(LayerNorm::new(width, eps, vs.pp("ln_pre"))?),
                false => None,
            },
            transformer,
            ln_post: LayerNorm::new(width, eps, vs.pp("ln_post"))?,
            pool,
            projection: match config.projection {
                Projection::Plain | Projection::Biased => {
                    Some(vs.get_with_hints((width, embed_dim), "proj", init)?)
                }
                Projection::None => None,
            },
            projection_bias: match config.projection {
                Projection::Biased => Some(vs.get(embed_dim, "proj_bias")?),
                Projection::Plain | Projection::None => None,
            },
            patch_size: patch,
            grid,
        })
    }

    /// Converts normalised pictures `[batch, 3, size, size]` to features `[batch, embed_dim]`, not
    /// yet of unit length.
    pub(crate) fn forward(&self, images: &Tensor) -> Result<Tensor> {
        let (batch, _, _, _) = images.dims4()?;
        let (grid, patch) = (self.grid, self.patch_size);
        let width = self.patch_projection.dim(0)?;
        let patches = images
            .narrow(2, 0, grid * patch)?
            .narrow(3, 0, grid * patch)?
            .reshape((batch, 3, grid, patch, grid, patch))?
            .permute([0, 2, 4, 1, 3, 5].as_slice())?
            .reshape((batch * grid * grid, 3 * patch * patch))?
            .matmul(&self.patch_projection.t()?)?
            .reshape((batch, grid * grid, width))?;
        let patches = match &self.patch_bias {
            Some(bias) => patches.broadcast_add(bias)?,
            None => patches,
        };
        let tokens = match &self.class_embedding {
            Some(class) => {
                let class = class.reshape((1, 1, width))?.expand((batch, 1, width))?;
                Tensor::cat(&[&class, &patches], 1)?
            }
            None => patches,
        };
        let tokens = tokens.broadcast_add(&self.positional_embedding)?;
        let tokens = match &self.ln_pre {
            Some(norm) => norm.forward(&tokens)?,
            None => tokens,
        };
        let tokens = self.transformer.forward(&tokens, None)?;
        let feature = match &self.pool {
            Some(pool) => pool.forward(&self.ln_post.forward(&tokens)?)?,
            // The norm is per token, so only the class token needs it.
            None => {
                let class = tokens.narrow(1, 0, 1)?.squeeze(1)?;
                self.ln_post.forward(&class)?
            }
        };
        let feature = match &self.projection {
            Some(projection) => feature.matmul(projection)?,
            None => feature,
        };
        match &self.projection_bias {
            Some(bias) => feature.broadcast_add(bias),
            None => Ok(feature),
        }
    }
}
