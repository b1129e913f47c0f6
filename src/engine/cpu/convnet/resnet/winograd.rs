//! 3×3 convolutions with less than half of the multiplications.
//!
//! Squares of 2×2 results come from squares of 4×4 pixels. Both sides of the convolution are
//! transformed into 16 sums and differences, which are multiplied element by element and
//! transformed back: for four results, 16 products replace 36 (Lavin and Gray 2015, "Fast
//! Algorithms for Convolutional Neural Networks", F(2×2, 3×3), <https://arxiv.org/abs/1509.09308>).
//! Over channels, the products are 16 matrix products. The transforms only halve, add and subtract,
//! so little is lost to rounding.

use std::ops::Range;

use rayon::prelude::*;

use crate::engine::cpu::arenas::Arenas;
use crate::engine::cpu::convnet::pointwise;
use crate::engine::cpu::convnet::pointwise::Lines;
use crate::engine::cpu::convnet::resnet::frame::Frame;
use crate::engine::cpu::convnet::resnet::map::Map;
use crate::engine::cpu::convnet::resnet::winograd_square::{LANES, PRODUCTS, Turn, TurnBack};
use crate::engine::cpu::matmul::packed::Packed;
use crate::engine::cpu::matmul::tile::Bounds;
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::simd::level::Level;

/// The most squares of a job: eight times as many rows as the widest kernel takes.
const MAX_SQUARES: usize = 112;

/// Jobs per thread.
const JOBS_PER_THREAD: usize = 2;

/// The transform of weights: lines by weights.
const WEIGHTS: [[f32; 3]; 4] = [
    [1.0, 0.0, 0.0],
    [0.5, 0.5, 0.5],
    [0.5, -0.5, 0.5],
    [0.0, 0.0, 1.0],
];

/// The buffers of one thread: transformed pixels and products, each of the 16 after the other.
#[derive(Default)]
struct Scratch {
    pixels: Matrix,
    products: Matrix,
}

static SCRATCH: Arenas<Scratch> = Arenas::new();

/// A 3×3 convolution that keeps a map's size.
pub(crate) struct Winograd {
    /// The 16 transformed weights `[output, input]`.
    weights: Vec<Packed>,
    /// Padded with zeros to whole vectors.
    bias: Vec<f32>,
    level: Level,
}

impl Winograd {
    /// Takes weights `[3, 3, output, input]`.
    ///
    /// `None` if the lengths do not match.
    pub(crate) fn new(level: Level, weight: &[f32], bias: &[f32]) -> Option<Self> {
        let one = weight.len() / 9;
        if one == 0 || weight.len() != 9 * one || bias.is_empty() {
            return None;
        }
        let weights: Option<Vec<Packed>> = (0..PRODUCTS)
            .into_par_iter()
            .map(|product| {
                let mut turned = vec![0f32; one];
                for (tap, weight) in weight.chunks_exact(one).enumerate() {
                    let factor = WEIGHTS[product / 4][tap / 3] * WEIGHTS[product % 4][tap % 3];
                    if factor != 0.0 {
                        let values = turned.iter_mut().zip(weight);
                        values.for_each(|(t, w)| *t += factor * w);
                    }
                }
                Packed::new(level, &turned, None, bias.len())
            })
            .collect();
        let mut padded = bias.to_vec();
        padded.resize(bias.len().next_multiple_of(LANES), 0.0);
        Some(Self {
            weights: weights?,
            bias: padded,
            level,
        })
    }

    /// The level that it is packed for.
    pub(crate) fn level(&self) -> Level {
        self.level
    }

    /// The number of output channels.
    pub(crate) fn output(&self) -> usize {
        self.weights.first().map_or(0, Packed::output)
    }

    /// Convolves `x`, which has a margin of 1, into `y`, which has been shaped; `add` says whether
    /// to add to `y`.
    pub(crate) fn forward(&self, x: &Map, y: &mut Map, add: bool, bounds: Bounds) {
        let (from, to) = (x.frame(), y.frame());
        assert_eq!(from.with_margin(to.margin), to);
        assert!(from.margin == 1 && y.values().width() == self.output());
        y.clear_margin();
        let stride = y.values().stride();
        let squares = Squares::of(from);
        let jobs = squares.jobs();
        let lines: Vec<Range<usize>> = jobs
            .iter()
            .map(|job| squares.line(job.start)..squares.line(job.end))
            .collect();
        let parts = to.cut(&lines, stride, y.values_mut().values_mut());
        parts.into_par_iter().zip(jobs).for_each(|(part, job)| {
            SCRATCH.with(|scratch| {
                let count = job.len() * squares.width;
                self.turn(x, squares, job.clone(), &mut scratch.pixels);
                self.multiply(count, scratch);
                let products = &scratch.products;
                self.turn_back(products, squares, job, (to, stride, part), (add, bounds));
            });
        });
    }

    /// Computes the 16 sums and differences of each square's pixels.
    fn turn(&self, x: &Map, squares: Squares, lines: Range<usize>, turned: &mut Matrix) {
        let frame = x.frame();
        let (stride, pitch, padded) = (x.values().stride(), frame.pitch(), frame.height + 2);
        let count = lines.len() * squares.width;
        turned.shape(PRODUCTS * count, x.values().width());
        let between = count * turned.stride();
        for (row, line) in lines.enumerate() {
            let (map, line) = (line / squares.height, line % squares.height);
            for square in 0..squares.width {
                // Beyond an odd map's margin any pixel will do: only results outside the map use
                // it.
                let pixels = std::array::from_fn(|i| {
                    let y = map * padded + (2 * line + i / 4).min(padded - 1);
                    let x = (2 * square + i % 4).min(pitch - 1);
                    (y * pitch + x) * stride
                });
                let start = (row * squares.width + square) * turned.stride();
                self.level.run(Turn {
                    values: x.values().values(),
                    pixels,
                    width: x.values().width().next_multiple_of(LANES),
                    turned: &mut turned.values_mut()[start..],
                    between,
                });
            }
        }
    }

    /// Multiplies transformed pixels with transformed weights.
    fn multiply(&self, count: usize, scratch: &mut Scratch) {
        let Scratch { pixels, products } = scratch;
        products.shape(PRODUCTS * count, self.output());
        let (a, c) = (pixels.stride(), products.stride());
        let products = products.values_mut().chunks_exact_mut((count * c).max(1));
        let pixels = pixels.values().chunks_exact((count * a).max(1));
        for (weights, (pixels, products)) in self.weights.iter().zip(pixels.zip(products)) {
            pointwise::multiply(
                weights,
                0..weights.panels(),
                (pixels, Lines::dense(count, a)),
                (products, Lines::dense(count, c)),
                false,
                Bounds::NONE,
            );
        }
    }

    /// Transforms products to results, which begin at the first line's first pixel.
    fn turn_back(
        &self,
        products: &Matrix,
        squares: Squares,
        lines: Range<usize>,
        (to, stride, out): (Frame, usize, &mut [f32]),
        (add, bounds): (bool, Bounds),
    ) {
        let count = lines.len() * squares.width;
        let first = to.pixel(squares.line(lines.start));
        for (row, line) in lines.enumerate() {
            let start = to.pixel(squares.line(line)) - first;
            let below = 2 * (line % squares.height) + 1 < to.height;
            for square in 0..squares.width {
                let beside = 2 * square + 1 < to.width;
                let pixel = start + 2 * square;
                let place = |there: bool, pixel: usize| there.then_some(pixel * stride);
                self.level.run(TurnBack {
                    products: &products.values()
                        [(row * squares.width + square) * products.stride()..],
                    between: count * products.stride(),
                    bias: &self.bias,
                    add,
                    bounds,
                    pixels: [
                        place(true, pixel),
                        place(beside, pixel + 1),
                        place(below, pixel + to.pitch()),
                        place(below && beside, pixel + to.pitch() + 1),
                    ],
                    out: &mut *out,
                });
            }
        }
    }
}

/// Squares of 2×2 results: lines of them are counted through all maps.
#[derive(Clone, Copy)]
struct Squares {
    /// Lines of squares of all maps.
    lines: usize,
    /// Lines of squares of a map.
    height: usize,
    /// Squares per line.
    width: usize,
    /// Lines of results of a map.
    results: usize,
}

impl Squares {
    fn of(frame: Frame) -> Self {
        let height = frame.height.div_ceil(2);
        Self {
            lines: frame.count * height,
            height,
            width: frame.width.div_ceil(2),
            results: frame.height,
        }
    }

    /// The first line of results of a line of squares.
    fn line(self, line: usize) -> usize {
        let height = self.height.max(1);
        line / height * self.results + 2 * (line % height)
    }

    fn jobs(self) -> Vec<Range<usize>> {
        let least = self
            .lines
            .min(rayon::current_num_threads() * JOBS_PER_THREAD);
        let most = (MAX_SQUARES / self.width.max(1)).max(1);
        let count = least.max(self.lines.div_ceil(most));
        (0..count)
            .map(|job| job * self.lines / count..(job + 1) * self.lines / count)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cpu::testing::numbers;

    #[test]
    fn agrees_with_plain_sums() {
        for level in Level::available() {
            for ((count, height, width), input, output, margin) in [
                ((1, 1, 1), 1, 1, 0),
                ((1, 2, 2), 3, 5, 1),
                ((2, 5, 7), 33, 40, 0),
                ((3, 9, 4), 20, 70, 1),
                ((1, 30, 29), 16, 17, 0),
            ] {
                let weight = numbers(9 * output * input, 1);
                let bias = numbers(output, 2);
                let mut x = Map::default();
                x.shape((count, height, width), 1, input);
                // Values beyond a pixel's channels or an odd map are unused and may be anything.
                x.values_mut().values_mut().fill(f32::NAN);
                x.clear_margin();
                let frame = x.frame();
                for line in 0..count * height {
                    for column in 0..width {
                        let values = numbers(input, (line * width + column) as u64);
                        let pixel = frame.pixel(line) + column;
                        x.values_mut().row_mut(pixel).copy_from_slice(&values);
                    }
                }
                let conv = Winograd::new(level, &weight, &bias).unwrap();
                for (add, bounds) in [(false, Bounds::NONE), (true, Bounds::RELU)] {
                    let mut y = Map::default();
                    y.shape((count, height, width), margin, output);
                    y.values_mut().values_mut().fill(0.25);
                    conv.forward(&x, &mut y, add, bounds);
                    for pixel in 0..count * height * width {
                        let (line, column) = (pixel / width, pixel % width);
                        let at = y.frame().pixel(line) + column;
                        for (o, got) in y.values().row(at).iter().enumerate() {
                            let mut sum = f64::from(bias[o]) + if add { 0.25 } else { 0.0 };
                            for tap in 0..9 {
                                let seen = frame.pixel(line) + column + tap / 3 * frame.pitch();
                                let row = x.values().row(seen + tap % 3 - frame.pitch() - 1);
                                let weight = &weight[(tap * output + o) * input..][..input];
                                let products = row.iter().zip(weight);
                                sum += products
                                    .map(|(a, b)| f64::from(*a) * f64::from(*b))
                                    .sum::<f64>();
                            }
                            let expected = bounds.hold(sum as f32);
                            assert!(
                                (got - expected).abs() < 3e-5,
                                "{level:?} {height}×{width} {input}×{output}: {got}, not {expected}"
                            );
                        }
                    }
                    let outside = y.frame().pixels() - count * height * width;
                    let zeros = (0..y.values().rows())
                        .filter(|row| y.values().row(*row).iter().all(|v| *v == 0.0))
                        .count();
                    assert!(zeros >= outside);
                }
            }
        }
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        let new = |weight| Winograd::new(Level::Portable, &vec![1.0; weight], &[0.0; 4]);
        assert!(new(36).is_some());
        assert!(new(0).is_none() && new(35).is_none() && new(45).is_none());
    }
}
