//! The stack of residual attention blocks that both Transformers share.

use crate::clip::spec::rotation::Rotation;
use crate::engine::cpu::matmul::linear::Linear;
use crate::engine::cpu::matmul::product::Finish;
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::simd::math::Epilogue;
use crate::engine::cpu::transformer::attention::{Heads, Sequence, attend};
use crate::engine::cpu::transformer::norm::Norm;
use crate::engine::cpu::transformer::rotation::turn;

/// Pre-norm residual block: attention, then a two-layer MLP.
pub(crate) struct Block {
    pub(crate) ln_1: Norm,
    /// Queries, keys and values together.
    pub(crate) in_proj: Linear,
    pub(crate) rest: Rest,
}

/// A block's part after the attention.
pub(crate) struct Rest {
    pub(crate) out_proj: Linear,
    pub(crate) ln_2: Norm,
    pub(crate) c_fc: Linear,
    pub(crate) c_proj: Linear,
    pub(crate) then: Epilogue,
}

/// Buffers that all blocks of a stack share, for one batch after the other.
#[derive(Default)]
pub(crate) struct Arena {
    /// The residual stream, input and output.
    pub(crate) x: Matrix,
    pub(crate) normed: Matrix,
    pub(crate) qkv: Matrix,
    pub(crate) answers: Matrix,
    hidden: Matrix,
    pub(crate) chosen: Matrix,
}

/// A stack of [`Block`]s.
pub(crate) struct Transformer {
    pub(crate) blocks: Vec<Block>,
    pub(crate) heads: Heads,
    /// Rotary positions, which [`Transformer::forward_all`] alone computes.
    pub(crate) rotation: Option<Rotation>,
}

impl Transformer {
    /// Runs the stack on `arena.x`, and leaves the `wanted` rows there, in that order.
    ///
    /// The last block computes only these rows, besides all keys and values.
    pub(crate) fn forward(&self, sequences: &[Sequence], wanted: &[Wanted], arena: &mut Arena) {
        let Some((last, others)) = self.blocks.split_last() else {
            choose(arena, wanted);
            return;
        };
        self.run(others, sequences, arena);
        last.ln_1.forward(&arena.x, &mut arena.normed);
        let mut queries = Matrix::default();
        // Keys and values of all rows, queries of the wanted ones.
        last.in_proj.forward_columns(
            &arena.normed,
            self.heads.width..3 * self.heads.width,
            &mut arena.qkv,
        );
        let normed = std::mem::take(&mut arena.normed);
        arena.chosen.shape(wanted.len(), self.heads.width);
        for (i, wanted) in wanted.iter().enumerate() {
            arena
                .chosen
                .row_mut(i)
                .copy_from_slice(normed.row(wanted.row));
        }
        last.in_proj
            .forward_columns(&arena.chosen, 0..self.heads.width, &mut queries);
        arena.normed = normed;
        let single = |(i, wanted): (usize, &Wanted)| {
            let keys = sequences
                .get(wanted.sequence)
                .map_or(&[][..], |s| s.keys.as_slice());
            Sequence {
                keys: keys.to_vec(),
                queries: i..i + 1,
            }
        };
        let single: Vec<Sequence> = wanted.iter().enumerate().map(single).collect();
        // A wanted row sees its whole sequence: it is the last of a causal one.
        let heads = Heads {
            causal: false,
            ..self.heads
        };
        attend(heads, &single, &queries, &arena.qkv, &mut arena.answers);
        choose(arena, wanted);
        last.rest.forward(arena);
    }

    /// Runs the stack on `arena.x`, for all rows.
    pub(crate) fn forward_all(&self, sequences: &[Sequence], arena: &mut Arena) {
        self.run(&self.blocks, sequences, arena);
    }

    fn run(&self, blocks: &[Block], sequences: &[Sequence], arena: &mut Arena) {
        for block in blocks {
            block.ln_1.forward(&arena.x, &mut arena.normed);
            block.in_proj.forward(&arena.normed, &mut arena.qkv);
            if let Some(rotation) = &self.rotation {
                turn(rotation, self.heads.width, &mut arena.qkv);
            }
            attend(
                self.heads,
                sequences,
                &arena.qkv,
                &arena.qkv,
                &mut arena.answers,
            );
            block.rest.forward(arena);
        }
    }
}

/// A row with a wanted feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The row.
    pub(crate) row: usize,
    /// The sequence whose rows it sees.
    pub(crate) sequence: usize,
}

/// Keeps only the wanted rows of the residual stream.
fn choose(arena: &mut Arena, wanted: &[Wanted]) {
    arena.chosen.shape(wanted.len(), arena.x.width());
    for (i, wanted) in wanted.iter().enumerate() {
        arena
            .chosen
            .row_mut(i)
            .copy_from_slice(arena.x.row(wanted.row));
    }
    std::mem::swap(&mut arena.x, &mut arena.chosen);
}

impl Rest {
    /// Adds to `arena.x` what `arena.answers` and the MLP come to.
    pub(crate) fn forward(&self, arena: &mut Arena) {
        self.out_proj
            .forward_into(&arena.answers, &mut arena.x, Finish::ADD);
        self.ln_2.forward(&arena.x, &mut arena.normed);
        arena.hidden.shape(arena.x.rows(), self.c_fc.output());
        self.c_fc
            .forward_into(&arena.normed, &mut arena.hidden, Finish::then(self.then));
        self.c_proj
            .forward_into(&arena.hidden, &mut arena.x, Finish::ADD);
    }
}
