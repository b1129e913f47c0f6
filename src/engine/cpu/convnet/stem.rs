//! A convolutional network's first layer: 3×3 with a step of 2, from a picture's bytes.

use std::ops::Range;

use crate::core::encoder::Preprocessing;
use crate::core::pixels::Pixels;
use crate::engine::cpu::convnet::size::{Size, padding};
use crate::engine::cpu::matmul::packed::Packed;
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::simd::level::Vectorised;

const KERNEL: usize = 3;
const STEP: usize = 2;
const CHANNELS: usize = 3;
/// Samples per neighbourhood: the length of the weights' rows.
pub(crate) const SAMPLES: usize = KERNEL * KERNEL * CHANNELS;

/// The convolution, as a product of neighbourhoods.
pub(crate) struct Stem {
    weights: Packed,
    input: Size,
    output: Size,
    /// Lines and columns of zeros before the first one.
    before: usize,
    /// The means and deviations for a line, sample by sample.
    mean: Vec<f32>,
    std: Vec<f32>,
}

impl Stem {
    /// Takes [`SAMPLES`] weights by row, column and channel, for pictures prepared with
    /// `preprocessing`. `before` is the number of zero lines and columns that come first; `None`
    /// for TensorFlow's "same" padding.
    pub(crate) fn new(
        weights: Packed,
        before: Option<usize>,
        preprocessing: &Preprocessing,
    ) -> Self {
        let size = preprocessing.size as usize;
        let input = Size {
            height: size,
            width: size,
        };
        let output = input.halved_by(STEP);
        let same = padding(size, output.width, KERNEL, STEP);
        Self {
            weights,
            input,
            output,
            before: before.unwrap_or(same),
            mean: preprocessing.mean.repeat(size),
            std: preprocessing.std.repeat(size),
        }
    }

    /// Weights and bias.
    pub(crate) fn weights(&self) -> &Packed {
        &self.weights
    }

    /// The size of the output.
    pub(crate) fn output(&self) -> Size {
        self.output
    }

    /// The neighbourhoods for these lines of the result, one per row; `samples` is a buffer.
    pub(crate) fn patches(
        &self,
        picture: &Pixels,
        lines: &Range<usize>,
        samples: &mut Vec<f32>,
        patches: &mut Matrix,
    ) {
        let (input, output) = (self.input, self.output);
        let (top, left) = (self.before, self.before * CHANNELS);
        let inside = input.width * CHANNELS;
        let length = (left + inside).max(((output.width.max(1) - 1) * STEP + KERNEL) * CHANNELS);
        patches.shape(lines.len() * output.width, SAMPLES);
        samples.clear();
        samples.resize(length, 0.0);
        let stride = patches.stride();
        let rows = patches.values_mut().chunks_exact_mut(output.width * stride);
        for (line, rows) in lines.clone().zip(rows) {
            for tap in 0..KERNEL {
                let above = (line * STEP + tap).checked_sub(top);
                let bytes = above.and_then(|y| picture.data().chunks_exact(inside).nth(y));
                let own = &mut samples[left..left + inside];
                match bytes {
                    Some(bytes) => self.weights.level().run(Normalise {
                        bytes,
                        samples: own,
                        mean: &self.mean,
                        std: &self.std,
                    }),
                    None => own.fill(0.0),
                }
                const TAPS: usize = KERNEL * CHANNELS;
                for (x, row) in rows.chunks_exact_mut(stride).enumerate() {
                    let seen = &samples[x * STEP * CHANNELS..][..TAPS];
                    row[tap * TAPS..][..TAPS].copy_from_slice(seen);
                }
            }
        }
    }
}

struct Normalise<'a> {
    bytes: &'a [u8],
    samples: &'a mut [f32],
    mean: &'a [f32],
    std: &'a [f32],
}

impl Vectorised for Normalise<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let parameters = self.mean.iter().zip(self.std);
        let samples = self.samples.iter_mut().zip(self.bytes);
        for ((sample, byte), (mean, std)) in samples.zip(parameters) {
            // In torch's order of operations, so that results agree to the last bit.
            *sample = (f32::from(*byte) / 255.0 - mean) / std;
        }
    }
}
