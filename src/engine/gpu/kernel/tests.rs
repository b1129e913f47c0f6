//! Each kernel against a plain reference, at odd sizes.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;

use crate::engine::gpu::device::Gpu;
use crate::engine::gpu::device::adapter::AdapterKind;
use crate::engine::gpu::device::faults::Faults;
use crate::engine::gpu::kernel::activation::Activation;
use crate::engine::gpu::kernel::pack::{fours, lines, parts, plain};
use crate::engine::gpu::kernel::tile::{Fragment, Fragments, Tile};
use crate::engine::gpu::kernel::{NormSource, Precision};
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::operands::{Normalise, Product, Value, Window};
use crate::engine::gpu::program::{Input, Rows, Shape};
use crate::engine::gpu::testing::{Random, there_is_an_adapter};

fn gpu() -> Option<Gpu> {
    there_is_an_adapter().then(|| Gpu::open(0, Precision::Full, true, &Faults::default()).unwrap())
}

fn shape(items: usize, tokens: usize, longest: usize) -> Shape {
    Shape {
        items,
        tokens,
        longest,
    }
}

/// Plans what `build` says, runs it on `input`, and takes the padding off the rows.
fn run(
    gpu: &Gpu,
    shape: Shape,
    (starts, picks): (&[u32], &[u32]),
    input: Input<'_>,
    width: usize,
    build: impl FnOnce(&mut Builder) -> Value,
) -> Vec<f32> {
    let mut builder = Builder::new(gpu, shape);
    let output = build(&mut builder);
    let mut program = builder.finish(output).unwrap();
    let values = program.run(gpu, shape, input, (starts, picks), false);
    let values = values.unwrap();
    // The same in as many parts as there are workgroups.
    program.pace.crawl();
    let parts = program.run(gpu, shape, input, (starts, picks), false);
    assert_eq!(parts.unwrap(), values);
    assert!(program.trace.submissions >= program.trace.dispatches);
    let rows = values.chunks_exact(program.output_width);
    rows.flat_map(|row| {
        assert!(row[width..].iter().all(|v| *v == 0.0), "padding stays zero");
        row[..width].to_vec()
    })
    .collect()
}

fn close(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    for (i, (f, e)) in found.iter().zip(expected).enumerate() {
        assert!(
            (f - e).abs() <= tolerance * (1.0 + e.abs()),
            "{i}: {f} for {e}"
        );
    }
}

fn activate(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Identity => x,
        Activation::Relu => x.max(0.0),
        Activation::Relu6 => x.clamp(0.0, 6.0),
        Activation::QuickGelu => x / (1.0 + (-1.702 * x).exp()),
        Activation::Gelu => {
            // Φ by Simpson's rule over the density.
            let steps = 2000;
            let h = x.clamp(-9.0, 9.0) / f64::from(steps);
            let density = |t: f64| (-t * t / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
            let sum: f64 = (0..=steps)
                .map(|i| {
                    let weight = match i {
                        0 => 1.0,
                        i if i == steps => 1.0,
                        i if i % 2 == 1 => 4.0,
                        _ => 2.0,
                    };
                    weight * density(f64::from(i) * h)
                })
                .sum();
            x * (0.5 + sum * h / 3.0)
        }
    }
}

/// One product, found and expected.
fn products(
    gpu: &Gpu,
    (m, k, n): (usize, usize, usize),
    (tile, activation, adds): (Tile, Activation, bool),
) -> (Vec<f32>, Vec<f32>) {
    let mut random = Random((m * 1_000_003 + k * 1_009 + n) as u32);
    let a = random.numbers(m * k);
    // Large values too: activations must not overflow into NaN.
    let w: Vec<f32> = random.numbers(n * k).iter().map(|v| v * 20.0).collect();
    let bias = random.numbers(n);
    let extra = random.numbers(n * k);
    let padded = lines(k, &a);
    let found = run(
        gpu,
        shape(m, m, 1),
        (&[], &[]),
        Input::Rows(&padded),
        n,
        |b| {
            let x = b.input(Rows::Items(1), k);
            let order = (&plain(k), &plain(n));
            let matrix = b.matrix(order, Some(&bias), |k_, n_| w.get(n_ * k + k_).copied());
            let first = b.matrix(order, None, |k_, n_| extra.get(n_ * k + k_).copied());
            let out = b.take(Rows::Items(1), fours(n));
            if adds {
                let mut product = Product::new(x, out);
                product.wide = true;
                b.product(product, &first.unwrap());
            }
            let mut product = Product::new(x, out).then(activation);
            product.adds = adds;
            product.tile = Some(tile);
            product.wide = true;
            b.product(product, &matrix.unwrap());
            out
        },
    );
    let mut expected = Vec::new();
    for i in 0..m {
        for j in 0..n {
            let mut sum = f64::from(bias[j]);
            for l in 0..k {
                let mut right = f64::from(w[j * k + l]);
                if adds {
                    right += f64::from(extra[j * k + l]);
                }
                sum += f64::from(a[i * k + l]) * right;
            }
            expected.push(activate(activation, sum) as f32);
        }
    }
    (found, expected)
}

/// One product against the reference.
fn product(gpu: &Gpu, size: (usize, usize, usize), variant: (Tile, Activation, bool)) {
    let (found, expected) = products(gpu, size, variant);
    // Sums of 70 products round in other orders, and reach ten where an activation takes nearly all
    // of them away again.
    close(&found, &expected, 6e-5);
}

/// Random cases of a property, few enough for a software adapter.
fn cases<S: Strategy>(count: u32, strategy: S, property: impl Fn(S::Value)) {
    let config = ProptestConfig {
        cases: count,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let run = TestRunner::new(config).run(&strategy, |value| {
        property(value);
        Ok(())
    });
    run.unwrap();
}

#[test]
fn products_of_odd_sizes() {
    let Some(gpu) = gpu() else { return };
    let tiles = [Tile::LOW, Tile::SMALL, Tile::WIDE, Tile::LARGE];
    let activations = [
        Activation::Identity,
        Activation::Relu,
        Activation::Relu6,
        Activation::Gelu,
        Activation::QuickGelu,
    ];
    product(&gpu, (1, 1, 1), (Tile::LOW, Activation::Identity, false));
    // Several workgroups each way, and a remainder.
    product(&gpu, (150, 19, 141), (Tile::LARGE, Activation::Gelu, true));
    let sizes = (1..140usize, 1..70usize, 1..150usize);
    let variants = (
        select(tiles.to_vec()),
        select(activations.to_vec()),
        any::<bool>(),
    );
    cases(12, (sizes, variants), |(sizes, variants)| {
        product(&gpu, sizes, variants);
    });
}

#[test]
fn cooperative_products_are_the_plain_ones() {
    if !there_is_an_adapter() {
        return;
    }
    let gpu = Gpu::open(0, Precision::Half, true, &Faults::default()).unwrap();
    let Some(fragment) = gpu.cooperative else {
        // The software adapter of our system has none: then nothing uses them either.
        eprintln!("skipped: this adapter has no cooperative matrices");
        return;
    };
    let small = |fragment| {
        Tile::Cooperative(Fragments {
            fragment,
            each: (16, 32),
            subgroups: (2, 2),
        })
    };
    let one_by_one = Fragment {
        from_numbers: true,
        ..fragment
    };
    // As if subgroups might have been larger than they are.
    let half_empty = Fragment {
        lanes: fragment.lanes * 2,
        ..fragment
    };
    let mut tiles = vec![small(fragment), small(one_by_one), small(half_empty)];
    // What is used is large, and a software adapter takes minutes to compile it.
    if gpu.info.kind != AdapterKind::Software {
        tiles.push(Tile::cooperative_large(fragment));
        tiles.push(Tile::cooperative_small(fragment));
    }
    for tile in tiles {
        for (size, activation, adds) in [
            ((1, 1, 1), Activation::Identity, false),
            ((150, 70, 141), Activation::Identity, false),
            ((65, 33, 300), Activation::QuickGelu, true),
        ] {
            let (found, _) = products(&gpu, size, (tile, activation, adds));
            let (plain, expected) = products(&gpu, size, (Tile::SMALL, activation, adds));
            close(&plain, &expected, 0.05);
            close(&found, &plain, 6e-5);
        }
    }
}

struct Picture {
    items: usize,
    height: usize,
    width: usize,
    channels: usize,
    values: Vec<f32>,
}

impl Picture {
    fn random(random: &mut Random, [items, height, width, channels]: [usize; 4]) -> Self {
        let values = random.numbers(items * height * width * channels);
        Self {
            items,
            height,
            width,
            channels,
            values,
        }
    }

    /// Zero beyond the edges.
    fn at(&self, item: usize, y: isize, x: isize, c: usize) -> f64 {
        if y < 0 || x < 0 || y >= self.height as isize || x >= self.width as isize {
            return 0.0;
        }
        let pixel = (item * self.height + y as usize) * self.width + x as usize;
        f64::from(self.values[pixel * self.channels + c])
    }

    fn window(&self, kernel: usize, step: usize, before: usize) -> Window {
        Window {
            height: self.height,
            width: self.width,
            out_height: self.height.div_ceil(step),
            out_width: self.width.div_ceil(step),
            channels4: fours(self.channels),
            kernel,
            step,
            top: before,
            left: before,
        }
    }

    /// Calls `f(item, top of the window, left of the window)` for each output pixel.
    fn places(&self, w: &Window, mut f: impl FnMut(usize, isize, isize)) {
        for item in 0..self.items {
            for y in 0..w.out_height {
                for x in 0..w.out_width {
                    let place = |i: usize, before: usize| (i * w.step) as isize - before as isize;
                    f(item, place(y, w.top), place(x, w.left));
                }
            }
        }
    }
}

#[test]
fn convolutions_of_odd_sizes() {
    let Some(gpu) = gpu() else { return };
    let mut random = Random(2);
    for (height, width, channels, output, kernel, step, before) in [
        (5, 7, 3, 6, 3, 1, 1),
        (9, 6, 5, 9, 3, 2, 0),
        (4, 4, 8, 3, 1, 1, 0),
    ] {
        let picture = Picture::random(&mut random, [2, height, width, channels]);
        let taps = kernel * kernel;
        let weight = random.numbers(taps * channels * output);
        let window = picture.window(kernel, step, before);
        let out_pixels = window.out_height * window.out_width;
        let padded = lines(channels, &picture.values);
        let found = run(
            &gpu,
            shape(2, 2, 1),
            (&[], &[]),
            Input::Rows(&padded),
            output,
            |b| {
                let x = b.input(Rows::Items(height * width), channels);
                let order = (&parts(taps, channels), &plain(output));
                let matrix = b.matrix(order, None, |k, n| weight.get(k * output + n).copied());
                let out = b.take(Rows::Items(out_pixels), fours(output));
                b.product(Product::new(x, out).over(window, None), &matrix.unwrap());
                out
            },
        );
        let mut expected = Vec::new();
        picture.places(&window, |item, y, x| {
            for n in 0..output {
                let mut sum = 0.0;
                for tap in 0..taps {
                    let (dy, dx) = ((tap / kernel) as isize, (tap % kernel) as isize);
                    for c in 0..channels {
                        let w = weight[(tap * channels + c) * output + n];
                        sum += picture.at(item, y + dy, x + dx, c) * f64::from(w);
                    }
                }
                expected.push(sum as f32);
            }
        });
        close(&found, &expected, 1e-5);

        // Depthwise, over the same picture.
        let weight = random.numbers(taps * channels);
        let bias = random.numbers(channels);
        let found = run(
            &gpu,
            shape(2, 2, 1),
            (&[], &[]),
            Input::Rows(&padded),
            channels,
            |b| {
                let x = b.input(Rows::Items(height * width), channels);
                let out = b.take(Rows::Items(out_pixels), fours(channels));
                let w = b.weight(&lines(channels, &weight)).unwrap();
                let bias = b.numbers(&lines(channels, &bias)).unwrap();
                b.depthwise((x, out), window, &w, &bias);
                out
            },
        );
        let mut expected = Vec::new();
        picture.places(&window, |item, y, x| {
            for c in 0..channels {
                let mut sum = f64::from(bias[c]);
                for tap in 0..taps {
                    let (dy, dx) = ((tap / kernel) as isize, (tap % kernel) as isize);
                    sum +=
                        picture.at(item, y + dy, x + dx, c) * f64::from(weight[tap * channels + c]);
                }
                expected.push(sum.clamp(0.0, 6.0) as f32);
            }
        });
        close(&found, &expected, 1e-5);

        // The 2×2 average and the mean of all.
        let mut window = picture.window(2, 2, 0);
        (window.out_height, window.out_width) = (height / 2, width / 2);
        let found = run(
            &gpu,
            shape(2, 2, 1),
            (&[], &[]),
            Input::Rows(&padded),
            channels,
            |b| {
                let x = b.input(Rows::Items(height * width), channels);
                let pixels = window.out_height * window.out_width;
                let out = b.take(Rows::Items(pixels), fours(channels));
                b.pool((x, out), window);
                out
            },
        );
        let mut expected = Vec::new();
        picture.places(&window, |item, y, x| {
            for c in 0..channels {
                let sum: f64 = [(0, 0), (0, 1), (1, 0), (1, 1)]
                    .iter()
                    .map(|(dy, dx)| picture.at(item, y + dy, x + dx, c))
                    .sum();
                expected.push((sum / 4.0) as f32);
            }
        });
        close(&found, &expected, 1e-6);

        let pixels = height * width;
        let positions = random.numbers((pixels + 1) * channels);
        for tokens in [false, true] {
            let rows = if tokens { pixels + 1 } else { 1 };
            let found = run(
                &gpu,
                shape(2, 2, 1),
                (&[], &[]),
                Input::Rows(&padded),
                channels,
                |b| {
                    let x = b.input(Rows::Items(pixels), channels);
                    let out = b.take(Rows::Items(rows), fours(channels));
                    let positions = b.numbers(&lines(channels, &positions)).unwrap();
                    b.mean((x, out), pixels, tokens.then_some(&positions));
                    out
                },
            );
            let mut expected = Vec::new();
            for item in 0..2 {
                let values = &picture.values[item * pixels * channels..][..pixels * channels];
                let mut all = vec![0f32; channels];
                for (i, v) in values.iter().enumerate() {
                    all[i % channels] += v / pixels as f32;
                }
                if tokens {
                    all.extend(values);
                    for (v, p) in all.iter_mut().zip(&positions) {
                        *v += p;
                    }
                }
                expected.extend(all);
            }
            close(&found, &expected, 1e-5);
        }
    }
}

#[test]
fn pixels_are_normalised_as_they_are_read() {
    let Some(gpu) = gpu() else { return };
    let mut random = Random(3);
    let (side, output) = (5, 7);
    let bytes: Vec<u8> = (0..side * side * 4).map(|_| random.bits() as u8).collect();
    let mean = [0.48f32, 0.45, 0.4];
    let deviation = [0.27f32, 0.26, 0.28];
    let values = (0..side * side * 3).map(|i| {
        let sample = f32::from(bytes[i / 3 * 4 + i % 3]);
        (sample / 255.0 - mean[i % 3]) / deviation[i % 3]
    });
    let picture = Picture {
        items: 1,
        height: side,
        width: side,
        channels: 3,
        values: values.collect(),
    };
    let weight = random.numbers(27 * output);
    let window = picture.window(3, 2, 1);
    let found = run(
        &gpu,
        shape(1, 1, 1),
        (&[], &[]),
        Input::Pixels(&bytes),
        output,
        |b| {
            let x = b.pixels(side);
            let order = (&parts(9, 3), &plain(output));
            let matrix = b.matrix(order, None, |k, n| weight.get(k * output + n).copied());
            let out = b.take(Rows::Items(9), fours(output));
            let normalise = Normalise { mean, deviation };
            let product = Product::new(x, out).over(window, Some(normalise));
            b.product(product, &matrix.unwrap());
            out
        },
    );
    let mut expected = Vec::new();
    picture.places(&window, |item, y, x| {
        for n in 0..output {
            let tap =
                |k: usize| picture.at(item, y + (k / 9) as isize, x + (k / 3 % 3) as isize, k % 3);
            let sum: f64 = (0..27)
                .map(|k| tap(k) * f64::from(weight[k * output + n]))
                .sum();
            expected.push(sum as f32);
        }
    });
    close(&found, &expected, 1e-5);
}

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
) {
    let (items, tokens) = (lengths.len(), lengths.iter().sum::<usize>());
    let mut random = Random((tokens * 1_009 + heads * 131 + depth) as u32);
    let starts: Vec<u32> = (0..=items)
        .map(|i| lengths[..i].iter().sum::<usize>() as u32)
        .collect();
    let width = heads * depth;
    let qkv = random.numbers(tokens * 3 * width);
    let qkv: Vec<f32> = qkv.iter().map(|v| v * 3.0).collect();
    let padded = lines(depth, &qkv);
    let shape = shape(items, tokens, *lengths.iter().max().unwrap());
    let mut builder = Builder::new(gpu, shape);
    let x = builder.input(Rows::Tokens, 3 * heads * fours(depth) * 4);
    let out = builder.take(Rows::Tokens, heads * fours(depth));
    let built = builder.attention((x, out), (heads, depth), causal, queries);
    built.unwrap();
    let mut program = builder.finish(out).unwrap();
    let picks = vec![0; items];
    let values = program.run(gpu, shape, Input::Rows(&padded), (&starts, &picks), false);
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
                    close(&row[place..=place], &[expected], 2e-5);
                }
            }
        }
    }
}

#[test]
fn attention_of_ragged_sequences() {
    let Some(gpu) = gpu() else { return };
    // More queries than a workgroup has, and the widest heads of any CLIP.
    attention(&gpu, &[3, 1, 70, 17], (2, 5), (true, None));
    attention(&gpu, &[66, 2], (1, 104), (false, None));
    attention(&gpu, &[50, 50], (3, 8), (false, Some(1)));
    let lengths = proptest::collection::vec(1..40usize, 1..4);
    let strategy = (lengths, 1..4usize, 1..17usize, any::<bool>());
    cases(8, strategy, |(lengths, heads, depth, causal)| {
        attention(&gpu, &lengths, (heads, depth), (causal, None));
    });
}
