//! Layer norms and attention against loops in f64.

use proptest::prelude::*;

use crate::engine::gpu::device::Gpu;
use crate::engine::gpu::kernel::NormSource;
use crate::engine::gpu::kernel::pack::{fours, lines, parts, plain};
use crate::engine::gpu::kernel::tests::{cases, close, gpu, run, shape};
use crate::engine::gpu::kernel::tile::Fragment;
use crate::engine::gpu::program::Input;
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::operands::{Product, Value};
use crate::engine::gpu::program::shape::Rows;
use crate::engine::gpu::testing::{Random, with_matrices};

fn normalised(row: &[f64], gain: &[f32], bias: &[f32]) -> Vec<f32> {
    let n = row.len() as f64;
    let mean = row.iter().sum::<f64>() / n;
    let variance = row.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    let scale = 1.0 / (variance + 1e-5).sqrt();
    let each = row.iter().zip(gain).zip(bias);
    each.map(|((v, g), b)| ((v - mean) * scale * f64::from(*g) + f64::from(*b)) as f32)
        .collect()
}

#[test]
fn layer_norms_of_odd_widths() {
    let Some(gpu) = gpu() else { return };
    let mut random = Random(4);
    for width in [1, 7, 64, 261] {
        // Far from zero, where the mean square has no digits left for the variance.
        let rows: Vec<f32> = random
            .numbers(6 * width)
            .iter()
            .map(|v| v + 500.0)
            .collect();
        let (gain, bias) = (random.numbers(width), random.numbers(width));
        let positions = random.numbers(4 * width);
        let picks = [5u32, 0, 2];
        for source in [NormSource::Row, NormSource::Picked, NormSource::Tokens] {
            let (items, input, output) = match source {
                NormSource::Row => (6, 1, 1),
                NormSource::Picked => (3, 2, 1),
                // Two pictures of three patches and a class token.
                NormSource::Tokens => (2, 3, 4),
            };
            let padded = lines(width, &rows);
            let found = run(
                &gpu,
                shape(items, items, 1),
                (&[], &picks[..items.min(3)]),
                Input::Rows(&padded),
                width,
                |b| {
                    let x = b.input(Rows::Items(input), width);
                    let out = b.take(Rows::Items(output), fours(width));
                    let mut affine = lines(width, &gain);
                    affine.extend(lines(width, &bias));
                    let affine = b.numbers(&affine).unwrap();
                    let positions = b.numbers(&lines(width, &positions)).unwrap();
                    let tokens = (source == NormSource::Tokens).then_some((&positions, 4));
                    b.norm((x, out), source, (&affine, 1e-5), width, tokens);
                    out
                },
            );
            let row = |i: usize| -> Vec<f64> {
                let row = &rows[i * width..(i + 1) * width];
                row.iter().map(|v| f64::from(*v)).collect()
            };
            let mut expected = Vec::new();
            for i in 0..items * output {
                let values = match source {
                    NormSource::Row => row(i),
                    NormSource::Picked => row(picks[i] as usize),
                    NormSource::Tokens => {
                        let position = &positions[i % 4 * width..][..width];
                        let patch = match i % 4 {
                            0 => vec![0.0; width],
                            token => row(i / 4 * 3 + token - 1),
                        };
                        let each = patch.iter().zip(position);
                        each.map(|(v, p)| v + f64::from(*p)).collect()
                    }
                };
                expected.extend(normalised(&values, &gain, &bias));
            }
            // The sums themselves are in f32, at 500.
            close(&found, &expected, 5e-4);
        }
    }
}

/// Attention over sequences of these lengths against the reference.
fn attention(
    gpu: &Gpu,
    lengths: &[usize],
    (heads, depth): (usize, usize),
    (causal, queries): (bool, Option<usize>),
    matrix: Option<Fragment>,
) {
    let (items, tokens) = (lengths.len(), lengths.iter().sum::<usize>());
    let mut random = Random((tokens * 1_009 + heads * 131 + depth) as u32);
    let starts: Vec<u32> = (0..=items)
        .map(|i| lengths[..i].iter().sum::<usize>() as u32)
        .collect();
    let width = heads * depth;
    let qkv = random.numbers(tokens * 3 * width);
    // Exact in 16 bits.
    let qkv: Vec<f32> = qkv.iter().map(|v| (v * 96.0).round() / 32.0).collect();
    let rows = lines(depth, &qkv);
    let shape = shape(items, tokens, *lengths.iter().max().unwrap());
    let mut builder = Builder::new(gpu, shape);
    builder.variants.attention = matrix;
    let x = builder.input(Rows::Tokens, 3 * heads * fours(depth) * 4);
    let answers = builder.take(Rows::Tokens, heads * fours(depth));
    let built = builder.attention((x, answers), (heads, depth), causal, queries);
    built.unwrap();
    // Into 32 bits, which take twice the memory of 16.
    let padded = heads * fours(depth) * 4;
    let one = |k, n| Some(f32::from(u8::from(k == n)));
    let same = builder.matrix((&plain(padded), &plain(padded)), None, one);
    let wide = builder.take(Rows::Tokens, 2 * answers.width4);
    let mut product = Product::new(answers, wide);
    product.wide = true;
    product.out_place = Some((answers.width4, 0));
    builder.product(product, &same.unwrap());
    let out = Value {
        width4: answers.width4,
        ..wide
    };
    let mut program = builder.finish(out).unwrap();
    let picks = vec![0; items];
    let values = program.run(gpu, shape, Input::Rows(&rows), (&starts, &picks), false);
    let values = values.unwrap();
    let order = parts(heads, depth);
    let get =
        |row: usize, part: usize, i: usize| f64::from(qkv[row * 3 * width + part * width + i]);
    for (first, length) in starts.iter().zip(lengths) {
        let first = *first as usize;
        for query in 0..queries.unwrap_or(*length).min(*length) {
            let seen = if causal { query + 1 } else { *length };
            for head in 0..heads {
                let score = |key: usize| {
                    let part = head * depth..(head + 1) * depth;
                    let products = part.map(|i| get(first + query, 0, i) * get(first + key, 1, i));
                    (products.sum::<f64>() / (depth as f64).sqrt()).exp()
                };
                let scores: Vec<f64> = (0..seen).map(score).collect();
                let sum: f64 = scores.iter().sum();
                for d in 0..depth {
                    let i = head * depth + d;
                    let answer = (0..seen).map(|k| scores[k] * get(first + k, 2, i));
                    let expected = (answer.sum::<f64>() / sum) as f32;
                    let place = order.iter().position(|o| *o == Some(i)).unwrap();
                    let row = &values[(first + query) * program.output_width..];
                    let tolerance = if matrix.is_some() { 2e-3 } else { 2e-5 };
                    close(&row[place..=place], &[expected], tolerance);
                }
            }
        }
    }
}

#[test]
fn attention_of_ragged_sequences() {
    let Some(gpu) = gpu() else { return };
    // More queries than a workgroup has, and the widest heads of any CLIP.
    attention(&gpu, &[3, 1, 70, 17], (2, 5), (true, None), None);
    attention(&gpu, &[66, 2], (1, 104), (false, None), None);
    attention(&gpu, &[50, 50], (3, 8), (false, Some(1)), None);
    let lengths = proptest::collection::vec(1..40usize, 1..4);
    let strategy = (lengths, 1..4usize, 1..17usize, any::<bool>());
    cases(8, strategy, |(lengths, heads, depth, causal)| {
        attention(&gpu, &lengths, (heads, depth), (causal, None), None);
    });
}

#[test]
fn attention_with_matrices_of_ragged_sequences() {
    let Some((gpu, matrix)) = with_matrices() else {
        return;
    };
    let one_by_one = Fragment {
        from_numbers: true,
        ..matrix
    };
    // As if subgroups could be larger than they are.
    let half_empty = Fragment {
        lanes: matrix.lanes * 2,
        ..matrix
    };
    for matrix in [matrix, one_by_one, half_empty].map(Some) {
        // In one tile of keys and in several, up to whole matrices and not, several blocks.
        attention(&gpu, &[3, 1, 70, 17], (2, 5), (true, None), matrix);
        attention(&gpu, &[66, 2], (1, 104), (false, None), matrix);
        attention(&gpu, &[50, 30], (3, 8), (false, Some(1)), matrix);
        attention(&gpu, &[131, 32, 33], (2, 64), (false, None), matrix);
        attention(&gpu, &[131, 32, 33], (1, 16), (true, None), matrix);
    }
}
