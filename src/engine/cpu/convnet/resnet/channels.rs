//! Statistics of a network's channels before it has seen a picture.
//!
//! Over the pictures that a batch normalisation was trained on, its channels have its bias as mean
//! and its gain as deviation; their distribution is unknown and assumed to be normal. Calibration
//! pictures would say more, but a checkpoint has none (Nagel et al. 2019, "Data-Free Quantization
//! Through Weight Equalization and Bias Correction", <https://arxiv.org/abs/1906.04721>).

use candle_core::Result;
use candle_core::cpu::erf::erf_f32;
use candle_nn::VarBuilder;

use crate::engine::cpu::load;

/// The bounds of a channel's divisor, relative to the others' average: a channel wrongly thought
/// small would spoil its pixel's scale for all.
const LEAST: f32 = 0.25;
const MOST: f32 = 1024.0;

/// Means and variances, by channel.
#[derive(Clone, Debug)]
pub(crate) struct Channels {
    mean: Vec<f32>,
    variance: Vec<f32>,
}

impl Channels {
    /// The statistics after the normalisation at `vs`.
    pub(crate) fn behind(vs: &VarBuilder, width: usize) -> Result<Self> {
        let gain = load::vector(vs, "weight", width)?;
        Ok(Self {
            mean: load::vector(vs, "bias", width)?,
            variance: gain.iter().map(|g| g * g).collect(),
        })
    }

    /// The number of channels.
    pub(crate) fn count(&self) -> usize {
        self.mean.len()
    }

    /// The means.
    pub(crate) fn means(&self) -> &[f32] {
        &self.mean
    }

    /// The root mean squares.
    fn sizes(&self) -> impl Iterator<Item = f32> {
        let moments = self.mean.iter().zip(&self.variance);
        moments.map(|(mean, variance)| (mean * mean + variance).sqrt())
    }

    /// Returns the divisors of channels before rounding, which multiply their weights; rows of
    /// `weight` have one value per channel.
    ///
    /// A pixel's channels share a scale, as do an output's weights, and large ones leave little
    /// precision for the others. A channel that is larger than others and one with larger weights
    /// each give up half of the difference (Xiao et al. 2023, "SmoothQuant",
    /// <https://arxiv.org/abs/2211.10438>).
    pub(crate) fn divisors(&self, weight: &[f32]) -> Vec<f32> {
        let mut squares = vec![0f32; self.count()];
        for row in weight.chunks_exact(self.count().max(1)) {
            squares.iter_mut().zip(row).for_each(|(s, w)| *s += w * w);
        }
        let sizes = self.sizes().zip(squares);
        let ratios: Vec<f32> = sizes
            .map(|(size, square)| (size / square.sqrt()).sqrt())
            .collect();
        let known = ratios.iter().filter(|ratio| ratio.is_finite());
        let average = known.clone().sum::<f32>() / known.count().max(1) as f32;
        let relative = ratios.iter().map(|ratio| ratio / average);
        // If nothing valid is known, channels stay unchanged.
        relative
            .map(|r| {
                if r.is_finite() {
                    r.clamp(LEAST, MOST)
                } else {
                    1.0
                }
            })
            .collect()
    }

    /// The sum with independent channels.
    pub(crate) fn plus(mut self, other: &Self) -> Self {
        self.mean
            .iter_mut()
            .zip(&other.mean)
            .for_each(|(a, b)| *a += b);
        let variances = self.variance.iter_mut().zip(&other.variance);
        variances.for_each(|(a, b)| *a += b);
        self
    }

    /// After a ReLU.
    pub(crate) fn rectified(mut self) -> Self {
        for (mean, variance) in self.mean.iter_mut().zip(&mut self.variance) {
            let deviation = variance.sqrt();
            if deviation > 0.0 {
                // The moments of a normal distribution above 0.
                let z = *mean / deviation;
                let above = 0.5 * (1.0 + erf_f32(z * std::f32::consts::FRAC_1_SQRT_2));
                let density = (-0.5 * z * z).exp() / std::f32::consts::TAU.sqrt();
                let square = *variance * ((z * z + 1.0) * above + z * density);
                *mean = deviation * (z * above + density);
                *variance = (square - *mean * *mean).max(0.0);
            } else {
                *mean = mean.max(0.0);
            }
        }
        self
    }
}

#[cfg(test)]
impl Channels {
    /// Channels of these sizes, with half of that as mean.
    pub(crate) fn of_sizes(sizes: &[f32]) -> Self {
        Self {
            mean: sizes.iter().map(|size| 0.5 * size).collect(),
            variance: sizes.iter().map(|size| 0.75 * size * size).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_channels_and_large_weights_give_way_half_of_the_way() {
        let channels = Channels::of_sizes(&[1.0, 1.0, 16.0, 0.0, f32::NAN]);
        // The second channel's weights are four times the others', the fourth's are zero.
        let weight = [[1.0, 4.0, 1.0, 0.0, 1.0], [-1.0, 4.0, -1.0, 0.0, 1.0]].concat();
        let divisors = channels.divisors(&weight);
        assert!((divisors[0] / divisors[1] - 2.0).abs() < 1e-5);
        assert!((divisors[2] / divisors[0] - 4.0).abs() < 1e-5);
        assert_eq!(divisors[3..], [1.0, 1.0]);
    }

    #[test]
    fn a_relu_leaves_what_is_above() {
        // By integrating the density in steps of 1/1000.
        for (mean, deviation) in [
            (0.0, 1.0),
            (-0.7, 0.5),
            (2.0, 0.3),
            (-3.0, 1.0),
            (0.4, 30.0),
        ] {
            let (mut first, mut second) = (0f64, 0f64);
            for i in -8000..8000 {
                let z = f64::from(i) / 1000.0;
                let value = (f64::from(mean) + f64::from(deviation) * z).max(0.0);
                let weight = (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt() / 1000.0;
                first += value * weight;
                second += value * value * weight;
            }
            let channels = Channels {
                mean: vec![mean],
                variance: vec![deviation * deviation],
            };
            let rectified = channels.rectified();
            let size = rectified.sizes().next().unwrap();
            assert!((f64::from(rectified.means()[0]) - first).abs() < 1e-3 * first.max(0.01));
            assert!((f64::from(size) - second.sqrt()).abs() < 1e-3 * second.sqrt().max(0.01));
        }
    }
}
