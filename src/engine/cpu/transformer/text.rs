//! The text Transformer over raw slices; `clip::tower::text` defines it.
//!
//! Texts are packed into rows without padding, and share the rows of a common beginning (`prefix`).

use candle_core::Result;

use crate::clip::spec::{EndOfText, TextTransformerSpec};
use crate::engine::cpu::arenas::Arenas;
use crate::engine::cpu::load;
use crate::engine::cpu::load::{Kernels, Tensors};
use crate::engine::cpu::matmul::linear::Linear;
use crate::engine::cpu::memory::{Aligned, Matrix};
use crate::engine::cpu::transformer::block::{Arena, Transformer};
use crate::engine::cpu::transformer::norm::Norm;
use crate::engine::cpu::transformer::prefix;
use crate::engine::cpu::transformer::prefix::Rows;

/// Rows computed at once, which limits their memory.
const ROWS_AT_ONCE: usize = 1024;

/// CLIP's text Transformer, with packed weights.
pub(crate) struct Text {
    /// `[vocabulary, width]`; looked up, never multiplied, so it is not packed.
    token_embedding: Aligned,
    width: usize,
    positions: Vec<f32>,
    transformer: Transformer,
    ln_final: Norm,
    projection: Linear,
    end_of_text: EndOfText,
    arenas: Arenas<(Arena, Matrix)>,
}

impl Text {
    /// Reads the tower, whose tensors are at the checkpoint's root.
    pub(crate) fn new(
        kernels: Kernels,
        config: &TextTransformerSpec,
        embed_dim: usize,
        tensors: &Tensors,
    ) -> Result<Self> {
        let vs = &tensors.vs;
        let width = config.transformer.width;
        let eps = config.transformer.layer_norm_eps;
        let positional = vs.get((config.context_length, width), "positional_embedding")?;
        let projection = vs.get((width, embed_dim), "text_projection")?;
        Ok(Self {
            token_embedding: tensors.table((config.vocabulary, width), "token_embedding.weight")?,
            width,
            positions: load::values(&positional, <[f32]>::to_vec)?,
            transformer: load::transformer(
                kernels,
                &config.transformer,
                true,
                &tensors.pp("transformer"),
            )?,
            ln_final: load::norm(kernels, width, eps, &vs.pp("ln_final"))?,
            projection: load::pack(kernels.exact(), &projection.t()?.contiguous()?, None)?,
            end_of_text: config.end_of_text,
            arenas: Arenas::default(),
        })
    }

    /// Converts token ids, each list within context and vocabulary, to features in the same order,
    /// not yet of unit length.
    pub(crate) fn forward(&self, ids: &[impl AsRef<[u32]>]) -> Vec<Vec<f32>> {
        // Nothing after the end of a text affects its feature.
        let ends = ids.iter().map(|ids| {
            let ids = ids.as_ref();
            &ids[..(self.end_of_text.position(ids) + 1).min(ids.len())]
        });
        let mut texts: Vec<(&[u32], usize)> = ends.zip(0..).collect();
        texts.sort_unstable();
        let mut features = vec![Vec::new(); texts.len()];
        self.arenas.with(|(arena, out)| {
            let mut rest = texts.as_slice();
            while !rest.is_empty() {
                let (batch, others) = rest.split_at(first_batch(rest));
                self.batch(batch, arena, out);
                for (i, (_, place)) in batch.iter().enumerate() {
                    if let Some(slot) = features.get_mut(*place) {
                        *slot = out.row(i).to_vec();
                    }
                }
                rest = others;
            }
        });
        features
    }

    fn batch(&self, texts: &[(&[u32], usize)], arena: &mut Arena, out: &mut Matrix) {
        let texts: Vec<&[u32]> = texts.iter().map(|(text, _)| *text).collect();
        let rows = Rows::of(&texts);
        let width = self.width;
        arena.x.shape(rows.tokens.len(), width);
        let table = self.token_embedding.values();
        for (row, (id, position)) in rows.tokens.iter().enumerate() {
            let token = &table[*id as usize * width..][..width];
            let position = &self.positions[position * width..][..width];
            let sums = token.iter().zip(position).map(|(a, b)| a + b);
            let x = arena.x.row_mut(row).iter_mut();
            x.zip(sums).for_each(|(x, sum)| *x = sum);
        }
        self.transformer.forward(&rows.sequences, &rows.ends, arena);
        self.ln_final.in_place(&mut arena.x);
        self.projection.forward(&arena.x, out);
    }
}

/// The number of texts, in order, in the first batch.
fn first_batch(texts: &[(&[u32], usize)]) -> usize {
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
