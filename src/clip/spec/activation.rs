//! The non-linearities that models were trained with.

use candle_core::{Result, Tensor};

/// The MLP's non-linearity. With the wrong one, a model still gives plausible but worse embeddings,
/// and the weights do not show which it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// `x · sigmoid(1.702 x)`: OpenAI's models, DFN, MetaCLIP.
    QuickGelu,
    /// The exact GELU with the error function, `x · Φ(x)`: most of OpenCLIP's models.
    Gelu,
    /// GELU by the hyperbolic tangent, `x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))`: SigLIP.
    GeluTanh,
}

/// Twice √(2/π).
pub(crate) const TANH_SCALE: f32 = 1.595_769;
/// The weight of the cube.
pub(crate) const TANH_CUBE: f32 = 0.044_715;

impl Activation {
    /// Applies it element by element.
    pub(crate) fn forward(self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::QuickGelu => x * candle_nn::ops::sigmoid(&(x * 1.702)?)?,
            Self::Gelu => x.gelu_erf(),
            Self::GeluTanh => x.gelu(),
        }
    }

    /// Applies it to one value.
    #[inline]
    pub(crate) fn apply(self, x: f32) -> f32 {
        match self {
            Self::QuickGelu => x / (1.0 + (-1.702 * x).exp()),
            Self::Gelu => {
                x * 0.5
                    * (1.0 + candle_core::cpu::erf::erf_f32(x * std::f32::consts::FRAC_1_SQRT_2))
            }
            // By the logistic function, as 1 + tanh(u) = 2 / (1 + e^(-2u)).
            Self::GeluTanh => x / (1.0 + (-TANH_SCALE * x * (1.0 + TANH_CUBE * x * x)).exp()),
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn matches_torch() {
        // From torch 2: F.gelu(x), x * torch.sigmoid(1.702 * x) and F.gelu(x, approximate="tanh"),
        // in f64.
        let x = [-3.0f32, -1.0, -0.1, 0.0, 0.5, 2.0];
        let gelu = [
            -0.004_049_694,
            -0.158_655_25,
            -0.046_017_22,
            0.0,
            0.345_731_23,
            1.954_499_7,
        ];
        let quick = [
            -0.018_071_31,
            -0.154_204_23,
            -0.045_755_24,
            0.0,
            0.350_388_44,
            1.935_658_6,
        ];
        let tanh = [
            -0.003_637_392,
            -0.158_808_01,
            -0.046_017_25,
            0.0,
            0.345_714,
            1.954_597_7,
        ];
        let tensor = Tensor::new(&x, &Device::Cpu).unwrap();
        for (activation, expected) in [
            (Activation::Gelu, gelu),
            (Activation::QuickGelu, quick),
            (Activation::GeluTanh, tanh),
        ] {
            let got = activation.forward(&tensor).unwrap();
            let got = got.to_vec1::<f32>().unwrap();
            for ((x, g), e) in x.into_iter().zip(got).zip(expected) {
                assert!((g - e).abs() < 2e-7, "{activation:?}: {g} for {e}");
                assert!((activation.apply(x) - e).abs() < 2e-7, "{activation:?} {x}");
            }
        }
    }
}
