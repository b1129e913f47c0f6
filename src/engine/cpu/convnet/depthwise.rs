//! Depthwise convolution with bias and limits, one line of the result at a time.
//!
//! A few neighbouring pixels of one vector of channels are summed at once, so that each weight is
//! read once for all of them. Lines come with zero margins, so nothing checks for edges.

use crate::engine::cpu::matmul::tile::Bounds;
use crate::engine::cpu::memory::{Aligned, LINE};
use crate::engine::cpu::simd::level::Level;

/// The largest kernel.
pub(crate) const MAX_KERNEL: usize = 7;

/// Pixels summed at once: with the weights of a line they fit into the registers of AVX2.
const AT_ONCE: usize = 8;

/// Weights `[kernel², channels]` and biases, each padded to whole cache lines.
pub(crate) struct Depthwise {
    level: Level,
    kernel: usize,
    step: usize,
    weight: Aligned,
    bias: Aligned,
    /// Channels, padded.
    padded: usize,
    bounds: Bounds,
}

impl Depthwise {
    /// Takes `weight` `[kernel², channels]` for a step of 1 or 2; results are clamped to `bounds`.
    ///
    /// `None` if the lengths do not match, or for kernels other than 3×3, 5×5 and 7×7.
    pub(crate) fn new(
        level: Level,
        (kernel, step): (usize, usize),
        weight: &[f32],
        bias: &[f32],
        bounds: Bounds,
    ) -> Option<Self> {
        let channels = bias.len();
        let known = matches!((kernel, step), (3 | 5 | 7, 1 | 2));
        if !known || channels == 0 || weight.len() != kernel * kernel * channels {
            return None;
        }
        let padded = channels.next_multiple_of(LINE);
        let mut own = Aligned::zeros(kernel * kernel * padded);
        let rows = own.values_mut().chunks_exact_mut(padded);
        for (own, row) in rows.zip(weight.chunks_exact(channels)) {
            own[..channels].copy_from_slice(row);
        }
        let mut own_bias = Aligned::zeros(padded);
        own_bias.values_mut()[..channels].copy_from_slice(bias);
        Some(Self {
            level,
            kernel,
            step,
            weight: own,
            bias: own_bias,
            padded,
            bounds,
        })
    }

    /// Width and height of the kernel.
    pub(crate) fn kernel(&self) -> usize {
        self.kernel
    }

    /// Its step.
    pub(crate) fn step(&self) -> usize {
        self.step
    }

    /// Computes a line of `pixels` pixels, `stride` values apart, from its `kernel` input lines,
    /// `None` beyond the edge. Their pixels have the same stride and include margins.
    pub(crate) fn line(
        &self,
        lines: &[Option<&[f32]>],
        out: &mut [f32],
        pixels: usize,
        stride: usize,
    ) {
        assert!(lines.len() == self.kernel && stride >= self.padded);
        let seen = (pixels.max(1) - 1) * self.step + self.kernel;
        let mut starts = [std::ptr::null(); MAX_KERNEL];
        for (start, line) in starts.iter_mut().zip(lines) {
            if let Some(line) = line {
                assert!(line.len() >= (seen - 1) * stride + self.padded);
                *start = line.as_ptr();
            }
        }
        assert!(pixels == 0 || out.len() >= (pixels - 1) * stride + self.padded);
        let at_once = if pixels < AT_ONCE { 1 } else { AT_ONCE };
        let mut first = 0;
        while first < pixels {
            // The last group overlaps the one before it, instead of being short.
            let from = first.min(pixels - at_once);
            // SAFETY: `from + at_once` pixels of the result and their inputs were checked above.
            let group = unsafe {
                Group {
                    lines: starts.map(|start| {
                        if start.is_null() {
                            start
                        } else {
                            start.add(from * self.step * stride)
                        }
                    }),
                    weight: self.weight.values().as_ptr(),
                    bias: self.bias.values().as_ptr(),
                    out: out.as_mut_ptr().add(from * stride),
                    stride,
                    channels: self.padded,
                    bounds: self.bounds,
                }
            };
            // SAFETY: as above; weights and biases are `padded` long each.
            unsafe { self.run(at_once, &group) };
            first += at_once;
        }
    }

    /// # Safety
    /// `group`'s pointers must be valid as its fields describe.
    unsafe fn run(&self, at_once: usize, group: &Group) {
        macro_rules! by_shape {
            ($kernel:ident) => {
                // SAFETY: the caller guarantees the pointers, and the level is available.
                unsafe {
                    match (self.kernel, self.step, at_once) {
                        (3, 1, AT_ONCE) => $kernel::<3, 1, AT_ONCE>(group),
                        (3, 2, AT_ONCE) => $kernel::<3, 2, AT_ONCE>(group),
                        (5, 1, AT_ONCE) => $kernel::<5, 1, AT_ONCE>(group),
                        (5, 2, AT_ONCE) => $kernel::<5, 2, AT_ONCE>(group),
                        (7, 1, AT_ONCE) => $kernel::<7, 1, AT_ONCE>(group),
                        (7, 2, AT_ONCE) => $kernel::<7, 2, AT_ONCE>(group),
                        (3, 1, _) => $kernel::<3, 1, 1>(group),
                        (3, 2, _) => $kernel::<3, 2, 1>(group),
                        (5, 1, _) => $kernel::<5, 1, 1>(group),
                        (5, 2, _) => $kernel::<5, 2, 1>(group),
                        (7, 1, _) => $kernel::<7, 1, 1>(group),
                        _ => $kernel::<7, 2, 1>(group),
                    }
                }
            };
        }
        match self.level {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 | Level::Vnni => by_shape!(avx512),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 | Level::AvxVnni => by_shape!(avx2),
            _ => by_shape!(portable),
        }
    }
}

/// Pixels of the result, `stride` apart, and their input lines from the first pixel's inputs on.
struct Group {
    lines: [*const f32; MAX_KERNEL],
    weight: *const f32,
    bias: *const f32,
    out: *mut f32,
    stride: usize,
    channels: usize,
    bounds: Bounds,
}

macro_rules! vectors {
    ($name:ident, $feature:literal, $lanes:literal, $load:ident, $store:ident, $fma:ident, $set:ident, $min:ident, $max:ident) => {
        /// # Safety
        /// The group's pointers must be valid for `PIXELS` pixels, and the processor must have the
        /// features.
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = $feature)]
        unsafe fn $name<const KERNEL: usize, const STEP: usize, const PIXELS: usize>(
            group: &Group,
        ) {
            use std::arch::x86_64::*;
            let (low, high) = ($set(group.bounds.low), $set(group.bounds.high));
            for channel in (0..group.channels).step_by($lanes) {
                // SAFETY: as the caller guarantees.
                unsafe {
                    let mut sums = [$load(group.bias.add(channel)); PIXELS];
                    for (row, line) in group.lines.iter().take(KERNEL).enumerate() {
                        if line.is_null() {
                            continue;
                        }
                        for tap in 0..KERNEL {
                            let at = (row * KERNEL + tap) * group.channels + channel;
                            let weight = $load(group.weight.add(at));
                            for (pixel, sum) in sums.iter_mut().enumerate() {
                                let at = (pixel * STEP + tap) * group.stride + channel;
                                *sum = $fma($load(line.add(at)), weight, *sum);
                            }
                        }
                    }
                    for (pixel, sum) in sums.iter().enumerate() {
                        let out = group.out.add(pixel * group.stride + channel);
                        // If one is NaN, these return the second.
                        $store(out, $min(high, $max(low, *sum)));
                    }
                }
            }
        }
    };
}

vectors!(
    avx512,
    "avx512f",
    16,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_fmadd_ps,
    _mm512_set1_ps,
    _mm512_min_ps,
    _mm512_max_ps
);
vectors!(
    avx2,
    "avx2,fma",
    8,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_fmadd_ps,
    _mm256_set1_ps,
    _mm256_min_ps,
    _mm256_max_ps
);

/// # Safety
/// The group's pointers must be valid for `PIXELS` pixels.
unsafe fn portable<const KERNEL: usize, const STEP: usize, const PIXELS: usize>(group: &Group) {
    use crate::engine::cpu::simd::math::fma;
    const FMA: bool = cfg!(target_arch = "aarch64");
    const LANES: usize = 4;
    for channel in (0..group.channels).step_by(LANES) {
        // SAFETY: as the caller guarantees; channels are whole cache lines.
        unsafe {
            let lanes = |start: *const f32, at: usize| *start.add(at).cast::<[f32; LANES]>();
            let mut sums = [lanes(group.bias, channel); PIXELS];
            for (row, line) in group.lines.iter().take(KERNEL).enumerate() {
                if line.is_null() {
                    continue;
                }
                for tap in 0..KERNEL {
                    let at = (row * KERNEL + tap) * group.channels + channel;
                    let weight = lanes(group.weight, at);
                    for (pixel, sum) in sums.iter_mut().enumerate() {
                        let x = lanes(*line, (pixel * STEP + tap) * group.stride + channel);
                        for ((sum, x), weight) in sum.iter_mut().zip(x).zip(weight) {
                            *sum = fma::<FMA>(x, weight, *sum);
                        }
                    }
                }
            }
            for (pixel, sum) in sums.iter().enumerate() {
                let out = group.out.add(pixel * group.stride + channel);
                *out.cast::<[f32; LANES]>() = sum.map(|v| group.bounds.hold(v));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cpu::testing::numbers;

    #[test]
    fn agrees_with_plain_sums() {
        for level in Level::available() {
            for (kernel, step, channels, pixels) in [
                (3, 1, 5, 1),
                (3, 2, 16, 9),
                (5, 1, 24, 8),
                (5, 2, 33, 21),
                (5, 1, 48, 3),
                (7, 1, 24, 9),
                (7, 2, 16, 4),
            ] {
                let bounds = if kernel == 7 {
                    Bounds::NONE
                } else {
                    Bounds::RELU6
                };
                let weight = numbers(kernel * kernel * channels, 1);
                let bias: Vec<f32> = numbers(channels, 2).iter().map(|b| b + 1.0).collect();
                let own = Depthwise::new(level, (kernel, step), &weight, &bias, bounds).unwrap();
                let stride = channels.next_multiple_of(16) + 16;
                let seen = (pixels - 1) * step + kernel;
                let lines: Vec<Vec<f32>> = (0..kernel)
                    .map(|i| numbers(seen * stride, i as u64 + 3))
                    .collect();
                // The second line is beyond the edge.
                let given: Vec<Option<&[f32]>> = lines
                    .iter()
                    .enumerate()
                    .map(|(i, line)| (i != 1).then_some(line.as_slice()))
                    .collect();
                let mut out = vec![-1.0; pixels * stride];
                own.line(&given, &mut out, pixels, stride);
                for (i, got) in out.iter().enumerate() {
                    let (pixel, channel) = (i / stride, i % stride);
                    if channel >= channels.next_multiple_of(16) {
                        assert_eq!(*got, -1.0);
                    } else if channel < channels {
                        let mut sum = bias[channel];
                        for (row, line) in given.iter().enumerate() {
                            let Some(line) = line else { continue };
                            for tap in 0..kernel {
                                sum += line[(pixel * step + tap) * stride + channel]
                                    * weight[(row * kernel + tap) * channels + channel];
                            }
                        }
                        let expected = bounds.hold(sum);
                        assert!((got - expected).abs() < 2e-5, "{level:?} {kernel} {step}");
                    }
                }
            }
        }
    }

    #[test]
    fn odd_shapes_are_refused() {
        let level = Level::Portable;
        let new = |form, weight: &[f32], bias: &[f32]| {
            Depthwise::new(level, form, weight, bias, Bounds::NONE)
        };
        assert!(new((3, 1), &[0.0; 9 * 4], &[0.0; 5]).is_none());
        assert!(new((9, 1), &[0.0; 81], &[0.0]).is_none());
        assert!(new((3, 3), &[0.0; 9], &[0.0]).is_none());
    }
}
