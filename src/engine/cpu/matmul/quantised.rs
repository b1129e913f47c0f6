//! 8-bit weights with one scale per output, and the product of rows with them.

use std::ops::Range;

use rayon::prelude::*;

use crate::engine::cpu::arenas::Arenas;
use crate::engine::cpu::matmul::product::{Finish, jobs, row_groups};
use crate::engine::cpu::matmul::quantised_rows::QuantisedRows;
use crate::engine::cpu::matmul::tile::MAX_COLUMNS;
use crate::engine::cpu::matmul::tile_i8;
use crate::engine::cpu::matmul::tile_i8::{Columns, GROUP, MAX_ROWS, Tile};
use crate::engine::cpu::memory::{Aligned, Matrix, Shared};
use crate::engine::cpu::simd::level::Level;
use crate::engine::cpu::simd::math::Epilogue;

/// The greatest length of rows: sums of their products fit into 31 bits.
pub(crate) const MAX_INPUT: usize = 1 << 15;

/// The largest weight; the smallest is its negative.
const MOST: f32 = 127.0;

/// A weight `[output, input]` in 8 bits with its bias in f32.
pub(crate) struct Quantised {
    level: Level,
    /// Panels `[groups of four inputs, columns, 4]`.
    panels: Aligned,
    /// Three numbers per column, panel by panel: scale, bias, and the sum of its weights.
    scales: Vec<f32>,
    bias: Vec<f32>,
    sums: Vec<i32>,
    input: usize,
    output: usize,
}

impl Quantised {
    /// Rounds and packs `weight`, row by row as `[output, input]`; without a bias it is zero.
    ///
    /// `None` if the lengths do not match or the rows are too long.
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
        if input > MAX_INPUT || bias.is_some_and(|bias| bias.len() != output) {
            return None;
        }
        let columns = level.columns_i8();
        let steps = input.div_ceil(GROUP);
        let padded = output.div_ceil(columns) * columns;
        let mut panels = Aligned::zeros(padded * steps);
        let mut own_bias = vec![0f32; padded];
        if let Some(bias) = bias {
            own_bias[..output].copy_from_slice(bias);
        }
        let (mut scales, mut sums) = (vec![0f32; padded], vec![0i32; padded]);
        panels.cast_mut::<i8>()[..padded * steps * GROUP]
            .par_chunks_exact_mut(columns * steps * GROUP)
            .zip(scales.par_chunks_exact_mut(columns))
            .zip(sums.par_chunks_exact_mut(columns))
            .enumerate()
            .for_each(|(index, ((panel, scales), sums))| {
                let rows = weight[index * columns * input..]
                    .chunks_exact(input)
                    .take(columns);
                for (column, row) in rows.enumerate() {
                    let largest = row.iter().fold(0f32, |m, v| m.max(v.abs()));
                    let scale = largest / MOST;
                    let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
                    let mut sum = 0;
                    for (step, group) in row.chunks(GROUP).enumerate() {
                        let at = (step * columns + column) * GROUP;
                        for (slot, v) in panel[at..at + GROUP].iter_mut().zip(group) {
                            // Saturates, and NaN becomes 0: see below.
                            *slot = (v * inverse).round() as i8;
                            sum += i32::from(*slot);
                        }
                    }
                    // A value that is not finite must be noticed, but 8 bits would lose it.
                    let sound = row.iter().all(|v| v.is_finite());
                    scales[column] = if sound { scale } else { f32::NAN };
                    sums[column] = sum;
                }
            });
        Some(Self {
            level,
            panels,
            scales,
            bias: own_bias,
            sums,
            input,
            output,
        })
    }

    /// Adds to the biases what the rounding of `weight`, its source, loses for rows like `mean`.
    pub(crate) fn make_up_for(&mut self, weight: &[f32], mean: &[f32]) {
        let rest = self.rest(weight);
        let rows = rest.chunks_exact(self.input);
        for (bias, row) in self.bias.iter_mut().zip(rows) {
            *bias += row.iter().zip(mean).map(|(r, m)| r * m).sum::<f32>();
        }
    }

    /// What the rounding of `weight`, its source, loses.
    pub(crate) fn rest(&self, weight: &[f32]) -> Vec<f32> {
        let columns = self.level.columns_i8();
        let mut rest = weight.to_vec();
        let rows = rest.par_chunks_exact_mut(self.input).enumerate();
        rows.for_each(|(output, row)| {
            let (index, column) = (output / columns, output % columns);
            let (scale, panel) = (self.scales[output], self.panel(index));
            for (step, values) in row.chunks_mut(GROUP).enumerate() {
                let bytes: [i8; GROUP] = bytemuck::cast(panel[step * columns + column]);
                let pairs = values.iter_mut().zip(bytes);
                pairs.for_each(|(value, byte)| *value -= f32::from(byte) * scale);
            }
        });
        rest
    }

    /// The level that it is packed for.
    pub(crate) fn level(&self) -> Level {
        self.level
    }

    /// The length of output rows.
    pub(crate) fn output(&self) -> usize {
        self.output
    }

    /// The number of panels.
    pub(crate) fn panels(&self) -> usize {
        self.output.div_ceil(self.level.columns_i8())
    }

    /// Scales and biases of panel `index`'s columns.
    pub(crate) fn columns(&self, index: usize) -> (&[f32], &[f32]) {
        let columns = self.level.columns_i8();
        let own = index * columns..(index + 1) * columns;
        (&self.scales[own.clone()], &self.bias[own])
    }

    /// Panel `index`: `[steps, columns]` groups of four.
    pub(crate) fn panel(&self, index: usize) -> &[i32] {
        let length = self.input.div_ceil(GROUP) * self.level.columns_i8();
        &self.panels.cast::<i32>()[index * length..][..length]
    }

    /// Computes `a Wᵀ + b` into `c`, only for the columns of `panels`; they keep their places in
    /// `c`.
    pub(crate) fn multiply_panels(
        &self,
        a: &Matrix,
        panels: Range<usize>,
        c: &mut Matrix,
        finish: Finish,
    ) {
        static ROWS: Arenas<QuantisedRows> = Arenas::new();
        ROWS.with(|rows| {
            rows.quantise(self.level, a);
            self.multiply_rows(rows, panels, c, finish);
        });
    }

    /// Like [`Quantised::multiply_panels`], for rows of bytes.
    pub(crate) fn multiply_rows(
        &self,
        rows: &QuantisedRows,
        panels: Range<usize>,
        c: &mut Matrix,
        finish: Finish,
    ) {
        assert_eq!(rows.width(), self.input);
        assert_eq!((c.rows(), c.width()), (rows.rows(), self.output));
        assert!(panels.end <= self.panels());
        if rows.rows() == 0 || panels.is_empty() {
            return;
        }
        let shared = Shared::new(c);
        jobs(rows.rows(), &panels)
            .into_par_iter()
            .for_each(|(block, panels)| {
                for index in panels {
                    for group in row_groups(&block, self.level.rows_i8()) {
                        self.tile(rows, group, index, &shared, finish);
                    }
                }
            });
    }

    fn tile(
        &self,
        rows: &QuantisedRows,
        group: Range<usize>,
        index: usize,
        c: &Shared,
        finish: Finish,
    ) {
        let columns = self.level.columns_i8();
        let steps = self.input.div_ceil(GROUP);
        let panel = self.panel(index);
        let left = &rows.bytes()
            [group.start * rows.stride()..(group.end - 1) * rows.stride() + steps * GROUP];
        let width = columns.min(self.output - index * columns);
        let target = c.block(group.start, index * columns, group.len(), width);
        let own = index * columns..(index + 1) * columns;
        let mut tile = Tile {
            a: left.as_ptr(),
            a_stride: rows.stride(),
            rows: &rows.scales()[group.clone()],
            b: panel.as_ptr(),
            steps,
            columns: Columns {
                scales: self.scales[own.clone()].as_ptr(),
                bias: self.bias[own.clone()].as_ptr(),
                sums: self.sums[own].as_ptr(),
            },
            c: target,
            c_stride: c.stride,
            add: finish.add,
        };
        if width == columns && finish.then == Epilogue::Nothing {
            // SAFETY: `left` has the group's rows, `panel` all steps, which have all channels of the
            // rows, and the target has all columns.
            unsafe { tile_i8::multiply(self.level, group.len(), &tile) };
            return;
        }
        // Every block of rows and columns of the result belongs to one job, and `block` has checked
        // `width` values of each row.
        let row = |row: usize| {
            // SAFETY: as above.
            unsafe { std::slice::from_raw_parts_mut(target.add(row * c.stride), width) }
        };
        let mut buffer = [0f32; MAX_ROWS * MAX_COLUMNS];
        let values = &mut buffer[..group.len() * columns];
        (tile.c, tile.c_stride) = (values.as_mut_ptr(), columns);
        if finish.add {
            let parts = values.chunks_exact_mut(columns).enumerate();
            parts.for_each(|(i, part)| part[..width].copy_from_slice(row(i)));
        }
        // SAFETY: as above, and the buffer has all columns.
        unsafe { tile_i8::multiply(self.level, group.len(), &tile) };
        if finish.then != Epilogue::Nothing {
            finish.then.apply(self.level, values);
        }
        let parts = values.chunks_exact(columns).enumerate();
        parts.for_each(|(i, part)| row(i).copy_from_slice(&part[..width]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::spec::activation::Activation;
    use crate::engine::cpu::testing::{matrix, numbers};

    /// The distance to the exact product, relative to the exact one's size.
    fn error(level: Level, a: &Matrix, weight: &[f32], bias: &[f32], finish: Finish) -> f64 {
        let (input, output) = (a.width(), bias.len());
        let before = matrix(a.rows(), output, 4);
        let quantised = Quantised::new(level, weight, Some(bias), output).unwrap();
        let mut c = before.clone();
        let panels = output.div_ceil(level.columns_i8());
        quantised.multiply_panels(a, 0..panels, &mut c, finish);
        let (mut difference, mut size) = (0f64, 0f64);
        for row in 0..a.rows() {
            for column in 0..output {
                let products = a.row(row).iter().zip(&weight[column * input..][..input]);
                let sum: f64 = products.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                let mut expected = sum as f32 + bias[column];
                if finish.add {
                    expected += before.row(row)[column];
                }
                finish
                    .then
                    .apply(Level::Portable, std::slice::from_mut(&mut expected));
                difference += f64::from(c.row(row)[column] - expected).powi(2);
                size += f64::from(expected).powi(2);
            }
        }
        (difference / size).sqrt()
    }

    #[test]
    fn is_close_to_the_exact_product() {
        for level in Level::available() {
            for (rows, input, output) in [(1, 5, 3), (29, 33, 50), (15, 600, 64), (230, 96, 31)] {
                let (weight, bias) = (numbers(output * input, 1), numbers(output, 2));
                let a = matrix(rows, input, 3);
                for finish in [
                    Finish::PLAIN,
                    Finish::ADD,
                    Finish::then(Epilogue::Activation(Activation::Gelu)),
                ] {
                    let off = error(level, &a, &weight, &bias, finish);
                    assert!(off < 0.015, "{level:?} {rows}×{input}×{output}: {off}");
                }
            }
        }
    }

    #[test]
    fn huge_channels_do_not_spoil_the_others() {
        for level in Level::available() {
            let (input, output) = (256, 40);
            let mut weight = numbers(output * input, 1);
            // The huge channels do not count: they would only show a coarse scale.
            weight.chunks_mut(input).for_each(|row| row[3..7].fill(0.0));
            let mut a = matrix(20, input, 3);
            (0..20).for_each(|row| a.row_mut(row)[3..7].fill(100.0));
            let off = error(level, &a, &weight, &vec![0.0; output], Finish::PLAIN);
            assert!(off < 0.015, "{level:?}: {off}");
        }
    }

    #[test]
    fn levels_with_as_many_bits_give_the_same() {
        let (weight, bias) = (numbers(70 * 333, 1), numbers(70, 2));
        let mut a = matrix(31, 333, 3);
        // Outliers, in each of a group's bytes.
        for (row, channel) in [(0, 0), (1, 5), (1, 6), (30, 331)] {
            a.row_mut(row)[channel] = 70.0 - 10.0 * row as f32;
        }
        let product = |level: Level| {
            let quantised = Quantised::new(level, &weight, Some(&bias), 70).unwrap();
            let panels = 0..70usize.div_ceil(level.columns_i8());
            let mut c = Matrix::zeros(31, 70);
            quantised.multiply_panels(&a, panels.clone(), &mut c, Finish::PLAIN);
            quantised.multiply_panels(&a, panels, &mut c, Finish::ADD);
            (0..31)
                .flat_map(|row| c.row(row).to_vec())
                .collect::<Vec<f32>>()
        };
        let all: Vec<_> = Level::available()
            .into_iter()
            .map(|l| (l.most_u8(), product(l)))
            .collect();
        for (bits, values) in &all {
            for (other, expected) in &all {
                if bits == other {
                    assert!(
                        values
                            .iter()
                            .zip(expected)
                            .all(|(a, b)| (a - b).abs() < 2e-6 * b.abs().max(50.0))
                    );
                }
            }
        }
    }
}
