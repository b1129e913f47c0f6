//! The text Transformer over raw slices; `clip::tower::text` defines it.
//!
//! With causal attention, texts are packed into rows without padding, and share the rows of a common
//! beginning (`prefix`).

use std::borrow::Cow;

use crate::clip::ModelError;
use crate::clip::spec::TextTransformerSpec;
use crate::clip::token_table::TokenTable;
use crate::engine::cpu::arenas::Arenas;
use crate::engine::cpu::load;
use crate::engine::cpu::load::{Kernels, Tensors};
use crate::engine::cpu::matmul::linear::Linear;
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::transformer::block::{Arena, Transformer};
use crate::engine::cpu::transformer::norm::Norm;
use crate::engine::cpu::transformer::prefix;
use crate::engine::cpu::transformer::prefix::Rows;

/// Rows computed at once, which limits their memory.
const ROWS_AT_ONCE: usize = 1024;

/// The text Transformer, with packed weights.
pub(crate) struct Text {
    spec: TextTransformerSpec,
    /// Looked up, never multiplied, so it is not packed.
    table: TokenTable,
    width: usize,
    positions: Vec<f32>,
    transformer: Transformer,
    ln_final: Norm,
    projection: Linear,
    arenas: Arenas<(Arena, Matrix)>,
}

impl Text {
    /// Reads the tower, whose tensors are at the checkpoint's root.
    pub(crate) fn new(
        kernels: Kernels,
        config: &TextTransformerSpec,
        embed_dim: usize,
        tensors: &Tensors,
    ) -> Result<Self, ModelError> {
        let vs = &tensors.vs;
        let width = config.transformer.width;
        let eps = config.transformer.layer_norm_eps;
        let positional = vs.get((config.context_length, width), "positional_embedding")?;
        let projection = vs.get((width, embed_dim), "text_projection")?;
        let bias = match config.projection_bias {
            true => Some(load::vector(vs, "text_projection_bias", embed_dim)?),
            false => None,
        };
        let size = (config.vocabulary, width);
        Ok(Self {
            spec: config.clone(),
            table: TokenTable::new(tensors.weights(), "token_embedding.weight", size)?,
            width,
            positions: load::values(&positional, <[f32]>::to_vec)?,
            transformer: load::transformer(
                kernels,
                &config.transformer,
                config.is_causal(),
                &tensors.pp("transformer"),
            )?,
            ln_final: load::norm(kernels, width, eps, &vs.pp("ln_final"))?,
            projection: load::pack(
                kernels.exact(),
                &projection.t()?.contiguous()?,
                bias.as_deref(),
            )?,
            arenas: Arenas::default(),
        })
    }

    /// Converts token ids, each list within context and vocabulary, to features in the same order,
    /// not yet of unit length.
    ///
    /// # Errors
    /// If the checkpoint's token embeddings cannot be read.
    pub(crate) fn forward(
        &self,
        ids: &[impl AsRef<[u32]>],
    ) -> std::result::Result<Vec<Vec<f32>>, ModelError> {
        let relevant = ids.iter().map(|ids| self.spec.relevant(ids.as_ref()));
        let mut texts: Vec<(Cow<'_, [u32]>, usize)> = relevant.zip(0..).collect();
        texts.sort_unstable();
        let mut features = vec![Vec::new(); texts.len()];
        self.arenas.with(|(arena, out)| {
            let mut rest = texts.as_slice();
            while !rest.is_empty() {
                let (batch, others) = rest.split_at(self.first_batch(rest));
                self.batch(batch, arena, out)?;
                for (i, (_, place)) in batch.iter().enumerate() {
                    if let Some(slot) = features.get_mut(*place) {
                        *slot = out.row(i).to_vec();
                    }
                }
                rest = others;
            }
            Ok::<_, ModelError>(())
        })?;
        Ok(features)
    }

    fn batch(
        &self,
        texts: &[(Cow<'_, [u32]>, usize)],
        arena: &mut Arena,
        out: &mut Matrix,
    ) -> std::result::Result<(), ModelError> {
        let texts: Vec<&[u32]> = texts.iter().map(|(text, _)| &**text).collect();
        let rows = match self.spec.is_causal() {
            true => Rows::of(&texts),
            false => Rows::apart(&texts, |text| self.spec.feature(text)),
        };
        let width = self.width;
        arena.x.shape(rows.tokens.len(), width);
        for (row, (id, position)) in rows.tokens.iter().enumerate() {
            let x = arena.x.row_mut(row);
            self.table.read(*id, x)?;
            let position = &self.positions[position * width..][..width];
            x.iter_mut().zip(position).for_each(|(x, p)| *x += p);
        }
        self.transformer.forward(&rows.sequences, &rows.ends, arena);
        self.ln_final.in_place(&mut arena.x);
        self.projection.forward(&arena.x, out);
        Ok(())
    }

    /// The number of texts, in order, in the first batch.
    fn first_batch(&self, texts: &[(Cow<'_, [u32]>, usize)]) -> usize {
        match self.spec.is_causal() {
            true => first_batch(texts),
            false => (ROWS_AT_ONCE / self.spec.context_length.max(1)).clamp(1, texts.len().max(1)),
        }
    }
}

/// The number of texts, in order, in the first batch if they share the rows of their beginnings.
fn first_batch(texts: &[(Cow<'_, [u32]>, usize)]) -> usize {
    let mut rows = 0;
    let mut before: &[u32] = &[];
    for (count, (text, _)) in texts.iter().enumerate() {
        rows += text.len() - prefix::shared(before, text);
        // A single text always fits.
        if rows > ROWS_AT_ONCE && count > 0 {
            return count;
        }
        before = text;
    }
    texts.len()
}
