//! An EfficientNet's first convolution: 3×3 with a step of 2, from a picture's bytes.

use std::ops::Range;

use super::inverted::{Size, padding};
use super::level::Vectorised;
use super::memory::Matrix;
use super::packed::Packed;
use crate::encoder::Preprocessing;
use crate::pixels::Pixels;

const KERNEL: usize = 3;
const STEP: usize = 2;
const CHANNELS: usize = 3;
/// Samples of a neighbourhood: the length of the weights' rows.
pub(super) const SAMPLES: usize = KERNEL * KERNEL * CHANNELS;

/// The convolution, as a product of neighbourhoods.
pub(super) struct Stem {
    weights: Packed,
    input: Size,
    output: Size,
    mean: f32,
    std: f32,
}

impl Stem {
    /// For pictures as `preprocessing` makes them, alike in all channels; `weights` takes
    /// [`SAMPLES`] samples by row, column and channel.
    pub(super) fn new(weights: Packed, preprocessing: &Preprocessing) -> Self {
        let size = preprocessing.size as usize;
        let input = Size {
            height: size,
            width: size,
        };
        Self {
            weights,
            input,
            output: input.halved_by(STEP),
            mean: preprocessing.mean[0],
            std: preprocessing.std[0],
        }
    }

    /// Weights and bias.
    pub(super) fn weights(&self) -> &Packed {
        &self.weights
    }

    /// Size of what comes out.
    pub(super) fn output(&self) -> Size {
        self.output
    }

    /// The neighbourhoods that these lines of the result see, a row each; `samples` is memory.
    pub(super) fn patches(
        &self,
        picture: &Pixels,
        lines: &Range<usize>,
        samples: &mut Vec<f32>,
        patches: &mut Matrix,
    ) {
        let (input, output) = (self.input, self.output);
        let top = padding(input.height, output.height, KERNEL, STEP);
        let left = padding(input.width, output.width, KERNEL, STEP) * CHANNELS;
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
                        mean: self.mean,
                        std: self.std,
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
    mean: f32,
    std: f32,
}

impl Vectorised for Normalise<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (sample, byte) in self.samples.iter_mut().zip(self.bytes) {
            *sample = (f32::from(*byte) / 255.0 - self.mean) / self.std;
        }
    }
}
