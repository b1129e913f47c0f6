//! Pictures as they are uploaded, against loops.

use crate::engine::gpu::kernel::pack::{fours, parts, plain};
use crate::engine::gpu::kernel::tests::convolution::Picture;
use crate::engine::gpu::kernel::tests::{close, gpu, run, shape};
use crate::engine::gpu::program::Input;
use crate::engine::gpu::program::operands::{Normalise, Product};
use crate::engine::gpu::program::shape::Rows;
use crate::engine::gpu::testing::Random;

#[test]
fn pixels_are_normalised_as_they_are_read() {
    let Some(gpu) = gpu() else { return };
    let mut random = Random(3);
    let (side, output) = (5, 7);
    let bytes: Vec<u8> = (0..side * side * 3).map(|_| random.bits() as u8).collect();
    let mean = [0.48f32, 0.45, 0.4];
    let deviation = [0.27f32, 0.26, 0.28];
    let values = (0..side * side * 3).map(|i| {
        let sample = f32::from(bytes[i]);
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
        Input::Pictures(&[&bytes]),
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

#[test]
fn patches_are_rows_of_normalised_pixels() {
    let Some(gpu) = gpu() else { return };
    let mut random = Random(12);
    // A side of the last picture ends within a word, and pixels beyond the last patch are not seen.
    for (side, patch, items) in [(12, 4, 2), (11, 5, 3), (7, 7, 1)] {
        let grid = side / patch;
        let pictures: Vec<Vec<u8>> = (0..items)
            .map(|_| (0..side * side * 3).map(|_| random.bits() as u8).collect())
            .collect();
        let (mean, deviation) = ([0.48f32, 0.45, 0.4], [0.27f32, 0.26, 0.28]);
        let normalise = Normalise { mean, deviation };
        let width = 3 * patch * patch;
        let slices: Vec<&[u8]> = pictures.iter().map(Vec::as_slice).collect();
        let found = run(
            &gpu,
            shape(items, items, 1),
            (&[], &[]),
            Input::Pictures(&slices),
            width,
            |b| {
                let x = b.pixels(side);
                let out = b.take(Rows::Items(grid * grid), fours(width));
                b.patches((x, out), (side, patch, grid), normalise);
                out
            },
        );
        let mut expected = Vec::new();
        for picture in &pictures {
            for row in 0..grid * grid {
                for k in 0..width {
                    let (line, column) = (k / (3 * patch), k / 3 % patch);
                    let (y, x) = (row / grid * patch + line, row % grid * patch + column);
                    let sample = f32::from(picture[(y * side + x) * 3 + k % 3]) / 255.0;
                    expected.push((sample - mean[k % 3]) / deviation[k % 3]);
                }
            }
        }
        close(&found, &expected, 1e-6);
    }
}
