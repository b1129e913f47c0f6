//! A kernel with made-up operands, to time or check.

use std::time::{Duration, Instant};

use crate::engine::gpu::device::Gpu;
use crate::engine::gpu::error::Result;
use crate::engine::gpu::kernel::pack::{fours, plain};
use crate::engine::gpu::kernel::tile::{Fragment, Tile};
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::operands::{Product, Value};
use crate::engine::gpu::program::shape::{Rows, Shape};
use crate::engine::gpu::program::{Input, Program};

/// A difference between many kernels and one that says something.
const ENOUGH: Duration = Duration::from_millis(8);
/// A kernel that takes so long is timed alone, beside which uploading is little.
const SLOW: Duration = Duration::from_millis(30);
/// The most kernels in a row.
const MOST: usize = 256;

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub(super) enum Subject {
    /// A product with this tile, of rows, depth and columns.
    Product(Tile, [usize; 3]),
    /// Attention with or without a cooperative matrix, of so many sequences, tokens and heads, with
    /// so many numbers in a head.
    Attention(Option<Fragment>, [usize; 4]),
}

/// A subject's program, and its input.
pub(super) struct Trial {
    program: Program,
    shape: Shape,
    input: Vec<f32>,
    starts: Vec<u32>,
}

/// Small numbers without a pattern that a wrong position would preserve.
fn number(i: usize) -> f32 {
    (i * 2_654_435_761 % 1009) as f32 / 1009.0 - 0.5
}

impl Subject {
    fn shape(self) -> Shape {
        match self {
            Self::Product(_, [rows, ..]) => Shape {
                items: rows,
                tokens: rows,
                longest: 1,
            },
            Self::Attention(_, [sequences, tokens, ..]) => Shape {
                items: sequences,
                tokens: sequences * tokens,
                longest: tokens,
            },
        }
    }

    /// Plans `count` of the same kernels; all but the last result are overwritten.
    fn build(self, builder: &mut Builder, count: usize) -> Result<(Value, usize)> {
        match self {
            Self::Product(tile, [_, k, n]) => {
                let x = builder.input(Rows::Items(1), k);
                let value = |k_, n_| Some(number(k_ * n + n_));
                let matrix = builder.matrix((&plain(k), &plain(n)), None, value)?;
                let out = builder.take(Rows::Items(1), fours(n));
                for _ in 0..count {
                    let mut product = Product::new(x, out);
                    product.tile = Some(tile);
                    builder.product(product, &matrix);
                }
                Ok((out, n))
            }
            Self::Attention(matrix, [_, _, heads, depth]) => {
                let x = builder.input(Rows::Tokens, 3 * heads * fours(depth) * 4);
                let out = builder.take(Rows::Tokens, heads * fours(depth));
                builder.variants.attention = matrix;
                for _ in 0..count {
                    builder.attention((x, out), (heads, depth), false, None)?;
                }
                Ok((out, heads * fours(depth) * 4))
            }
        }
    }

    /// The results, in 32 bits.
    pub(super) fn run(self, gpu: &Gpu) -> Result<Vec<f32>> {
        let mut trial = self.trial(gpu, 1, None)?;
        trial.run(gpu)
    }

    /// With `columns`, only so many sums of each row are read back.
    fn trial(self, gpu: &Gpu, count: usize, columns: Option<usize>) -> Result<Trial> {
        let shape = self.shape();
        let mut builder = Builder::new(gpu, shape);
        let (out, width) = self.build(&mut builder, count)?;
        let columns = columns.unwrap_or(width);
        let order = (&plain(width), &plain(columns));
        let picked = builder.matrix(order, None, |k, n| Some(f32::from(u8::from(k == n))))?;
        // Tokens get memory for stored numbers, half of what 32 bits take.
        let read = builder.take(out.rows, fours(columns) * 2);
        let mut product = Product::new(out, read);
        product.tile = Some(Tile::SMALL);
        product.wide = true;
        product.out_place = Some((fours(columns), 0));
        builder.product(product, &picked);
        let read = Value {
            width4: fours(columns),
            ..read
        };
        let length = match self {
            Self::Product(_, [rows, k, _]) => rows * fours(k) * 4,
            Self::Attention(_, [sequences, tokens, heads, depth]) => {
                sequences * tokens * 3 * heads * fours(depth) * 4
            }
        };
        let starts = (0..=shape.items).map(|i| (i * shape.longest) as u32);
        Ok(Trial {
            program: builder.finish(read)?,
            shape,
            input: (0..length).map(|i| number(i + 7)).collect(),
            starts: starts.collect(),
        })
    }

    /// The time of one such kernel: many in a row less one, because a run also uploads and reads
    /// back, which takes longer than a kernel where the device is fast.
    pub(super) fn time(self, gpu: &Gpu) -> Result<Duration> {
        let one = self.trial(gpu, 1, Some(4))?.least(gpu)?;
        if one >= SLOW {
            return Ok(one);
        }
        let mut more = 3;
        loop {
            let many = self.trial(gpu, 1 + more, Some(4))?.least(gpu)?;
            let difference = many.saturating_sub(one);
            if difference >= ENOUGH || more >= MOST {
                return Ok(difference / more as u32);
            }
            more *= 4;
        }
    }
}

impl Trial {
    fn run(&mut self, gpu: &Gpu) -> Result<Vec<f32>> {
        let input = Input::Rows(&self.input);
        let index = (self.starts.as_slice(), [].as_slice());
        self.program.run(gpu, self.shape, input, index, false)
    }

    /// The least time of three runs, after one that compiles and finds its pace.
    fn least(&mut self, gpu: &Gpu) -> Result<Duration> {
        self.run(gpu)?;
        let mut least = Duration::MAX;
        for _ in 0..3 {
            let started = Instant::now();
            self.run(gpu)?;
            least = least.min(started.elapsed());
        }
        Ok(least)
    }
}
