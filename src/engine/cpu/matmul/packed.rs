//! Weights in the order in which the kernels read them.

use std::ops::Range;

use rayon::prelude::*;

use crate::engine::cpu::memory::Aligned;
use crate::engine::cpu::simd::level::Level;

/// The most products summed before the result is stored: a panel of so many steps stays near the
/// first-level cache for all groups of rows.
const MAX_DEPTH: usize = 512;

/// Panels packed by one thread at a time.
const PANELS_AT_ONCE: usize = 4;

/// A weight `[output, input]` with its bias, split into panels of the kernel's columns (outputs),
/// each `[input, columns]`. The last one has half of the columns if these are enough, and is padded
/// with zeros.
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
    /// `None` if the lengths do not match.
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

    /// The level that it is packed for.
    pub(crate) fn level(&self) -> Level {
        self.level
    }

    /// The length of input rows.
    pub(crate) fn input(&self) -> usize {
        self.input
    }

    /// The length of output rows.
    pub(crate) fn output(&self) -> usize {
        self.output
    }

    /// The number of panels.
    pub(crate) fn panels(&self) -> usize {
        self.output.div_ceil(self.level.columns())
    }

    /// The number of columns of panel `index`.
    pub(crate) fn columns(&self, index: usize) -> usize {
        if index + 1 < self.panels() {
            self.level.columns()
        } else {
            last_columns(self.level, self.output)
        }
    }

    /// The steps `steps` of panel `index`: `[steps, columns]`.
    pub(crate) fn panel(&self, index: usize, steps: &Range<usize>) -> &[f32] {
        let columns = self.columns(index);
        let start = index * self.input * self.level.columns() + steps.start * columns;
        &self.panels.values()[start..start + steps.len() * columns]
    }

    /// Panel `index`'s bias, padded with zeros.
    pub(crate) fn bias(&self, index: usize) -> &[f32] {
        &self.bias.values()[index * self.level.columns()..][..self.columns(index)]
    }

    /// The whole depth, split as evenly as possible.
    pub(crate) fn depths(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let input = self.input;
        let parts = input.div_ceil(MAX_DEPTH);
        (0..parts).map(move |part| part * input / parts..(part + 1) * input / parts)
    }
}

/// Columns of the last panel for `output` outputs, which is not zero.
fn last_columns(level: Level, output: usize) -> usize {
    let left = (output - 1) % level.columns() + 1;
    if left <= level.narrow_columns() {
        level.narrow_columns()
    } else {
        level.columns()
    }
}

/// Transposes `rows`, `[n, input]` with n up to `columns`, to `[input, columns]`. In blocks,
/// because writing a whole panel for every row would touch every cache line `columns` times.
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
