//! The symmetric contrastive loss that CLIP is trained with.

use candle_core::{D, Device, Result, Tensor, Var};

/// The paper's initial temperature is 0.07 (section 2.5).
pub(crate) const INITIAL_TEMPERATURE: f64 = 0.07;

/// The upper limit of the logits' scale (section 2.5), beyond which training becomes unstable.
pub(crate) const MAX_LOGIT_SCALE: f64 = 100.0;

/// The learned temperature, stored as the logarithm of the logits' scale.
#[derive(Clone, Debug)]
pub struct Temperature(Var);

impl Temperature {
    /// At [`INITIAL_TEMPERATURE`].
    pub fn new(device: &Device) -> Result<Self> {
        Self::from_logit_scale(1.0 / INITIAL_TEMPERATURE, device)
    }

    /// At the temperature `1 / scale`.
    pub(crate) fn from_logit_scale(scale: f64, device: &Device) -> Result<Self> {
        let logarithm = Tensor::new(scale.ln() as f32, device)?;
        Ok(Self(Var::from_tensor(&logarithm)?))
    }

    /// The variable, for the optimiser and the checkpoint's `logit_scale`.
    pub fn variable(&self) -> &Var {
        &self.0
    }

    /// The factor of the cosines; the gradient reaches the variable.
    pub fn logit_scale(&self) -> Result<Tensor> {
        self.0.exp()
    }

    /// Clamps the scale to 1..=[`MAX_LOGIT_SCALE`]. Call it after every step of the optimiser:
    /// clamping inside the loss would stop the gradient, and the scale would be stuck.
    pub fn clamp(&self) -> Result<()> {
        self.0
            .set(&self.0.clamp(0f32, MAX_LOGIT_SCALE.ln() as f32)?)
    }
}

/// Cross-entropy of matching each image with its text and each text with its image, averaged (the
/// paper, figure 3).
///
/// Both features are `[batch, dim]`, one pair per row, of any length: they are normalised here.
/// `logit_scale` is a scalar.
pub fn contrastive_loss(
    image_features: &Tensor,
    text_features: &Tensor,
    logit_scale: &Tensor,
) -> Result<Tensor> {
    let images = unit_rows(image_features)?;
    let texts = unit_rows(text_features)?;
    let logits = images.matmul(&texts.t()?)?.broadcast_mul(logit_scale)?;
    let targets = Tensor::arange(0u32, logits.dim(0)? as u32, logits.device())?;
    let by_image = candle_nn::loss::cross_entropy(&logits, &targets)?;
    let by_text = candle_nn::loss::cross_entropy(&logits.t()?.contiguous()?, &targets)?;
    (by_image + by_text)? / 2.0
}

fn unit_rows(x: &Tensor) -> Result<Tensor> {
    x.broadcast_div(&x.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGES: [[f32; 3]; 3] = [[0.3, -1.2, 0.5], [1.0, 0.4, -0.7], [-0.2, 0.9, 1.5]];
    const TEXTS: [[f32; 3]; 3] = [[0.1, -0.8, 0.9], [0.7, 0.2, 0.3], [-1.1, 0.6, 0.4]];

    fn loss(images: &Tensor, texts: &Tensor, scale: &Tensor) -> f32 {
        let loss = contrastive_loss(images, texts, scale).unwrap();
        loss.to_scalar().unwrap()
    }

    #[test]
    fn matches_torch() {
        let device = Device::Cpu;
        let images = Var::new(&IMAGES, &device).unwrap();
        let texts = Var::new(&TEXTS, &device).unwrap();
        let temperature = Temperature::new(&device).unwrap();
        let scale = temperature.logit_scale().unwrap();
        let loss = contrastive_loss(&images, &texts, &scale).unwrap();
        // From torch 2, in f64, with F.cross_entropy both ways and autograd.
        let value: f32 = loss.to_scalar().unwrap();
        assert!((value - TORCH_LOSS).abs() < 1e-6, "{value}");
        let gradients = loss.backward().unwrap();
        let scale = gradients.get(temperature.variable()).unwrap();
        let scale: f32 = scale.to_scalar().unwrap();
        assert!((scale - TORCH_SCALE_GRADIENT).abs() < 1e-5, "{scale}");
        for (variable, expected) in [
            (&images, TORCH_IMAGE_GRADIENT),
            (&texts, TORCH_TEXT_GRADIENT),
        ] {
            let gradient = gradients.get(variable).unwrap().to_vec2::<f32>().unwrap();
            for (g, e) in gradient.iter().flatten().zip(expected.iter().flatten()) {
                assert!((g - e).abs() < 1e-5, "{g} for {e}");
            }
        }
    }

    #[test]
    fn prefers_the_right_pairs() {
        let device = Device::Cpu;
        let images = Tensor::new(&IMAGES, &device).unwrap();
        let scale = Tensor::new(50f32, &device).unwrap();
        let swapped = images
            .index_select(&Tensor::new(&[1u32, 2, 0], &device).unwrap(), 0)
            .unwrap();
        assert!(loss(&images, &images, &scale) < 1e-3);
        assert!(loss(&images, &swapped, &scale) > 10.0);
    }

    #[test]
    fn the_temperature_is_clamped() {
        for (scale, expected) in [(1e4, 100.0), (0.1, 1.0), (30.0, 30.0)] {
            let temperature = Temperature::from_logit_scale(scale, &Device::Cpu).unwrap();
            temperature.clamp().unwrap();
            let got: f32 = temperature.logit_scale().unwrap().to_scalar().unwrap();
            assert!((got - expected).abs() < 1e-3, "{got}");
        }
    }

    const TORCH_LOSS: f32 = 0.016_361;
    const TORCH_SCALE_GRADIENT: f32 = -0.053_705;
    const TORCH_IMAGE_GRADIENT: [[f32; 3]; 3] = [
        [0.002_451, 0.000_949, 0.000_808],
        [-0.040_754, -0.007_106, -0.062_281],
        [0.152_585, -0.016_258, 0.030_099],
    ];
    const TORCH_TEXT_GRADIENT: [[f32; 3]; 3] = [
        [-0.003_625, 0.018_336, 0.016_702],
        [-0.145_233, 0.074_033, 0.289_521],
        [-0.031_976, -0.020_604, -0.057_029],
    ];
}
