//! Each kernel against a plain reference, at odd sizes.

mod attention;
mod convolution;
mod pixels;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;

use crate::clip::spec::activation::Activation;
use crate::engine::gpu::device::Gpu;
use crate::engine::gpu::device::faults::Faults;
use crate::engine::gpu::kernel::Precision;
use crate::engine::gpu::kernel::epilogue::Epilogue;
use crate::engine::gpu::kernel::pack::{fours, lines, plain};
use crate::engine::gpu::kernel::tile::{Fragment, Tile};
use crate::engine::gpu::program::Input;
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::operands::{Product, Value};
use crate::engine::gpu::program::shape::{Rows, Shape};
use crate::engine::gpu::testing::{Random, there_is_an_adapter, with_matrices};

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

/// Plans what `build` adds, runs it on `input`, and removes the padding of rows.
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

fn activate(epilogue: Epilogue, x: f64) -> f64 {
    match epilogue {
        Epilogue::Identity => x,
        Epilogue::Relu => x.max(0.0),
        Epilogue::Relu6 => x.clamp(0.0, 6.0),
        Epilogue::Activation(Activation::QuickGelu) => x / (1.0 + (-1.702 * x).exp()),
        Epilogue::Activation(Activation::GeluTanh) => {
            let scaled = 2.0 * (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x * x * x);
            x / (1.0 + (-scaled).exp())
        }
        Epilogue::Activation(Activation::Gelu) => {
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
    (tile, activation, adds): (Tile, Epilogue, bool),
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
fn product(gpu: &Gpu, size: (usize, usize, usize), variant: (Tile, Epilogue, bool)) {
    let (found, expected) = products(gpu, size, variant);
    // Sums of 70 products round in another order, and reach ten before an activation cancels nearly
    // all of them.
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
        Epilogue::Identity,
        Epilogue::Relu,
        Epilogue::Relu6,
        Epilogue::Activation(Activation::Gelu),
        Epilogue::Activation(Activation::QuickGelu),
        Epilogue::Activation(Activation::GeluTanh),
    ];
    product(&gpu, (1, 1, 1), (Tile::LOW, Epilogue::Identity, false));
    // Several workgroups each way, and a remainder.
    product(
        &gpu,
        (150, 19, 141),
        (Tile::LARGE, Epilogue::Activation(Activation::Gelu), true),
    );
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
    let Some((gpu, fragment)) = with_matrices() else {
        return;
    };
    let small = |fragment| Tile::cooperative(fragment, (16, 32), (2, 2));
    let one_by_one = Fragment {
        from_numbers: true,
        ..fragment
    };
    // As if subgroups could be larger than they are.
    let half_empty = Fragment {
        lanes: fragment.lanes * 2,
        ..fragment
    };
    let mut tiles = vec![small(fragment), small(one_by_one), small(half_empty)];
    tiles.push(small(fragment).in_two_steps());
    tiles.push(small(half_empty).in_two_steps());
    // Strips narrower than a subgroup's columns.
    tiles.push(Tile::cooperative(fragment, (16, 64), (1, 2)));
    for tile in tiles {
        for (size, activation, adds) in [
            ((1, 1, 1), Epilogue::Identity, false),
            ((150, 70, 141), Epilogue::Identity, false),
            // Nothing lies outside the matrix.
            ((70, 64, 128), Epilogue::Identity, true),
            (
                (65, 33, 300),
                Epilogue::Activation(Activation::QuickGelu),
                true,
            ),
        ] {
            let (found, _) = products(&gpu, size, (tile, activation, adds));
            let (plain, expected) = products(&gpu, size, (Tile::SMALL, activation, adds));
            close(&plain, &expected, 0.05);
            close(&found, &plain, 6e-5);
        }
    }
}
