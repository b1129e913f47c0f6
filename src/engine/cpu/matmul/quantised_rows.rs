//! 8-bit activations with a scale for each row.
//!
//! A trained Transformer has channels that are a hundred times larger than the others, and a scale
//! for these would leave nothing of the others (Dettmers et al. 2022, "LLM.int8()",
//! <https://arxiv.org/abs/2208.07339>). So a row's few largest values are removed and multiplied in
//! f32. They are chosen row by row, so an embedding does not depend on the rest of its batch.

use rayon::prelude::*;

use crate::engine::cpu::memory::{Aligned, LINE, Matrix};
use crate::engine::cpu::simd::level::{Level, Vectorised};
use crate::engine::cpu::simd::math::fma;

/// A row may reach this multiple of its mean size on both sides: 4.8 deviations of a normal
/// distribution, for which one row in a thousand has values beyond, which are removed. A row that
/// is mostly on one side, like that after a GELU, may reach twice as far there: its steps are as
/// small.
const OUTLIER: f32 = 6.0;

/// The most values removed from a row: each costs about as much as sixteen others.
pub(crate) const MAX_OUTLIERS: usize = 16;

const ROWS_AT_ONCE: usize = 8;

/// The least values of a thread: it takes some microseconds to call another one.
const VALUES_AT_ONCE: usize = 1 << 15;

const LANES: usize = 16;

/// How to read a row's bytes: `(byte - zero) · scale`, plus the removed values.
#[derive(Clone, Copy, Default)]
pub(crate) struct Scale {
    pub(crate) scale: f32,
    pub(crate) zero: i32,
    outliers: [(u32, f32); MAX_OUTLIERS],
    count: usize,
}

impl Scale {
    /// Channel and value of each removed value.
    pub(crate) fn outliers(&self) -> &[(u32, f32)] {
        &self.outliers[..self.count]
    }
}

/// Rows of bytes.
#[derive(Default)]
pub(crate) struct QuantisedRows {
    bytes: Aligned,
    width: usize,
    stride: usize,
    scales: Vec<Scale>,
}

impl QuantisedRows {
    /// Quantises the rows of `x`, for the level's kernel.
    pub(crate) fn quantise(&mut self, level: Level, x: &Matrix) {
        self.shape(x.rows(), x.width());
        let (width, stride, most) = (x.width(), self.stride, level.most_u8());
        self.bytes
            .cast_mut::<u8>()
            .par_chunks_mut(stride * ROWS_AT_ONCE)
            .zip(x.values().par_chunks(x.stride() * ROWS_AT_ONCE))
            .zip(self.scales.par_chunks_mut(ROWS_AT_ONCE))
            .with_min_len(VALUES_AT_ONCE.div_ceil(width.max(1) * ROWS_AT_ONCE))
            .for_each(|((bytes, values), scales)| {
                let rows = bytes
                    .chunks_exact_mut(stride)
                    .zip(values.chunks_exact(x.stride()));
                for ((bytes, values), scale) in rows.zip(scales) {
                    let values = &values[..width];
                    *scale = level.run(Row {
                        values,
                        bytes,
                        most,
                    });
                }
            });
    }

    /// Takes `rows` of bytes, each `width` long and written by `fill`, less `zero`.
    pub(crate) fn take(
        &mut self,
        rows: usize,
        width: usize,
        zero: u8,
        fill: impl Fn(usize, &mut [u8]) + Sync,
    ) {
        self.shape(rows, width);
        self.scales.fill(Scale {
            scale: 1.0,
            zero: i32::from(zero),
            ..Scale::default()
        });
        let bytes = self.bytes.cast_mut::<u8>()[..rows * self.stride].par_chunks_mut(self.stride);
        bytes.enumerate().for_each(|(row, bytes)| {
            let (own, padding) = bytes.split_at_mut(width);
            fill(row, own);
            padding.fill(0);
        });
    }

    /// Reshapes to `rows`, of undefined content.
    fn shape(&mut self, rows: usize, width: usize) {
        let lines = width.div_ceil(LINE * 4);
        self.width = width;
        self.stride = (lines + 1 - lines % 2) * LINE * 4;
        self.bytes.reserve(rows * self.stride / 4);
        self.scales.clear();
        self.scales.resize(rows, Scale::default());
    }

    /// The number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.scales.len()
    }

    /// Values in a row.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The rows, `stride` bytes apart.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.cast()
    }

    /// Bytes from one row's start to the next.
    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    /// How to read each row.
    pub(crate) fn scales(&self) -> &[Scale] {
        &self.scales
    }
}

struct Row<'a> {
    values: &'a [f32],
    bytes: &'a mut [u8],
    most: f32,
}

impl Vectorised for Row<'_> {
    type Output = Scale;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Scale {
        const ROUND: f32 = 12_582_912.0;
        let mut result = Scale::default();
        let (chunks, rest) = self.values.as_chunks::<LANES>();
        let (mut sums, mut low, mut high) = ([0f32; LANES], [0f32; LANES], [0f32; LANES]);
        for chunk in chunks {
            for (i, v) in chunk.iter().enumerate() {
                sums[i] += v.abs();
                low[i] = if *v < low[i] { *v } else { low[i] };
                high[i] = if *v > high[i] { *v } else { high[i] };
            }
        }
        let mean = sums.iter().sum::<f32>() + rest.iter().map(|v| v.abs()).sum::<f32>();
        let mean = mean / self.values.len() as f32;
        let mut low = low.iter().chain(rest).copied().fold(0.0, f32::min);
        let mut high = high.iter().chain(rest).copied().fold(0.0, f32::max);
        let mut limits = (f32::NEG_INFINITY, f32::INFINITY);
        if high - low > 2.0 * OUTLIER * mean {
            (limits, low, high) = take_out(self.values, mean, (low, high), &mut result);
        }
        let range = high - low;
        let step = if range > 0.0 { range / self.most } else { 0.0 };
        // A value that is not finite has no byte, but must be noticed.
        result.scale = if mean.is_finite() { step } else { f32::NAN };
        let inverse = if range > 0.0 { self.most / range } else { 0.0 };
        let zero = (-low * inverse).round();
        result.zero = zero as i32;
        let most = self.most;
        for (byte, v) in self.bytes.iter_mut().zip(self.values) {
            let kept = if is_outside(*v, limits) { 0.0 } else { *v };
            let level = fma::<FMA>(kept, inverse, zero);
            let level = if level < 0.0 { 0.0 } else { level };
            let level = if level > most { most } else { level };
            // As in `exp`: the lowest bits are the rounded number.
            *byte = (level + ROUND).to_bits() as u8;
        }
        let used = self.values.len();
        if let Some(rest) = self.bytes.get_mut(used..) {
            rest.fill(0);
        }
        result
    }
}

#[inline(always)]
fn is_outside(value: f32, limits: (f32, f32)) -> bool {
    (value < limits.0) | (value > limits.1)
}

/// Finds limits beyond which there are at most [`MAX_OUTLIERS`] values, records these, and returns
/// the limits with the range of the others.
#[inline(always)]
fn take_out(
    values: &[f32],
    mean: f32,
    (low, high): (f32, f32),
    scale: &mut Scale,
) -> ((f32, f32), f32, f32) {
    // What one side leaves of the range the other may take.
    let side = OUTLIER * mean;
    let mut limits = (high.min(side) - 2.0 * side, 2.0 * side + low.max(-side));
    while count_outside(values, limits) > MAX_OUTLIERS {
        limits = (1.25 * limits.0, 1.25 * limits.1);
    }
    let (mut low, mut high) = ([0f32; LANES], [0f32; LANES]);
    let mut start = 0;
    for chunk in values.chunks(LANES) {
        let mut outside = false;
        for v in chunk {
            outside |= is_outside(*v, limits);
        }
        if outside {
            for (i, v) in chunk.iter().enumerate() {
                if let Some(slot) = scale.outliers.get_mut(scale.count)
                    && is_outside(*v, limits)
                {
                    *slot = ((start + i) as u32, *v);
                    scale.count += 1;
                }
            }
        }
        for (i, v) in chunk.iter().enumerate() {
            let kept = if is_outside(*v, limits) { 0.0 } else { *v };
            low[i] = if kept < low[i] { kept } else { low[i] };
            high[i] = if kept > high[i] { kept } else { high[i] };
        }
        start += chunk.len();
    }
    let (low, high) = (
        low.into_iter().fold(0.0, f32::min),
        high.into_iter().fold(0.0, f32::max),
    );
    (limits, low, high)
}

#[inline(always)]
fn count_outside(values: &[f32], limits: (f32, f32)) -> usize {
    let mut counts = [0u32; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (count, v) in counts.iter_mut().zip(chunk) {
            *count += u32::from(is_outside(*v, limits));
        }
    }
    let rest = rest.iter().filter(|v| is_outside(**v, limits)).count();
    counts.iter().sum::<u32>() as usize + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cpu::testing::numbers;

    fn back(rows: &QuantisedRows, row: usize, width: usize) -> Vec<f32> {
        let scale = &rows.scales()[row];
        let bytes = &rows.bytes()[row * rows.stride()..][..width];
        let read = |b: &u8| (i32::from(*b) - scale.zero) as f32 * scale.scale;
        let mut values: Vec<f32> = bytes.iter().map(read).collect();
        scale
            .outliers()
            .iter()
            .for_each(|(channel, v)| values[*channel as usize] += v);
        values
    }

    #[test]
    fn keeps_every_value_to_half_a_step() {
        for level in Level::available() {
            for width in [1, 7, 64, 100, 768] {
                let mut x = Matrix::zeros(5, width);
                for row in 0..5 {
                    x.row_mut(row).copy_from_slice(&numbers(width, row as u64));
                }
                // A row with channels that would spoil any common scale, and one of zeros.
                if width > 60 {
                    (x.row_mut(3)[5], x.row_mut(3)[50]) = (400.0, -70.0);
                }
                x.row_mut(4).fill(0.0);
                let mut rows = QuantisedRows::default();
                rows.quantise(level, &x);
                for row in 0..5 {
                    let step = 2.0 / level.most_u8();
                    for (got, v) in back(&rows, row, width).iter().zip(x.row(row)) {
                        assert!(
                            (got - v).abs() <= step * 0.51,
                            "{level:?} {width}: {got} for {v}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn one_side_takes_the_range_that_the_other_leaves() {
        let count = |level: Level, low: f32, high: f32| {
            // The mean size is near 1.
            let mut x = Matrix::zeros(1, 800);
            let values = numbers(800, 4).into_iter().map(|v| 2.0 * v.abs());
            let row = x.row_mut(0).iter_mut();
            row.zip(values).for_each(|(x, v)| *x = v * -low.signum());
            (x.row_mut(0)[100], x.row_mut(0)[799]) = (low, high);
            let mut rows = QuantisedRows::default();
            rows.quantise(level, &x);
            rows.scales()[0].outliers().len()
        };
        for level in Level::available() {
            assert_eq!(count(level, -0.2, 10.0), 0, "{level:?}");
            assert_eq!(count(level, -0.2, 14.0), 1, "{level:?}");
            assert_eq!(count(level, -5.0, 5.0), 0, "{level:?}");
            assert_eq!(count(level, -4.0, 10.0), 1, "{level:?}");
            assert_eq!(count(level, -10.0, 10.0), 2, "{level:?}");
        }
    }

    #[test]
    fn many_large_values_are_not_all_removed() {
        for level in Level::available() {
            let mut x = Matrix::zeros(1, 700);
            x.row_mut(0).copy_from_slice(&numbers(700, 4));
            (0..60).for_each(|i| x.row_mut(0)[11 * i] = 20.0 + i as f32);
            let mut rows = QuantisedRows::default();
            rows.quantise(level, &x);
            assert!(rows.scales()[0].outliers().len() <= MAX_OUTLIERS);
            let step = 79.0 / level.most_u8();
            for (got, v) in back(&rows, 0, 700).iter().zip(x.row(0)) {
                assert!((got - v).abs() <= step * 0.51, "{level:?}: {got} for {v}");
            }
        }
    }

    #[test]
    fn damage_stays_visible() {
        for level in Level::available() {
            let mut x = Matrix::zeros(1, 40);
            x.row_mut(0)[17] = f32::NAN;
            let mut rows = QuantisedRows::default();
            rows.quantise(level, &x);
            assert!(
                back(&rows, 0, 40).iter().any(|v| !v.is_finite()),
                "{level:?}"
            );
        }
    }
}
