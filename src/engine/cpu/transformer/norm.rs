//! Layer normalisation of rows.

use rayon::prelude::*;

use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::simd::level::{Level, Vectorised};
use crate::engine::cpu::simd::math::fma;

/// Rows per step.
const ROWS_AT_ONCE: usize = 16;

/// The least steps of a thread: it takes some microseconds to call another one.
const STEPS: usize = 4;

const LANES: usize = 16;

/// Layer normalisation with gain and bias (Ba et al. 2016, <https://arxiv.org/abs/1607.06450>).
#[derive(Clone)]
pub(crate) struct Norm {
    gain: Vec<f32>,
    bias: Vec<f32>,
    epsilon: f32,
    level: Level,
}

impl Norm {
    /// `None` if gain and bias differ in length.
    pub(crate) fn new(level: Level, gain: Vec<f32>, bias: Vec<f32>, epsilon: f32) -> Option<Self> {
        (gain.len() == bias.len() && !gain.is_empty()).then_some(Self {
            gain,
            bias,
            epsilon,
            level,
        })
    }

    /// Normalises every row of `x` into `y`.
    pub(crate) fn forward(&self, x: &Matrix, y: &mut Matrix) {
        assert_eq!(x.width(), self.gain.len());
        y.shape(x.rows(), x.width());
        let (stride, width) = (x.stride(), x.width());
        y.values_mut()
            .par_chunks_mut(stride * ROWS_AT_ONCE)
            .zip(x.values().par_chunks(stride * ROWS_AT_ONCE))
            .with_min_len(STEPS)
            .for_each(|(y, x)| {
                for (y, x) in y.chunks_exact_mut(stride).zip(x.chunks_exact(stride)) {
                    let (x, y) = (&x[..width], &mut y[..width]);
                    self.level.run(Row { norm: self, x, y });
                }
            });
    }

    /// Normalises every row of `x` in place.
    pub(crate) fn in_place(&self, x: &mut Matrix) {
        assert_eq!(x.width(), self.gain.len());
        let (stride, width) = (x.stride(), x.width());
        x.values_mut()
            .par_chunks_mut(stride * ROWS_AT_ONCE)
            .with_min_len(STEPS)
            .for_each(|rows| {
                let mut copy = vec![0f32; width];
                for row in rows.chunks_exact_mut(stride) {
                    copy.copy_from_slice(&row[..width]);
                    let (x, y) = (copy.as_slice(), &mut row[..width]);
                    self.level.run(Row { norm: self, x, y });
                }
            });
    }
}

struct Row<'a> {
    norm: &'a Norm,
    x: &'a [f32],
    y: &'a mut [f32],
}

impl Vectorised for Row<'_> {
    type Output = ();

    /// The variance in a second pass over the centred values, like in torch: the mean square less
    /// the squared mean loses precision if a few channels are huge.
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let count = self.x.len() as f32;
        let mean = sum::<FMA>(self.x, |v, sum| v + sum) / count;
        let squares = sum::<FMA>(self.x, |v, sum| fma::<FMA>(v - mean, v - mean, sum));
        let scale = 1.0 / (squares / count + self.norm.epsilon).sqrt();
        let parameters = self.norm.gain.iter().zip(&self.norm.bias);
        for ((y, x), (gain, bias)) in self.y.iter_mut().zip(self.x).zip(parameters) {
            *y = fma::<FMA>((x - mean) * scale, *gain, *bias);
        }
    }
}

/// Sums in lanes, which vectorises and has a fraction of a plain sum's rounding error.
#[inline(always)]
fn sum<const FMA: bool>(values: &[f32], add: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, v) in lanes.iter_mut().zip(chunk) {
            *lane = add(*v, *lane);
        }
    }
    let rest = rest.iter().fold(0.0, |sum, v| add(*v, sum));
    lanes.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cpu::testing::{matrix, numbers};

    #[test]
    fn has_mean_zero_and_deviation_one_before_gain_and_bias() {
        for level in Level::available() {
            for width in [1, 15, 16, 100, 768] {
                let (gain, bias) = (numbers(width, 1), numbers(width, 2));
                let norm = Norm::new(level, gain.clone(), bias.clone(), 1e-5).unwrap();
                let mut x = matrix(33, width, 3);
                let mut y = Matrix::default();
                norm.forward(&x, &mut y);
                for row in 0..33 {
                    let v: Vec<f64> = x.row(row).iter().map(|v| f64::from(*v)).collect();
                    let mean = v.iter().sum::<f64>() / width as f64;
                    let variance =
                        v.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / width as f64;
                    for (i, got) in y.row(row).iter().enumerate() {
                        let plain = (v[i] - mean) / (variance + 1e-5).sqrt();
                        let expected = plain * f64::from(gain[i]) + f64::from(bias[i]);
                        assert!(
                            (f64::from(*got) - expected).abs() < 1e-5,
                            "{level:?} {width}"
                        );
                    }
                }
                norm.in_place(&mut x);
                assert_eq!(x.row(32), y.row(32));
            }
        }
    }

    #[test]
    fn keeps_its_digits_far_from_zero() {
        for level in Level::available() {
            let norm = Norm::new(level, vec![2.0; 20], vec![0.5; 20], 1e-5).unwrap();
            let mut x = Matrix::zeros(1, 20);
            x.row_mut(0)
                .iter_mut()
                .enumerate()
                .for_each(|(i, v)| *v = 9_999.0 + 2.0 * (i % 2) as f32);
            norm.in_place(&mut x);
            for (i, v) in x.row(0).iter().enumerate() {
                let expected = if i % 2 == 0 { -1.5 } else { 2.5 };
                assert!((v - expected).abs() < 1e-4, "{level:?}: {v}");
            }
        }
    }
}
