//! The transforms of `winograd` for one square: its pixels' sums and differences, and its results
//! from products.

use crate::engine::cpu::matmul::tile::Bounds;
use crate::engine::cpu::simd::level::Vectorised;

/// Products per square: 4×4.
pub(crate) const PRODUCTS: usize = 16;

/// Channels at once.
pub(crate) const LANES: usize = 16;

type Lane = [f32; LANES];

#[inline(always)]
fn plus(a: Lane, b: Lane) -> Lane {
    std::array::from_fn(|i| a[i] + b[i])
}

#[inline(always)]
fn minus(a: Lane, b: Lane) -> Lane {
    std::array::from_fn(|i| a[i] - b[i])
}

/// Columns to lines.
#[inline(always)]
fn across<const LINES: usize>(columns: [[Lane; LINES]; 4]) -> [[Lane; 4]; LINES] {
    std::array::from_fn(|line| std::array::from_fn(|column| columns[column][line]))
}

/// Transforms four pixels in a row or column.
#[inline(always)]
fn turned([a, b, c, d]: [Lane; 4]) -> [Lane; 4] {
    [minus(a, c), plus(b, c), minus(c, b), minus(b, d)]
}

/// Computes two results in a row or column from four products.
#[inline(always)]
fn back([a, b, c, d]: [Lane; 4]) -> [Lane; 2] {
    [plus(plus(a, b), c), minus(minus(b, c), d)]
}

/// One square's pixels.
pub(crate) struct Turn<'a> {
    pub(crate) values: &'a [f32],
    /// The offset of each pixel, line by line.
    pub(crate) pixels: [usize; PRODUCTS],
    /// Values per pixel, in whole lanes.
    pub(crate) width: usize,
    pub(crate) turned: &'a mut [f32],
    /// Values from one of the 16 to the next.
    pub(crate) between: usize,
}

impl Vectorised for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let pixels: [&[Lane]; PRODUCTS] = std::array::from_fn(|i| {
            let (lanes, _) = self.values[self.pixels[i]..][..self.width].as_chunks();
            lanes
        });
        for (lane, first) in (0..self.width).step_by(LANES).enumerate() {
            let columns: [[Lane; 4]; 4] = std::array::from_fn(|column| {
                turned(std::array::from_fn(|line| pixels[4 * line + column][lane]))
            });
            for (line, own) in across(columns).into_iter().map(turned).enumerate() {
                for (column, values) in own.iter().enumerate() {
                    let start = (4 * line + column) * self.between + first;
                    self.turned[start..start + LANES].copy_from_slice(values);
                }
            }
        }
    }
}

/// One square's results.
pub(crate) struct TurnBack<'a> {
    pub(crate) products: &'a [f32],
    /// Values from one of the 16 to the next.
    pub(crate) between: usize,
    /// Whole lanes.
    pub(crate) bias: &'a [f32],
    pub(crate) add: bool,
    pub(crate) bounds: Bounds,
    /// The offsets of the results that exist.
    pub(crate) pixels: [Option<usize>; 4],
    pub(crate) out: &'a mut [f32],
}

impl Vectorised for TurnBack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let (bias, _) = self.bias.as_chunks::<LANES>();
        for (lane, bias) in bias.iter().enumerate() {
            let product = |i: usize| -> Lane {
                let start = i * self.between + lane * LANES;
                std::array::from_fn(|k| self.products[start..start + LANES][k])
            };
            let columns: [[Lane; 2]; 4] = std::array::from_fn(|column| {
                let own: [Lane; 4] = std::array::from_fn(|line| product(4 * line + column));
                back(own)
            });
            for (line, results) in across(columns).into_iter().map(back).enumerate() {
                for (column, values) in results.iter().enumerate() {
                    if let Some(pixel) = self.pixels[2 * line + column] {
                        let start = pixel + lane * LANES;
                        let target = self.out[start..start + LANES].iter_mut();
                        for ((target, value), bias) in target.zip(values).zip(bias) {
                            let held = if self.add { *target } else { 0.0 };
                            *target = self.bounds.hold(value + bias + held);
                        }
                    }
                }
            }
        }
    }
}
