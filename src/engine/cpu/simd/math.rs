//! Elementary functions in a form that vectorises: no branches, no calls, integers only as bits.

use crate::clip::spec::activation::{Activation, TANH_CUBE, TANH_SCALE};
use crate::engine::cpu::simd::level::{Level, Vectorised};

/// `a · b + c`, with a single rounding if that is one instruction.
#[inline(always)]
pub(crate) fn fma<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// `e^x` to about two units in the last place; 0 and infinity become their nearest finite
/// neighbours; NaN stays NaN.
///
/// `x = n ln 2 + r`: the power of two from its bits, `e^r` from the polynomial of Cephes' `expf`
/// (S. Moshier, <https://www.netlib.org/cephes/>).
#[inline(always)]
pub(crate) fn exp<const FMA: bool>(x: f32) -> f32 {
    // Adding 1.5 · 2^23 leaves no room for a fraction: the lowest bits are the rounded number.
    const ROUND: f32 = 12_582_912.0;
    const LOWEST: f32 = -87.0;
    const HIGHEST: f32 = 88.0;
    let x = if x < LOWEST { LOWEST } else { x };
    let x = if x > HIGHEST { HIGHEST } else { x };
    let shifted = fma::<FMA>(x, std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    // ln 2 in two parts; the first has so few digits that its product is exact.
    let r = fma::<FMA>(n, -0.693_359_4, x);
    let r = fma::<FMA>(n, 2.121_944_4e-4, r);
    let p = 1.987_569_1e-4;
    let p = fma::<FMA>(p, r, 1.398_2e-3);
    let p = fma::<FMA>(p, r, 8.333_452e-3);
    let p = fma::<FMA>(p, r, 4.166_579_6e-2);
    let p = fma::<FMA>(p, r, 1.666_666_5e-1);
    let p = fma::<FMA>(p, r, 0.5);
    let p = fma::<FMA>(p, r * r, r) + 1.0;
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000));
    p * power
}

/// `x · sigmoid(1.702 x)`.
#[inline(always)]
fn quick_gelu<const FMA: bool>(x: f32) -> f32 {
    x / (1.0 + exp::<FMA>(-1.702 * x))
}

/// `x Φ(x)`, with the error function of Abramowitz and Stegun 7.1.26 (to 1.5e-7).
#[inline(always)]
fn gelu<const FMA: bool>(x: f32) -> f32 {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / fma::<FMA>(0.327_591_1, z, 1.0);
    let p = 1.061_405_4;
    let p = fma::<FMA>(p, t, -1.453_152);
    let p = fma::<FMA>(p, t, 1.421_413_7);
    let p = fma::<FMA>(p, t, -0.284_496_74);
    let p = fma::<FMA>(p, t, 0.254_829_6);
    // The complement on one side.
    let rest = 0.5 * p * t * exp::<FMA>(-z * z);
    let phi = if x < 0.0 { rest } else { 1.0 - rest };
    x * phi
}

/// `x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))`.
#[inline(always)]
fn gelu_tanh<const FMA: bool>(x: f32) -> f32 {
    let scaled = x * fma::<FMA>(x * x, TANH_SCALE * TANH_CUBE, TANH_SCALE);
    x / (1.0 + exp::<FMA>(-scaled))
}

/// The element-wise operation after a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Epilogue {
    /// Nothing.
    Nothing,
    /// A Transformer's non-linearity.
    Activation(Activation),
}

/// Applies `then` to the first `columns` values of each row of `values`, which are `stride` apart.
pub(crate) struct Apply<'a> {
    pub(crate) then: Epilogue,
    pub(crate) values: &'a mut [f32],
    pub(crate) columns: usize,
    pub(crate) stride: usize,
}

impl Vectorised for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for row in self.values.chunks_mut(self.stride.max(1)) {
            let columns = self.columns.min(row.len());
            let row = row.split_at_mut(columns).0;
            if let Epilogue::Activation(activation) = self.then {
                activate::<FMA>(activation, row);
            }
        }
    }
}

/// Applies `activation` to all of `values`.
#[inline(always)]
pub(crate) fn activate<const FMA: bool>(activation: Activation, values: &mut [f32]) {
    match activation {
        Activation::QuickGelu => values.iter_mut().for_each(|v| *v = quick_gelu::<FMA>(*v)),
        Activation::Gelu => values.iter_mut().for_each(|v| *v = gelu::<FMA>(*v)),
        Activation::GeluTanh => values.iter_mut().for_each(|v| *v = gelu_tanh::<FMA>(*v)),
    }
}

impl Epilogue {
    /// Applies it to all of `values`.
    pub(crate) fn apply(self, level: Level, values: &mut [f32]) {
        let columns = values.len();
        level.run(Apply {
            then: self,
            values,
            columns,
            stride: columns,
        });
    }
}

/// Softmax of `row · scale` in place over its first `seen` values; the others become 0.
pub(crate) struct Softmax<'a> {
    pub(crate) row: &'a mut [f32],
    pub(crate) seen: usize,
    pub(crate) scale: f32,
}

impl Vectorised for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        const LANES: usize = 16;
        let (row, hidden) = self.row.split_at_mut(self.seen.min(self.row.len()));
        hidden.fill(0.0);
        let mut lanes = [f32::NEG_INFINITY; LANES];
        let (chunks, rest) = row.as_chunks::<LANES>();
        for chunk in chunks {
            for (lane, v) in lanes.iter_mut().zip(chunk) {
                *lane = if *v > *lane { *v } else { *lane };
            }
        }
        let highest = lanes
            .iter()
            .chain(rest)
            .copied()
            .fold(f32::NEG_INFINITY, f32::max);
        let mut sums = [0f32; LANES];
        let (chunks, rest) = row.as_chunks_mut::<LANES>();
        for chunk in chunks {
            for (sum, v) in sums.iter_mut().zip(chunk) {
                *v = exp::<FMA>((*v - highest) * self.scale);
                *sum += *v;
            }
        }
        let mut total = 0.0;
        for v in rest {
            *v = exp::<FMA>((*v - highest) * self.scale);
            total += *v;
        }
        let share = 1.0 / (total + sums.iter().sum::<f32>());
        row.iter_mut().for_each(|v| *v *= share);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Vec<f32> {
        (-12_000..12_000).map(|i| i as f32 / 1000.0).collect()
    }

    #[test]
    fn non_linearities_agree_with_the_plain_ones() {
        for level in Level::available() {
            for activation in [
                Activation::Gelu,
                Activation::QuickGelu,
                Activation::GeluTanh,
            ] {
                let mut got = grid();
                Epilogue::Activation(activation).apply(level, &mut got);
                for (x, g) in grid().into_iter().zip(got) {
                    let expected = activation.apply(x);
                    let most = 4e-7 * x.abs().max(1.0);
                    assert!(
                        (g - expected).abs() <= most,
                        "{level:?} {activation:?}({x}): {g}"
                    );
                }
            }
        }
    }

    #[test]
    fn exponential_keeps_its_digits() {
        for i in -87_000..88_000 {
            let x = i as f32 / 1000.0;
            let expected = f64::from(x).exp();
            for got in [exp::<true>(x), exp::<false>(x)] {
                assert!(
                    (f64::from(got) / expected - 1.0).abs() < 3e-7,
                    "e^{x}: {got}"
                );
            }
        }
        assert!(exp::<true>(f32::NAN).is_nan());
        assert!(exp::<false>(-1e30) < 1e-37 && exp::<false>(1e30).is_finite());
    }

    #[test]
    fn softmax_hides_what_is_not_seen() {
        for level in Level::available() {
            for length in [1, 5, 16, 50, 77] {
                let mut row: Vec<f32> = (0..length).map(|i| ((i * 7) % 11) as f32).collect();
                row.push(1e30);
                let whole: f32 = row[..length].iter().map(|v| (v * 0.5).exp()).sum();
                let expected: Vec<f32> = row[..length]
                    .iter()
                    .map(|v| (v * 0.5).exp() / whole)
                    .collect();
                level.run(Softmax {
                    row: &mut row,
                    seen: length,
                    scale: 0.5,
                });
                for (g, e) in row.iter().zip(&expected) {
                    assert!((g - e).abs() < 1e-6, "{level:?} {length}");
                }
                assert_eq!(row[length], 0.0);
            }
        }
    }

    #[test]
    fn nan_is_not_hidden() {
        for level in Level::available() {
            for then in [
                Epilogue::Activation(Activation::Gelu),
                Epilogue::Activation(Activation::QuickGelu),
            ] {
                let mut values = vec![f32::NAN; 37];
                then.apply(level, &mut values);
                assert!(values.iter().all(|v| v.is_nan()), "{level:?} {then:?}");
            }
        }
    }
}
