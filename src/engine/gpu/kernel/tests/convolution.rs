//! Convolutions and means against loops in f64.

use crate::clip::spec::activation::Activation;
use crate::engine::gpu::kernel::epilogue::Epilogue;
use crate::engine::gpu::kernel::pack::{fours, lines, parts, plain};
use crate::engine::gpu::kernel::tests::{activate, close, gpu, run, shape};
use crate::engine::gpu::program::Input;
use crate::engine::gpu::program::operands::{Product, Window};
use crate::engine::gpu::program::shape::Rows;
use crate::engine::gpu::testing::Random;

const GELU: Epilogue = Epilogue::Activation(Activation::Gelu);

/// Height, width, channels, kernel, step, padding before.
const SHAPES: [(usize, usize, usize, usize, usize, usize); 3] =
    [(5, 7, 3, 3, 1, 1), (9, 6, 5, 3, 2, 0), (4, 4, 8, 1, 1, 0)];

pub(super) struct Picture {
    pub(super) items: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) channels: usize,
    pub(super) values: Vec<f32>,
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
    pub(super) fn at(&self, item: usize, y: isize, x: isize, c: usize) -> f64 {
        if y < 0 || x < 0 || y >= self.height as isize || x >= self.width as isize {
            return 0.0;
        }
        let pixel = (item * self.height + y as usize) * self.width + x as usize;
        f64::from(self.values[pixel * self.channels + c])
    }

    pub(super) fn window(&self, kernel: usize, step: usize, before: usize) -> Window {
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
    pub(super) fn places(&self, w: &Window, mut f: impl FnMut(usize, isize, isize)) {
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
    }
}

#[test]
fn depthwise_convolutions_of_odd_sizes() {
    let Some(gpu) = gpu() else { return };
    let mut random = Random(5);
    for (height, width, channels, kernel, step, before) in SHAPES {
        let picture = Picture::random(&mut random, [2, height, width, channels]);
        let padded = lines(channels, &picture.values);
        let taps = kernel * kernel;
        let window = picture.window(kernel, step, before);
        let out_pixels = window.out_height * window.out_width;
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
                b.depthwise((x, out), window, (&w, &bias), Epilogue::Relu6);
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
    }
}

#[test]
fn depthwise_convolutions_with_several_outputs_a_channel() {
    let Some(gpu) = gpu() else { return };
    let mut random = Random(8);
    let (height, width, channels, outputs, kernel) = (9, 6, 4, 12, 7);
    let picture = Picture::random(&mut random, [2, height, width, channels]);
    let window = picture.window(kernel, 2, 3);
    let weight = random.numbers(kernel * kernel * outputs);
    let bias = random.numbers(outputs);
    let found = run(
        &gpu,
        shape(2, 2, 1),
        (&[], &[]),
        Input::Rows(&picture.values),
        outputs,
        |b| {
            let x = b.input(Rows::Items(height * width), channels);
            let pixels = window.out_height * window.out_width;
            let out = b.take(Rows::Items(pixels), fours(outputs));
            let w = b.weight(&lines(outputs, &weight)).unwrap();
            let bias = b.numbers(&lines(outputs, &bias)).unwrap();
            b.depthwise((x, out), window, (&w, &bias), GELU);
            out
        },
    );
    let mut expected = Vec::new();
    picture.places(&window, |item, y, x| {
        for n in 0..outputs {
            let mut sum = f64::from(bias[n]);
            for tap in 0..kernel * kernel {
                let (dy, dx) = ((tap / kernel) as isize, (tap % kernel) as isize);
                let seen = picture.at(item, y + dy, x + dx, n % channels);
                sum += seen * f64::from(weight[tap * outputs + n]);
            }
            expected.push(activate(GELU, sum) as f32);
        }
    });
    close(&found, &expected, 1e-5);
}

#[test]
fn gates_of_pictures() {
    let Some(gpu) = gpu() else { return };
    let mut random = Random(9);
    let (items, side, channels) = (2, 3, 5);
    let picture = Picture::random(&mut random, [items, side, side, channels]);
    let padded = lines(channels, &picture.values);
    let pixels = side * side;
    // The gate of a picture is its mean here.
    let found = run(
        &gpu,
        shape(items, items, 1),
        (&[], &[]),
        Input::Rows(&padded),
        channels,
        |b| {
            let x = b.input(Rows::Items(pixels), channels);
            let gates = b.take(Rows::Items(1), fours(channels));
            b.mean((x, gates), pixels, None);
            b.gate((gates, x), pixels);
            x
        },
    );
    let mut expected = Vec::new();
    for item in 0..items {
        let at = |pixel: usize, c: usize| {
            f64::from(picture.values[(item * pixels + pixel) * channels + c])
        };
        for pixel in 0..pixels {
            for c in 0..channels {
                let mean: f64 = (0..pixels).map(|p| at(p, c)).sum::<f64>() / pixels as f64;
                expected.push(activate(GELU, at(pixel, c) / (1.0 + (-mean).exp())) as f32);
            }
        }
    }
    close(&found, &expected, 1e-5);
}

#[test]
fn averages_of_odd_sizes() {
    let Some(gpu) = gpu() else { return };
    let mut random = Random(6);
    for (height, width, channels, ..) in SHAPES {
        let picture = Picture::random(&mut random, [2, height, width, channels]);
        let padded = lines(channels, &picture.values);
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
    }
}

#[test]
fn means_of_odd_sizes() {
    let Some(gpu) = gpu() else { return };
    let mut random = Random(7);
    for (height, width, channels, ..) in SHAPES {
        let picture = Picture::random(&mut random, [2, height, width, channels]);
        let padded = lines(channels, &picture.values);
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
