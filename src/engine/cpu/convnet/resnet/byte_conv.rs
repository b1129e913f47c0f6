//! Convolutions, 1×1 or 3×3, of 8-bit maps, on all threads.

use std::ops::Range;

use rayon::prelude::*;

use crate::engine::cpu::convnet::resnet::byte_map::{ByteMap, Rounding};
use crate::engine::cpu::convnet::resnet::channels::Channels;
use crate::engine::cpu::convnet::resnet::frame::Frame;
use crate::engine::cpu::convnet::resnet::map::Map;
use crate::engine::cpu::matmul::product::row_groups;
use crate::engine::cpu::matmul::quantised::Quantised;
use crate::engine::cpu::matmul::tile::{Bounds, MAX_COLUMNS};
use crate::engine::cpu::matmul::tile_i8::GROUP;
use crate::engine::cpu::matmul::tile_taps;
use crate::engine::cpu::matmul::tile_taps::{MAX_ROWS, Tile};
use crate::engine::cpu::simd::level::Level;

/// A convolution that keeps a map's size.
pub(crate) struct ByteConv {
    /// Weights `[output, tap, input]`, each tap rounded up to whole groups.
    weights: Quantised,
    /// The factor of each channel before rounding.
    factors: Vec<f32>,
    kernel: usize,
}

impl ByteConv {
    /// Takes weights `[kernel, kernel, output, input]`, for channels like `seen`.
    ///
    /// `None` if the lengths do not match.
    pub(crate) fn new(
        level: Level,
        weight: &[f32],
        bias: &[f32],
        kernel: usize,
        seen: &Channels,
    ) -> Option<Self> {
        let (input, output, taps) = (seen.count(), bias.len(), kernel * kernel);
        if weight.is_empty() || weight.len() != taps * output * input || kernel.is_multiple_of(2) {
            return None;
        }
        let sizes = seen.divisors(weight);
        let padded = input.next_multiple_of(GROUP);
        let mut rows = vec![0f32; output * taps * padded];
        for (tap, weight) in weight.chunks_exact(output * input).enumerate() {
            let weights = weight.chunks_exact(input);
            for (row, weight) in rows.chunks_exact_mut(taps * padded).zip(weights) {
                let row = row[tap * padded..].iter_mut();
                row.zip(weight.iter().zip(&sizes))
                    .for_each(|(r, (w, size))| *r = w * size);
            }
        }
        let mut means = vec![0f32; taps * padded];
        for means in means.chunks_exact_mut(padded) {
            let channels = seen.means().iter().zip(&sizes);
            means
                .iter_mut()
                .zip(channels)
                .for_each(|(m, (mean, size))| *m = mean / size);
        }
        let mut weights = Quantised::new(level, &rows, Some(bias), output)?;
        weights.make_up_for(&rows, &means);
        Some(Self {
            weights,
            factors: sizes.iter().map(|size| 1.0 / size).collect(),
            kernel,
        })
    }

    /// The level that it is packed for.
    pub(crate) fn level(&self) -> Level {
        self.weights.level()
    }

    /// The number of output channels.
    pub(crate) fn output(&self) -> usize {
        self.weights.output()
    }

    /// The factor of each channel before rounding.
    pub(crate) fn factors(&self) -> &[f32] {
        &self.factors
    }

    /// How to round a map for this convolution.
    pub(crate) fn rounding(&self) -> Rounding<'_> {
        Rounding {
            level: self.level(),
            factors: &self.factors,
            margin: self.margin(),
        }
    }

    /// The margin that its input map needs, in lines and columns.
    pub(crate) fn margin(&self) -> usize {
        self.kernel / 2
    }

    /// Convolves `x` into `y`, which is shaped here, or must have the right shape if `add` is set.
    pub(crate) fn to_map(&self, x: &ByteMap, y: &mut Map, add: bool, bounds: Bounds) {
        let frame = self.prepare(x, y, add);
        let jobs = frame.jobs();
        let stride = y.values().stride();
        let parts = frame.cut(&jobs, stride, y.values_mut().values_mut());
        parts.into_par_iter().zip(&jobs).for_each(|(part, lines)| {
            self.lines(x, lines.clone(), (part, stride), add, bounds);
        });
    }

    /// Convolves `x` into bytes for `next`, clamped at zero.
    pub(crate) fn to_bytes(&self, x: &ByteMap, y: &mut ByteMap, next: &Self) {
        assert_eq!(next.factors.len(), self.output());
        let stride = self.output().next_multiple_of(16);
        y.take_made(x.frame(), stride, next.rounding(), |lines, values| {
            self.lines(x, lines, (values, stride), false, Bounds::RELU);
        });
    }

    /// Adds the convolution of `x` to `y`, clamped at zero, and writes the result as bytes for
    /// `next`.
    pub(crate) fn add_to(&self, x: &ByteMap, y: &mut Map, bytes: &mut ByteMap, next: &Self) {
        let frame = self.prepare(x, y, true);
        let jobs = frame.jobs();
        let stride = y.values().stride();
        bytes.shape(frame.with_margin(next.margin()), self.output());
        let parts = frame.cut(&jobs, stride, y.values_mut().values_mut());
        let parts = parts.into_par_iter().zip(bytes.parts(&jobs)).zip(&jobs);
        parts.for_each(|((values, mut part), lines)| {
            self.lines(x, lines.clone(), (&mut *values, stride), true, Bounds::RELU);
            part.fill(self.level(), lines.clone(), values, stride, next.factors());
        });
    }

    /// Shapes `y` for the result of `x`, or checks its shape; returns its frame.
    fn prepare(&self, x: &ByteMap, y: &mut Map, add: bool) -> Frame {
        let frame = x.frame().with_margin(0);
        if add {
            assert_eq!((y.frame(), y.values().width()), (frame, self.output()));
        } else {
            y.shape((frame.count, frame.height, frame.width), 0, self.output());
        }
        frame
    }

    /// Computes these lines of the result, with pixels `c_stride` apart and no margin.
    fn lines(
        &self,
        x: &ByteMap,
        lines: Range<usize>,
        (c, c_stride): (&mut [f32], usize),
        add: bool,
        bounds: Bounds,
    ) {
        let frame = x.frame();
        assert!(x.channels() == self.factors.len() && frame.margin >= self.margin());
        let (level, width) = (self.level(), frame.width);
        let columns = level.columns_i8();
        let steps = self.factors.len().div_ceil(GROUP);
        let taps: Vec<usize> = (0..self.kernel * self.kernel)
            .map(|tap| tap / self.kernel * frame.pitch() + tap % self.kernel)
            .collect();
        let reach = taps.last().copied().unwrap_or_default();
        let back = self.margin() * (frame.pitch() + 1);
        // The pixels of maps without margins are one long line.
        let long = frame.margin == 0;
        let runs = if long { 1 } else { lines.len() };
        let pixels = if long { lines.len() * width } else { width };
        let groups: Vec<Range<usize>> = match pixels {
            0 => Vec::new(),
            _ => row_groups(&(0..pixels), level.rows_taps()).collect(),
        };
        // A panel stays in cache for all lines.
        for index in 0..self.weights.panels() {
            let panel = self.weights.panel(index);
            assert_eq!(panel.len(), taps.len() * steps * columns);
            let used = columns.min(self.output() - index * columns);
            let (weights, bias) = self.weights.columns(index);
            for run in 0..runs {
                let first = frame.pixel(lines.start + run) - back;
                for group in &groups {
                    let (rows, pixel) = (group.len(), first + group.start);
                    let last = pixel + rows - 1 + reach;
                    let a = &x.bytes()[pixel * x.stride()..last * x.stride() + steps * GROUP];
                    let scales = &x.scales()[pixel..=last];
                    let start = (run * width + group.start) * c_stride + index * columns;
                    let target = &mut c[start..start + (rows - 1) * c_stride + used];
                    let mut tile = Tile {
                        a: a.as_ptr(),
                        a_stride: x.stride(),
                        scales: scales.as_ptr(),
                        taps: &taps,
                        b: panel.as_ptr(),
                        steps,
                        weights: weights.as_ptr(),
                        bias: bias.as_ptr(),
                        c: target.as_mut_ptr(),
                        c_stride,
                        add,
                        bounds,
                    };
                    if used == columns {
                        // SAFETY: the slices are cut to what the tile reads and writes.
                        unsafe { tile_taps::multiply(level, rows, &tile) };
                        continue;
                    }
                    // Values of the panel beyond the last column are discarded.
                    let mut buffer = [0f32; MAX_ROWS * MAX_COLUMNS];
                    let rows_of = buffer
                        .chunks_exact_mut(columns)
                        .zip(target.chunks(c_stride));
                    rows_of.for_each(|(own, target)| own[..used].copy_from_slice(&target[..used]));
                    (tile.c, tile.c_stride) = (buffer.as_mut_ptr(), columns);
                    // SAFETY: as above, and the buffer fits any tile.
                    unsafe { tile_taps::multiply(level, rows, &tile) };
                    let rows_of = buffer
                        .chunks_exact(columns)
                        .zip(target.chunks_mut(c_stride));
                    rows_of.for_each(|(own, target)| target[..used].copy_from_slice(&own[..used]));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cpu::testing::numbers;

    /// Maps of values from 0 to 1, with some channels much larger.
    fn maps((count, height, width): (usize, usize, usize), sizes: &[f32]) -> Map {
        let mut map = Map::default();
        map.shape((count, height, width), 0, sizes.len());
        let values = numbers(count * height * width * sizes.len(), 5);
        for (i, values) in values.chunks_exact(sizes.len()).enumerate() {
            let row = map.values_mut().row_mut(i).iter_mut();
            row.zip(values.iter().zip(sizes))
                .for_each(|(r, (v, size))| *r = v.abs() * size);
        }
        map
    }

    /// The convolution by its definition.
    fn plain(x: &Map, weight: &[f32], bias: &[f32], kernel: usize) -> Vec<f32> {
        let (input, output, half) = (x.values().width(), bias.len(), kernel / 2);
        let (height, width) = (x.height() as isize, x.width() as isize);
        let mut all = Vec::new();
        for pixel in 0..x.count() as isize * height * width {
            let (map, line, column) = (
                pixel / (height * width),
                pixel / width % height,
                pixel % width,
            );
            let mut sums: Vec<f64> = bias.iter().map(|b| f64::from(*b)).collect();
            for tap in 0..kernel * kernel {
                let y = line + (tap / kernel) as isize - half as isize;
                let x_at = column + (tap % kernel) as isize - half as isize;
                if !(0..height).contains(&y) || !(0..width).contains(&x_at) {
                    continue;
                }
                let row = x.values().row(((map * height + y) * width + x_at) as usize);
                for (o, sum) in sums.iter_mut().enumerate() {
                    let weight = &weight[(tap * output + o) * input..][..input];
                    let products = row
                        .iter()
                        .zip(weight)
                        .map(|(a, b)| f64::from(*a) * f64::from(*b));
                    *sum += products.sum::<f64>();
                }
            }
            all.extend(sums.iter().map(|s| *s as f32));
        }
        all
    }

    /// The distance relative to the expected values' size, which may be 0.
    fn error(got: &[f32], expected: &[f32]) -> f32 {
        let off: f32 = got.iter().zip(expected).map(|(g, e)| (g - e).powi(2)).sum();
        let size: f32 = expected.iter().map(|e| e.powi(2)).sum();
        (off / size.max(1e-9)).sqrt()
    }

    fn values(map: &Map) -> Vec<f32> {
        (0..map.values().rows())
            .flat_map(|row| map.values().row(row).to_vec())
            .collect()
    }

    #[test]
    fn is_close_to_the_exact_convolution() {
        for level in Level::available() {
            for (size, input, output, kernel) in [
                ((1, 1, 1), 3, 2, 1),
                ((1, 1, 1), 5, 3, 3),
                ((2, 5, 7), 33, 40, 3),
                ((3, 9, 13), 64, 70, 1),
                ((1, 30, 29), 20, 96, 3),
            ] {
                // Two channels are much larger than the others, and their weights smaller.
                let mut sizes = vec![1f32; input];
                sizes.iter_mut().take(2).for_each(|size| *size = 50.0);
                let x = maps(size, &sizes);
                let mut weight = numbers(kernel * kernel * output * input, 1);
                for row in weight.chunks_exact_mut(input) {
                    row.iter_mut().zip(&sizes).for_each(|(w, size)| *w /= size);
                }
                let bias = numbers(output, 2);
                let expected = plain(&x, &weight, &bias, kernel);
                let conv =
                    ByteConv::new(level, &weight, &bias, kernel, &Channels::of_sizes(&sizes))
                        .unwrap();
                let next = ByteConv::new(
                    level,
                    &numbers(9 * output, 3),
                    &[0.0],
                    3,
                    &Channels::of_sizes(&vec![1.0; output]),
                )
                .unwrap();
                let mut bytes = ByteMap::default();
                bytes.take(&x, conv.rounding());

                let mut y = Map::default();
                conv.to_map(&bytes, &mut y, false, Bounds::NONE);
                let off = error(&values(&y), &expected);
                assert!(
                    off < 5.0 / level.most_u8(),
                    "{level:?} {size:?} {input}×{output}: {off}"
                );

                let own = values(&y);
                let mut sum = Map::default();
                sum.shape(size, 0, output);
                for row in 0..sum.values().rows() {
                    let twice: Vec<f32> = y.values().row(row).iter().map(|v| 2.0 * v).collect();
                    sum.values_mut().row_mut(row).copy_from_slice(&twice);
                }
                let (mut rounded, mut again) = (ByteMap::default(), ByteMap::default());
                conv.add_to(&bytes, &mut sum, &mut rounded, &next);
                let expected: Vec<f32> = own.iter().map(|v| (3.0 * v).max(0.0)).collect();
                assert!(error(&values(&sum), &expected) < 1e-5);
                again.take(&sum, next.rounding());
                assert_eq!(
                    (rounded.bytes(), rounded.scales()),
                    (again.bytes(), again.scales())
                );

                conv.to_map(&bytes, &mut y, false, Bounds::RELU);
                conv.to_bytes(&bytes, &mut rounded, &next);
                again.take(&y, next.rounding());
                assert_eq!(
                    (rounded.bytes(), rounded.scales()),
                    (again.bytes(), again.scales())
                );
            }
        }
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        let new = |weight, kernel| {
            ByteConv::new(
                Level::Portable,
                &vec![1.0; weight],
                &[0.0; 4],
                kernel,
                &Channels::of_sizes(&[1.0; 3]),
            )
        };
        assert!(new(12, 1).is_some() && new(108, 3).is_some());
        assert!(new(0, 1).is_none() && new(13, 1).is_none() && new(48, 2).is_none());
    }
}
