//! 8-bit maps with a zero margin and a scale for each pixel.
//!
//! Convolutions in a residual network follow a ReLU, so bytes are unsigned and 0 is 0. A pixel's
//! scale depends only on that pixel, so an embedding does not depend on the rest of its batch.

use std::ops::Range;

use rayon::prelude::*;

use crate::engine::cpu::arenas::Arenas;
use crate::engine::cpu::convnet::resnet::frame::Frame;
use crate::engine::cpu::convnet::resnet::map;
use crate::engine::cpu::convnet::resnet::map::Map;
use crate::engine::cpu::memory::{Aligned, LINE};
use crate::engine::cpu::simd::level::{Level, Vectorised};

/// Buffers for values that become bytes.
static SCRATCH: Arenas<Aligned> = Arenas::new();

/// Maps of bytes; a value is `byte · scale` of its pixel.
#[derive(Default)]
pub(crate) struct ByteMap {
    frame: Frame,
    bytes: Aligned,
    scales: Vec<f32>,
    channels: usize,
}

/// How to round values for the convolution that reads them.
#[derive(Clone, Copy)]
pub(crate) struct Rounding<'a> {
    /// The level of the rounding kernels.
    pub(crate) level: Level,
    /// The factor of each channel before rounding.
    pub(crate) factors: &'a [f32],
    /// The margin in lines and columns.
    pub(crate) margin: usize,
}

/// A job's part of byte maps.
pub(crate) struct Part<'a> {
    bytes: &'a mut [u8],
    scales: &'a mut [f32],
    frame: Frame,
    stride: usize,
    first: usize,
}

impl ByteMap {
    /// Reshapes to this frame, with zero margins.
    pub(crate) fn shape(&mut self, frame: Frame, channels: usize) {
        (self.frame, self.channels) = (frame, channels);
        let (stride, pixels) = (self.stride(), frame.pixels());
        self.bytes.reserve(pixels * stride / size_of::<f32>());
        // A margin's scale is 0 too.
        self.scales.clear();
        self.scales.resize(pixels, 0.0);
        frame.clear_margin(stride, self.bytes.cast_mut::<u8>());
    }

    /// The layout of its pixels.
    pub(crate) fn frame(&self) -> Frame {
        self.frame
    }

    /// Values per pixel.
    pub(crate) fn channels(&self) -> usize {
        self.channels
    }

    /// Bytes from one pixel to the next: an odd number of cache lines, as in a `Matrix`.
    pub(crate) fn stride(&self) -> usize {
        const BYTES: usize = LINE * size_of::<f32>();
        let lines = self.channels.div_ceil(BYTES);
        (lines + 1 - lines % 2) * BYTES
    }

    /// All pixels, including margins.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes.cast()[..self.frame.pixels() * self.stride()]
    }

    /// All pixels' scales, including margins.
    pub(crate) fn scales(&self) -> &[f32] {
        &self.scales
    }

    /// The part that each of the frame's `jobs` may write.
    pub(crate) fn parts(&mut self, jobs: &[Range<usize>]) -> Vec<Part<'_>> {
        let (frame, stride) = (self.frame, self.stride());
        let bytes = &mut self.bytes.cast_mut()[..frame.pixels() * stride];
        let bytes = frame.cut(jobs, stride, bytes).into_iter();
        let scales = frame.cut(jobs, 1, &mut self.scales);
        let parts = bytes.zip(scales).zip(jobs);
        parts
            .map(|((bytes, scales), lines)| Part {
                bytes,
                scales,
                frame,
                stride,
                first: lines.start,
            })
            .collect()
    }

    /// Copies maps without margins and with no negative values, rounded by `rounding`.
    pub(crate) fn take(&mut self, x: &Map, rounding: Rounding) {
        let Rounding {
            level,
            factors,
            margin,
        } = rounding;
        let frame = x.frame().with_margin(margin);
        self.shape(frame, factors.len());
        let stride = x.values().stride();
        let jobs = frame.jobs();
        let parts = self.parts(&jobs);
        parts
            .into_par_iter()
            .zip(&jobs)
            .for_each(|(mut part, lines)| {
                let first = x.frame().pixel(lines.start) * stride;
                let values = &x.values().values()[first..];
                part.fill(level, lines.clone(), values, stride, factors);
            });
    }

    /// Takes the means of 2×2 pixels of `x`, as [`map::average`] computes them.
    pub(crate) fn take_averages(&mut self, x: &Map, rounding: Rounding) {
        let stride = x.values().stride();
        self.take_made(map::halved(x.frame()), stride, rounding, |lines, means| {
            map::average_lines(rounding.level, x, lines, means);
        });
    }

    /// Takes the lines that `make` computes for the frame, with pixels `stride` apart and no
    /// negative values, rounded by `rounding` while in cache.
    pub(crate) fn take_made(
        &mut self,
        frame: Frame,
        stride: usize,
        rounding: Rounding,
        make: impl Fn(Range<usize>, &mut [f32]) + Sync,
    ) {
        let Rounding {
            level,
            factors,
            margin,
        } = rounding;
        let frame = frame.with_margin(margin);
        self.shape(frame, factors.len());
        let jobs = frame.jobs();
        let parts = self.parts(&jobs);
        parts
            .into_par_iter()
            .zip(&jobs)
            .for_each(|(mut part, lines)| {
                SCRATCH.with(|scratch| {
                    let length = lines.len() * frame.width * stride;
                    scratch.reserve(length);
                    let values = &mut scratch.values_mut()[..length];
                    make(lines.clone(), values);
                    part.fill(level, lines.clone(), values, stride, factors);
                });
            });
    }
}

impl Part<'_> {
    /// Rounds `lines` of the map from `values`, pixels `stride` apart.
    pub(crate) fn fill(
        &mut self,
        level: Level,
        lines: Range<usize>,
        values: &[f32],
        stride: usize,
        factors: &[f32],
    ) {
        let width = self.frame.width;
        for (line, values) in lines.zip(values.chunks((width * stride).max(1))) {
            let pixel = self.frame.pixel(line) - self.frame.pixel(self.first);
            level.run(Round {
                values,
                stride,
                factors,
                bytes: &mut self.bytes[pixel * self.stride..][..width * self.stride],
                scales: &mut self.scales[pixel..][..width],
                most: level.most_u8(),
            });
        }
    }
}

/// Sums all lanes by halves: one after the other would dominate the time for a narrow pixel.
#[inline(always)]
fn fold(mut lanes: [f32; LANES], join: impl Fn(f32, f32) -> f32) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] = join(lanes[i], lanes[i + half]);
        }
        half /= 2;
    }
    lanes[0]
}

const LANES: usize = 16;

/// Converts pixels to bytes.
struct Round<'a> {
    values: &'a [f32],
    stride: usize,
    factors: &'a [f32],
    bytes: &'a mut [u8],
    scales: &'a mut [f32],
    most: f32,
}

impl Vectorised for Round<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        const ROUND: f32 = 12_582_912.0;
        let channels = self.factors.len();
        let stride = self.bytes.len() / self.scales.len().max(1);
        let pixels = self.bytes.chunks_exact_mut(stride).zip(self.scales);
        for ((bytes, scale), values) in pixels.zip(self.values.chunks(self.stride)) {
            let values = &values[..channels];
            let (mut high, mut sums) = ([0f32; LANES], [0f32; LANES]);
            let (chunks, rest) = values.as_chunks::<LANES>();
            let (factors, factors_rest) = self.factors.as_chunks::<LANES>();
            for (chunk, factors) in chunks.iter().zip(factors) {
                for i in 0..LANES {
                    let value = chunk[i] * factors[i];
                    sums[i] += value;
                    high[i] = if value > high[i] { value } else { high[i] };
                }
            }
            let mut highest = fold(high, |a, b| if a > b { a } else { b });
            let mut sum = fold(sums, |a, b| a + b);
            for (value, factor) in rest.iter().zip(factors_rest) {
                sum += value * factor;
                highest = highest.max(value * factor);
            }
            // A value that is not finite has no byte, but must be noticed.
            *scale = if sum.is_finite() {
                highest / self.most
            } else {
                f32::NAN
            };
            let inverse = if highest > 0.0 {
                self.most / highest
            } else {
                0.0
            };
            let (own, padding) = bytes.split_at_mut(channels);
            for ((byte, value), factor) in own.iter_mut().zip(values).zip(self.factors) {
                // As in `exp`: the lowest bits are the rounded number.
                *byte = (value * factor * inverse + ROUND).to_bits() as u8;
            }
            padding.fill(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cpu::convnet::resnet::byte_conv::ByteConv;
    use crate::engine::cpu::convnet::resnet::channels::Channels;
    use crate::engine::cpu::testing::numbers;

    /// `count` maps with values from 0 to 1.
    fn map((count, height, width): (usize, usize, usize), channels: usize) -> Map {
        let mut map = Map::default();
        map.shape((count, height, width), 0, channels);
        let values = numbers(count * height * width * channels, 5);
        for (i, values) in values.chunks_exact(channels).enumerate() {
            let row = map.values_mut().row_mut(i);
            row.iter_mut().zip(values).for_each(|(r, v)| *r = v.abs());
        }
        map
    }

    /// A convolution that determines the rounding.
    fn conv(level: Level, kernel: usize, sizes: &[f32]) -> ByteConv {
        let weight = vec![1.0; kernel * kernel * sizes.len()];
        ByteConv::new(level, &weight, &[0.0], kernel, &Channels::of_sizes(sizes)).unwrap()
    }

    #[test]
    fn keeps_every_value_to_half_a_step_and_the_margin_at_zero() {
        for level in Level::available() {
            for (size, channels, margin) in
                [((1, 1, 1), 1, 0), ((2, 5, 7), 33, 1), ((3, 9, 60), 70, 1)]
            {
                let x = map(size, channels);
                let sizes: Vec<f32> = (0..channels).map(|i| 0.5 + (i % 7) as f32).collect();
                let conv = conv(level, 1 + 2 * margin, &sizes);
                let factors = conv.factors();
                let mut bytes = ByteMap::default();
                // The previous content must not remain.
                bytes.shape(
                    Frame {
                        count: 4,
                        height: 20,
                        width: 70,
                        margin: 0,
                    },
                    100,
                );
                bytes.bytes.cast_mut::<u8>().fill(9);
                bytes.take(&x, conv.rounding());
                let mut inside = 0;
                for (line, y) in (0..size.0 * size.1).map(|line| (line, bytes.frame().pixel(line)))
                {
                    for pixel in 0..size.2 {
                        let scale = bytes.scales()[y + pixel];
                        let got = &bytes.bytes()[(y + pixel) * bytes.stride()..][..bytes.stride()];
                        let row = x.values().row(line * size.2 + pixel);
                        for ((byte, value), factor) in got.iter().zip(row).zip(factors) {
                            let off = f32::from(*byte) * scale - value * factor;
                            assert!(off.abs() <= scale * 0.501, "{level:?}: {off} of {scale}");
                        }
                        assert!(got[channels..].iter().all(|byte| *byte == 0));
                        inside += got.iter().map(|byte| usize::from(*byte)).sum::<usize>();
                    }
                }
                let all = bytes
                    .bytes()
                    .iter()
                    .map(|byte| usize::from(*byte))
                    .sum::<usize>();
                assert_eq!(inside, all);
            }
        }
    }

    #[test]
    fn averages_are_those_of_floats() {
        for level in Level::available() {
            let x = map((2, 9, 13), 20);
            let mut expected = Map::default();
            map::average(level, &x, &mut expected);
            let conv = conv(level, 3, &[1.0; 20]);
            let (mut got, mut plain) = (ByteMap::default(), ByteMap::default());
            got.take_averages(&x, conv.rounding());
            plain.take(&expected, conv.rounding());
            assert_eq!(got.frame(), plain.frame());
            assert_eq!(got.bytes(), plain.bytes());
            assert_eq!(got.scales(), plain.scales());
        }
    }

    #[test]
    fn damage_stays_visible() {
        for level in Level::available() {
            let mut x = map((1, 1, 2), 40);
            x.values_mut().row_mut(1)[17] = f32::NAN;
            let mut bytes = ByteMap::default();
            bytes.take(&x, conv(level, 1, &[1.0; 40]).rounding());
            assert!(bytes.scales()[0].is_finite() && bytes.scales()[1].is_nan());
        }
    }
}
