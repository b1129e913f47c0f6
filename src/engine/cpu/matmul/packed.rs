//! Weights in the order in which the kernels read them.

use std::ops::Range;

use rayon::prelude::*;

use crate::engine::cpu::memory::Aligned;
use crate::engine::cpu::simd::level::Level;

/// The most products summed before the result is put by: a panel of so many steps stays in the
/// first-level cache's neighbourhood while it meets one group of rows after the other.
const MAX_DEPTH: usize = 512;

/// Panels packed by one thread at a time.
const PANELS_AT_ONCE: usize = 4;

/// A weight `[output, input]` with its bias, cut into panels of the kernel's columns (outputs),
/// each of which is `[input, columns]`; the last one, which has half of the columns where these
/// suffice, is filled up with zeros.
pub(crate) struct Packed {
    level: Level,
    panels: Aligned,
    bias: Aligned,
    input: usize,
    output: usize,
}

impl Packed {
    /// Packs `weight`, row by row as `[output, input]`; without a bias it is zero.
    ///
    /// `None` where the lengths do not fit one another.
    pub(crate) fn new(
        level: Level,
        weight: &[f32],
        bias: Option<&[f32]>,
        output: usize,
    ) -> Option<Self> {
        if output == 0 || weight.is_empty() || !weight.len().is_multiple_of(output) {
            return None;
        }
        let input = weight.len() / output;
        if bias.is_some_and(|bias| bias.len() != output) {
            return None;
        }
        let columns = level.columns();
        let count = output.div_ceil(columns);
        let length = ((count - 1) * columns + last_columns(level, output)) * input;
        let mut panels = Aligned::zeros(length);
        panels.values_mut()[..length]
            .par_chunks_mut(columns * input * PANELS_AT_ONCE)
            .enumerate()
            .for_each(|(group, panels)| {
                for (i, panel) in panels.chunks_mut(columns * input).enumerate() {
                    let first = (group * PANELS_AT_ONCE + i) * columns;
                    let rows = &weight[first * input..(first + columns).min(output) * input];
                    transpose(rows, input, panel, panel.len() / input);
                }
            });
        let mut padded = Aligned::zeros(count * columns);
        if let Some(bias) = bias {
            padded.values_mut()[..output].copy_from_slice(bias);
        }
        Some(Self {
            level,
            panels,
            bias: padded,
            input,
            output,
        })
    }

    /// The kernels that it is packed for.
    pub(crate) fn level(&self) -> Level {
        self.level
    }

    /// Length of the rows that it takes.
    pub(crate) fn input(&self) -> usize {
        self.input
    }

    /// Length of the rows that it gives.
    pub(crate) fn output(&self) -> usize {
        self.output
    }

    /// How many panels there are.
    pub(crate) fn panels(&self) -> usize {
        self.output.div_ceil(self.level.columns())
    }

    /// How many columns panel `index` has.
    pub(crate) fn columns(&self, index: usize) -> usize {
        if index + 1 < self.panels() {
            self.level.columns()
        } else {
            last_columns(self.level, self.output)
        }
    }

    /// Of panel `index` the steps `steps`: `[steps, columns]`.
    pub(crate) fn panel(&self, index: usize, steps: &Range<usize>) -> &[f32] {
        let columns = self.columns(index);
        let start = index * self.input * self.level.columns() + steps.start * columns;
        &self.panels.values()[start..start + steps.len() * columns]
    }

    /// Panel `index`'s bias, filled up with zeros.
    pub(crate) fn bias(&self, index: usize) -> &[f32] {
        &self.bias.values()[index * self.level.columns()..][..self.columns(index)]
    }

    /// The whole depth in parts as even as can be.
    pub(crate) fn depths(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let input = self.input;
        let parts = input.div_ceil(MAX_DEPTH);
        (0..parts).map(move |part| part * input / parts..(part + 1) * input / parts)
    }
}

/// Columns of the last panel of `output` outputs, which is not zero.
fn last_columns(level: Level, output: usize) -> usize {
    let left = (output - 1) % level.columns() + 1;
    if left <= level.narrow_columns() {
        level.narrow_columns()
    } else {
        level.columns()
    }
}

/// `rows`, `[n, input]` with n up to `columns`, to `[input, columns]`. In blocks, for writing a
/// whole panel for every row would touch every cache line `columns` times.
pub(crate) fn transpose(rows: &[f32], input: usize, panel: &mut [f32], columns: usize) {
    const BLOCK: usize = 32;
    for (block, panel) in panel.chunks_mut(BLOCK * columns).enumerate() {
        for (column, row) in rows.chunks_exact(input).enumerate() {
            let values = &row[block * BLOCK..];
            for (line, value) in panel.chunks_exact_mut(columns).zip(values) {
                line[column] = *value;
            }
        }
    }
}
