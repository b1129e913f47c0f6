//! Multihead attention pooling over raw slices; `clip::tower::pool` defines it.

use candle_core::Result;

use crate::clip::spec::TransformerSpec;
use crate::engine::cpu::load;
use crate::engine::cpu::load::{Kernels, Tensors};
use crate::engine::cpu::matmul::linear::Linear;
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::transformer::attention::{Heads, Sequence, attend};
use crate::engine::cpu::transformer::block::{Arena, Rest};

/// One learned query's answer from all tokens, then an MLP.
pub(crate) struct MapPool {
    /// The projected query, the same for every picture.
    query: Vec<f32>,
    in_proj: Linear,
    heads: Heads,
    rest: Rest,
}

impl MapPool {
    /// Reads `probe`, `attn`, `ln` and `mlp`; `form` has its heads and the width of its MLP.
    pub(crate) fn new(kernels: Kernels, form: &TransformerSpec, tensors: &Tensors) -> Result<Self> {
        let (width, count) = (form.width, form.heads);
        if count == 0 || !width.is_multiple_of(count) {
            candle_core::bail!("width {width} does not divide into {count} heads");
        }
        let exact = kernels.exact();
        let weight = tensors.vs.get((3 * width, width), "attn.in_proj_weight")?;
        let bias = load::vector(&tensors.vs, "attn.in_proj_bias", 3 * width)?;
        let in_proj = load::pack(exact, &weight, Some(&bias))?;
        let probe = tensors.vs.get((1, 1, width), "probe")?;
        let (mut row, mut query) = (Matrix::default(), Matrix::default());
        row.shape(1, width);
        load::values(&probe, |probe| row.row_mut(0).copy_from_slice(probe))?;
        in_proj.forward_columns(&row, 0..width, &mut query);
        Ok(Self {
            query: query.row(0)[..width].to_vec(),
            in_proj,
            heads: Heads {
                count,
                width,
                causal: false,
                level: kernels.level,
            },
            // For one row a picture: nothing is gained by fewer bits.
            rest: load::rest(exact, form, "ln", tensors)?,
        })
    }

    /// Replaces the sequences in `arena.x` with one row each.
    pub(crate) fn forward(&self, sequences: &[Sequence], arena: &mut Arena) {
        let width = self.heads.width;
        self.in_proj
            .forward_columns(&arena.x, width..3 * width, &mut arena.qkv);
        arena.chosen.shape(sequences.len(), width);
        for row in 0..sequences.len() {
            arena.chosen.row_mut(row).copy_from_slice(&self.query);
        }
        let asked = |(row, sequence): (usize, &Sequence)| Sequence {
            keys: sequence.keys.clone(),
            queries: row..row + 1,
        };
        let asked: Vec<Sequence> = sequences.iter().enumerate().map(asked).collect();
        let queries = &arena.chosen;
        attend(self.heads, &asked, queries, &arena.qkv, &mut arena.answers);
        // Nothing comes before the answer that it would be added to.
        arena.x.shape(sequences.len(), width);
        arena.x.values_mut().fill(0.0);
        self.rest.forward(arena);
    }
}
