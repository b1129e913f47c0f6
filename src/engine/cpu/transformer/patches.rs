//! A picture's patches as tokens.
//!
//! In 32 bits, samples are normalised and multiplied. In 8 bits they stay the bytes that they are,
//! and the weights have the normalisation in them. These have 15 bits, as a sum of two 8-bit
//! weights: the first layer decides what all others see.

use candle_core::{Error, Result};
use rayon::prelude::*;

use crate::core::encoder::Preprocessing;
use crate::core::pixels::Pixels;
use crate::engine::cpu::load::Kernels;
use crate::engine::cpu::matmul::linear::{Linear, Precision};
use crate::engine::cpu::matmul::product::Finish;
use crate::engine::cpu::matmul::quantised::{MAX_INPUT, Quantised};
use crate::engine::cpu::matmul::quantised_rows::QuantisedRows;
use crate::engine::cpu::memory::Matrix;

/// The byte that counts as zero: in the middle, so that sums stay small.
const ZERO: u8 = 128;

/// Projects patches to tokens.
pub(crate) struct Patches {
    weights: Weights,
    /// Patches in a picture's line.
    grid: usize,
    /// Pixels in a patch's line.
    size: usize,
}

enum Weights {
    Exact(Linear, Box<Samples>),
    /// The upper and the lower bits.
    Bytes([Quantised; 2]),
}

/// The normalised value of each sample of each channel.
type Samples = [[f32; 256]; 3];

/// Buffers for a batch.
#[derive(Default)]
pub(crate) struct PatchRows {
    floats: Matrix,
    bytes: QuantisedRows,
}

impl Patches {
    /// Takes weights in a patch's order: line by line, red, green and blue interleaved.
    pub(crate) fn new(
        kernels: Kernels,
        (grid, size): (usize, usize),
        weight: &[f32],
        bias: Option<&[f32]>,
        preprocessing: &Preprocessing,
    ) -> Result<Self> {
        let (level, input) = (kernels.level, 3 * size * size);
        let output = weight.len() / input.max(1);
        let bytes = kernels.precision == Precision::Fast
            && level.gains_by_i8()
            && level.most_u8() >= f32::from(u8::MAX)
            && input <= MAX_INPUT;
        let weights = if bytes {
            let (weight, bias) = of_bytes(weight, input, bias, preprocessing);
            let upper = Quantised::new(level, &weight, Some(&bias), output);
            upper.and_then(|upper| {
                let rest = upper.rest(&weight);
                let lower = Quantised::new(level, &rest, None, output)?;
                Some(Weights::Bytes([upper, lower]))
            })
        } else {
            Linear::new(level, Precision::Exact, weight, bias, output)
                .map(|linear| Weights::Exact(linear, Box::new(samples(preprocessing))))
        };
        let weights =
            weights.ok_or_else(|| Error::Msg("the patches' weights do not fit".into()))?;
        Ok(Self {
            weights,
            grid,
            size,
        })
    }

    /// Computes the tokens of pictures of the model's size, picture by picture and line by line.
    pub(crate) fn forward(&self, images: &[Pixels], rows: &mut PatchRows, tokens: &mut Matrix) {
        let (count, width) = (
            images.len() * self.grid * self.grid,
            3 * self.size * self.size,
        );
        match &self.weights {
            Weights::Exact(linear, table) => {
                rows.floats.shape(count, width);
                let stride = rows.floats.stride();
                let patches = rows.floats.values_mut().par_chunks_mut(stride);
                patches.enumerate().for_each(|(patch, out)| {
                    for (out, line) in out.chunks_mut(3 * self.size).zip(self.lines(images, patch))
                    {
                        for (out, rgb) in out.chunks_exact_mut(3).zip(line.chunks_exact(3)) {
                            for ((out, sample), table) in out.iter_mut().zip(rgb).zip(&**table) {
                                *out = table[usize::from(*sample)];
                            }
                        }
                    }
                });
                linear.forward(&rows.floats, tokens);
            }
            Weights::Bytes([upper, lower]) => {
                rows.bytes.take(count, width, ZERO, |patch, out| {
                    for (out, line) in out.chunks_mut(3 * self.size).zip(self.lines(images, patch))
                    {
                        out.copy_from_slice(line);
                    }
                });
                tokens.shape(count, upper.output());
                upper.multiply_rows(&rows.bytes, 0..upper.panels(), tokens, Finish::PLAIN);
                lower.multiply_rows(&rows.bytes, 0..lower.panels(), tokens, Finish::ADD);
            }
        }
    }

    /// The lines of a patch.
    fn lines<'a>(&self, images: &'a [Pixels], patch: usize) -> impl Iterator<Item = &'a [u8]> {
        let (grid, size) = (self.grid, self.size);
        let (image, at) = (patch / (grid * grid), patch % (grid * grid));
        let (top, left) = (at / grid * size, at % grid * size);
        let (data, side) = (images[image].data(), images[image].width() as usize);
        (top..top + size).map(move |y| &data[(y * side + left) * 3..][..3 * size])
    }
}

/// Weights and bias for bytes less [`ZERO`] in place of normalised samples.
fn of_bytes(
    weight: &[f32],
    input: usize,
    bias: Option<&[f32]>,
    preprocessing: &Preprocessing,
) -> (Vec<f32>, Vec<f32>) {
    let [mean, std] = [preprocessing.mean, preprocessing.std];
    let scaled = weight.iter().enumerate();
    let scaled = scaled.map(|(i, w)| w / (255.0 * std[i % 3])).collect();
    let rows = weight.chunks_exact(input).enumerate();
    let moved = rows.map(|(output, row)| {
        let zero = f64::from(ZERO) / 255.0;
        let sum: f64 = row
            .iter()
            .enumerate()
            .map(|(i, w)| f64::from(*w) * (zero - f64::from(mean[i % 3])) / f64::from(std[i % 3]))
            .sum();
        bias.map_or(0.0, |bias| bias[output]) + sum as f32
    });
    (scaled, moved.collect())
}

fn samples(preprocessing: &Preprocessing) -> Samples {
    let mut table = [[0f32; 256]; 3];
    let parameters = preprocessing.mean.iter().zip(&preprocessing.std);
    for (channel, (mean, std)) in table.iter_mut().zip(parameters) {
        for (sample, value) in channel.iter_mut().enumerate() {
            // In torch's order of operations, so that results agree to the last bit.
            *value = (sample as f32 / 255.0 - mean) / std;
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cpu::simd::level::Level;
    use crate::engine::cpu::testing::numbers;

    #[test]
    fn agrees_with_the_definition() {
        let (grid, size, width) = (3, 5, 37);
        let preprocessing = Preprocessing::clip(15);
        let weight = numbers(width * 3 * size * size, 1);
        let bias = numbers(width, 2);
        let pictures = [3, 4].map(|seed| {
            let samples = numbers(15 * 15 * 3, seed);
            let samples = samples.iter().map(|v| (127.5 + 127.5 * v) as u8).collect();
            Pixels::new(15, 15, samples).unwrap()
        });
        for level in Level::available() {
            for (precision, bias) in [
                (Precision::Exact, Some(bias.as_slice())),
                (Precision::Fast, Some(bias.as_slice())),
                (Precision::Fast, None),
            ] {
                let kernels = Kernels { level, precision };
                let patches =
                    Patches::new(kernels, (grid, size), &weight, bias, &preprocessing).unwrap();
                let (mut rows, mut tokens) = (PatchRows::default(), Matrix::default());
                patches.forward(&pictures, &mut rows, &mut tokens);
                for token in 0..2 * grid * grid {
                    let (y, x) = (token / grid % grid * size, token % grid * size);
                    for output in 0..width {
                        let mut sum = bias.map_or(0.0, |bias| f64::from(bias[output]));
                        for i in 0..3 * size * size {
                            let at = ((y + i / (3 * size)) * 15 + x) * 3 + i % (3 * size);
                            let sample = f64::from(pictures[token / (grid * grid)].data()[at]);
                            let c = i % 3;
                            let value = sample / 255.0 - f64::from(preprocessing.mean[c]);
                            let value = value / f64::from(preprocessing.std[c]);
                            sum += value * f64::from(weight[output * 3 * size * size + i]);
                        }
                        let off = (f64::from(tokens.row(token)[output]) - sum).abs();
                        assert!(off < 3e-3, "{level:?} {precision:?}: {off} off {sum}");
                    }
                }
            }
        }
    }
}
