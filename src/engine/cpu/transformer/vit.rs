//! The Vision Transformer over raw slices; `clip::tower::vit` defines it.

use candle_core::Result;
use candle_nn::VarBuilder;

use crate::clip::spec::{Pooling, Projection, TransformerSpec, VitSpec};
use crate::core::encoder::Preprocessing;
use crate::core::pixels::Pixels;
use crate::engine::cpu::arenas::Arenas;
use crate::engine::cpu::load;
use crate::engine::cpu::load::{Kernels, Tensors};
use crate::engine::cpu::matmul::linear::Linear;
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::transformer::attention::Sequence;
use crate::engine::cpu::transformer::block::{Arena, Transformer, Wanted};
use crate::engine::cpu::transformer::norm::Norm;
use crate::engine::cpu::transformer::patch_stem::PatchStem;
use crate::engine::cpu::transformer::patches::{PatchRows, Patches};
use crate::engine::cpu::transformer::pool::MapPool;

/// Tokens computed at once: sixteen pictures of ViT-B/32. More would only take more memory.
const TOKENS_AT_ONCE: usize = 800;

/// A Vision Transformer, with packed weights.
pub(crate) struct Vit {
    patches: Patches,
    /// What makes larger patches of these.
    stem: Option<PatchStem>,
    /// The class token, including its position, if it has one.
    class: Option<Vec<f32>>,
    /// `[grid², width]`, the patches' positions.
    positions: Vec<f32>,
    ln_pre: Option<Norm>,
    transformer: Transformer,
    ln_post: Norm,
    pool: Option<MapPool>,
    projection: Option<Linear>,
    spec: VitSpec,
    arenas: Arenas<VitArena>,
}

#[derive(Default)]
struct VitArena {
    patches: PatchRows,
    tokens: Matrix,
    arena: Arena,
    out: Matrix,
}

impl Vit {
    /// Reads the tower from below `visual`; its embeddings have length `embed_dim`.
    pub(crate) fn new(
        kernels: Kernels,
        config: &VitSpec,
        embed_dim: usize,
        preprocessing: &Preprocessing,
        tensors: &Tensors,
    ) -> Result<Self> {
        let vs = &tensors.vs;
        let width = config.transformer.width;
        let eps = config.transformer.layer_norm_eps;
        let mut class = match config.class_token {
            true => Some(load::vector(vs, "class_embedding", width)?),
            false => None,
        };
        let positional = vs.get((config.positions(), width), "positional_embedding")?;
        let positions = load::values(&positional, |p| match &mut class {
            Some(class) if config.class_position => {
                class.iter_mut().zip(p).for_each(|(c, p)| *c += p);
                p[width..].to_vec()
            }
            _ => p.to_vec(),
        })?;
        let (patches, stem) = match config.stem.is_empty() {
            true => (patches(kernels, config, preprocessing, vs)?, None),
            false => {
                let (patches, stem) = PatchStem::new(kernels, config, preprocessing, vs)?;
                (patches, Some(stem))
            }
        };
        let exact = kernels.exact();
        let projection = match config.projection {
            Projection::Plain | Projection::Biased => {
                let weight = vs.get((width, embed_dim), "proj")?.t()?.contiguous()?;
                let bias = match config.projection {
                    Projection::Biased => Some(load::vector(vs, "proj_bias", embed_dim)?),
                    Projection::Plain | Projection::None => None,
                };
                Some(load::pack(exact, &weight, bias.as_deref())?)
            }
            Projection::None => None,
        };
        let blocks = &config.transformer;
        let mut transformer =
            load::transformer(kernels, blocks, false, &tensors.pp("transformer"))?;
        transformer.rotation = config.rotation();
        if transformer.rotation.is_some() && config.pooling == Pooling::Class {
            candle_core::bail!("rotary positions with a class token's feature");
        }
        Ok(Self {
            patches,
            stem,
            class,
            positions,
            ln_pre: match config.pre_norm {
                true => Some(load::norm(kernels, width, eps, &vs.pp("ln_pre"))?),
                false => None,
            },
            transformer,
            ln_post: load::norm(kernels, width, eps, &vs.pp("ln_post"))?,
            pool: match &config.pooling {
                Pooling::Class => None,
                Pooling::Map { heads, mlp_width } => {
                    let form = TransformerSpec {
                        heads: *heads,
                        mlp_width: *mlp_width,
                        ..config.transformer.clone()
                    };
                    Some(MapPool::new(kernels, &form, &tensors.pp("pool"))?)
                }
            },
            projection,
            spec: config.clone(),
            arenas: Arenas::default(),
        })
    }

    /// Converts pictures of the model's size to features, not yet of unit length.
    pub(crate) fn forward(&self, images: &[Pixels]) -> Vec<Vec<f32>> {
        let most = (TOKENS_AT_ONCE / self.spec.tokens()).max(1);
        self.arenas
            .in_batches(images, most, |images, arena| self.batch(images, arena))
    }

    fn batch(&self, images: &[Pixels], memory: &mut VitArena) -> Vec<Vec<f32>> {
        let (patches_each, count) = (self.spec.patches(), self.spec.tokens());
        let (before, width) = (count - patches_each, self.spec.transformer.width);
        let VitArena {
            patches,
            tokens,
            arena,
            out,
        } = memory;
        self.patches.forward(images, patches, tokens);
        if let Some(stem) = &self.stem {
            stem.forward(images.len(), tokens, out);
        }
        arena.x.shape(images.len() * count, width);
        for (image, _) in images.iter().enumerate() {
            let first = image * count;
            if let Some(class) = &self.class {
                arena.x.row_mut(first).copy_from_slice(class);
            }
            for (i, position) in self.positions.chunks_exact(width).enumerate() {
                let patch = tokens.row(image * patches_each + i);
                let sums = position.iter().zip(patch).map(|(a, b)| a + b);
                arena
                    .x
                    .row_mut(first + before + i)
                    .iter_mut()
                    .zip(sums)
                    .for_each(|(x, sum)| *x = sum);
            }
        }
        if let Some(norm) = &self.ln_pre {
            norm.in_place(&mut arena.x);
        }
        let sequence = |image: usize| {
            let rows = image * count..(image + 1) * count;
            Sequence {
                keys: rows.clone().map(|row| row as u32).collect(),
                queries: rows,
            }
        };
        let sequences: Vec<Sequence> = (0..images.len()).map(sequence).collect();
        match &self.pool {
            Some(pool) => {
                self.transformer.forward_all(&sequences, arena);
                self.ln_post.in_place(&mut arena.x);
                pool.forward(&sequences, arena);
            }
            None => {
                let class = |sequence: usize| Wanted {
                    row: sequence * count,
                    sequence,
                };
                let wanted: Vec<Wanted> = (0..images.len()).map(class).collect();
                self.transformer.forward(&sequences, &wanted, arena);
                self.ln_post.in_place(&mut arena.x);
            }
        }
        let features = match &self.projection {
            Some(projection) => {
                projection.forward(&arena.x, out);
                out
            }
            None => &mut arena.x,
        };
        (0..images.len())
            .map(|i| features.row(i).to_vec())
            .collect()
    }
}

/// The projection of patches, `conv1`.
fn patches(
    kernels: Kernels,
    config: &VitSpec,
    preprocessing: &Preprocessing,
    vs: &VarBuilder,
) -> Result<Patches> {
    let (patch, width) = (config.patch_size, config.transformer.width);
    // The samples of a patch's line are adjacent in a picture, with red, green and blue interleaved;
    // putting the weights into that order once avoids reordering samples.
    let conv = vs.get((width, 3, patch, patch), "conv1.weight")?;
    let conv = conv.permute((0, 2, 3, 1))?.contiguous()?;
    let conv = conv.reshape((width, 3 * patch * patch))?;
    let bias = match config.patch_bias {
        true => Some(load::vector(vs, "conv1.bias", width)?),
        false => None,
    };
    load::values(&conv, |weight| {
        let form = (config.grid, patch);
        Patches::new(kernels, form, weight, bias.as_deref(), preprocessing)
    })?
}
