//! The Vision Transformer, with what a [`VitSpec`] says it has.

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};

use crate::clip::folding;
use crate::clip::folding::patches::patch_layers;
use crate::clip::spec::activation::Activation;
use crate::clip::spec::rotation::Rotation;
use crate::clip::spec::{Pooling, Projection, TransformerSpec, VitSpec};
use crate::clip::tower::block::Transformer;
use crate::clip::tower::layer_norm::LayerNorm;
use crate::clip::tower::linear::{Epilogue, Linear};
use crate::clip::tower::pool::MapPool;

/// The Vision Transformer (Dosovitskiy et al. 2020, <https://arxiv.org/abs/2010.11929>).
#[derive(Clone, Debug)]
pub(crate) struct VisionTransformer {
    /// Convolutions with a stride equal to their size are linear layers on squares of pixels, here of
    /// `[output, kernel²·input]`, with their kernels.
    patches: Vec<(Linear, usize)>,
    class_embedding: Option<Tensor>,
    positional_embedding: Tensor,
    ln_pre: Option<LayerNorm>,
    transformer: Transformer,
    ln_post: LayerNorm,
    pool: Option<MapPool>,
    projection: Option<Tensor>,
    projection_bias: Option<Tensor>,
    /// Pixels along a side that are seen.
    side: usize,
}

impl VisionTransformer {
    /// Reads the tower from below `visual`; its embeddings are `embed_dim` long.
    pub(crate) fn new(config: &VitSpec, embed_dim: usize, vs: VarBuilder) -> Result<Self> {
        let width = config.transformer.width;
        let init = Init::Randn {
            mean: 0.0,
            stdev: (width as f64).powf(-0.5),
        };
        let eps = config.transformer.layer_norm_eps;
        let patches = match config.stem.as_slice() {
            [] => vec![(one_patch_layer(config, init, &vs)?, config.patch_size)],
            kernels => stem(kernels, width, &vs)?,
        };
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
            patches,
            class_embedding: named(config.class_token, "class_embedding")?,
            positional_embedding: positions(config, init, &vs)?,
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
            side: config.patch_size * config.grid,
        })
    }

    /// Converts normalised pictures `[batch, 3, size, size]` to features `[batch, embed_dim]`, not
    /// yet of unit length.
    pub(crate) fn forward(&self, images: &Tensor) -> Result<Tensor> {
        let (batch, _, _, _) = images.dims4()?;
        let mut map = images
            .narrow(2, 0, self.side)?
            .narrow(3, 0, self.side)?
            .permute((0, 2, 3, 1))?;
        for (i, (linear, kernel)) in self.patches.iter().enumerate() {
            let (_, side, _, channels) = map.dims4()?;
            let grid = side / kernel;
            let squares = map
                .reshape((batch, grid, *kernel, grid, kernel * channels))?
                .transpose(2, 3)?
                .reshape((batch, grid, grid, kernel * kernel * channels))?;
            let then = match i + 1 < self.patches.len() {
                true => Epilogue::Activation(Activation::Gelu),
                false => Epilogue::Identity,
            };
            map = linear.forward_with(&squares, then)?;
        }
        let patches = map.flatten(1, 2)?;
        let width = patches.dim(2)?;
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

/// The projection of patches, `conv1`, with the channels innermost.
fn one_patch_layer(config: &VitSpec, init: Init, vs: &VarBuilder) -> Result<Linear> {
    let (patch, width) = (config.patch_size, config.transformer.width);
    let conv = vs.pp("conv1");
    let weight = conv.get_with_hints((width, 3, patch, patch), "weight", init)?;
    let bias = match config.patch_bias {
        true => conv.get_with_hints(width, "bias", init)?,
        false => Tensor::zeros(width, vs.dtype(), vs.device())?,
    };
    let weight = weight.permute((0, 2, 3, 1))?;
    Ok(Linear::new(weight.reshape((width, ()))?, bias))
}

/// The convolutions of a stem, with their batch norms folded in.
fn stem(kernels: &[usize], width: usize, vs: &VarBuilder) -> Result<Vec<(Linear, usize)>> {
    let layers = patch_layers(kernels, width, &folding::in_memory(vs))?;
    let layers = layers.into_iter().zip(kernels).map(|(dense, kernel)| {
        let tensor = |values: Vec<f32>, shape: &[usize]| {
            Tensor::from_vec(values, shape, vs.device())?.to_dtype(vs.dtype())
        };
        let weight = tensor(dense.weight, &[dense.output, dense.input])?;
        let bias = tensor(dense.bias, &[dense.output])?;
        Ok((Linear::new(weight, bias), *kernel))
    });
    layers.collect()
}

/// A position for each token: zeros for a class token that has none.
fn positions(config: &VitSpec, init: Init, vs: &VarBuilder) -> Result<Tensor> {
    let width = config.transformer.width;
    let own = vs.get_with_hints((config.positions(), width), "positional_embedding", init)?;
    match config.tokens() - config.positions() {
        0 => Ok(own),
        before => own.pad_with_zeros(0, before, 0),
    }
}
