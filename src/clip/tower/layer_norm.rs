//! Layer normalisation over the last dimension.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use candle_nn::{Init, VarBuilder};
use rayon::prelude::*;

/// Layer normalisation with gain and bias (Ba et al. 2016, <https://arxiv.org/abs/1607.06450>).
///
/// On the CPU the variance is computed in a second pass over the centred values, like in torch.
/// candle's fused operation subtracts the squared mean from the mean square, which loses precision
/// if a few channels are huge, and in CLIP some are.
#[derive(Clone, Debug)]
pub(crate) struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
    eps: f64,
}

impl LayerNorm {
    /// Reads `weight` and `bias`, `[width]` each.
    pub(crate) fn new(width: usize, eps: f64, vs: VarBuilder) -> Result<Self> {
        Ok(Self {
            weight: vs.get_with_hints(width, "weight", Init::Const(1.0))?,
            bias: vs.get_with_hints(width, "bias", Init::Const(0.0))?,
            eps,
        })
    }

    /// Takes gain and bias that are already read.
    pub(crate) fn of(weight: Tensor, bias: Tensor, eps: f64) -> Self {
        Self { weight, bias, eps }
    }

    /// Normalises the last dimension, which is `width` long.
    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let eps = self.eps as f32;
        if x.track_op() || self.weight.track_op() {
            // The fused operations have no gradient.
            return candle_nn::ops::layer_norm_slow(x, &self.weight, &self.bias, eps);
        }
        let x = x.contiguous()?;
        if x.device().is_cpu() && x.dtype() == candle_core::DType::F32 {
            return x.apply_op3_no_bwd(&self.weight, &self.bias, &TwoPass { eps });
        }
        candle_nn::ops::layer_norm(&x, &self.weight, &self.bias, eps)
    }
}

struct TwoPass {
    eps: f32,
}

impl CustomOp3 for TwoPass {
    fn name(&self) -> &'static str {
        "layer-norm-two-pass"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let x = contiguous(x, x_layout)?;
        let weight = contiguous(weight, weight_layout)?;
        let bias = contiguous(bias, bias_layout)?;
        let width = weight.len();
        if width == 0 || x_layout.dims().last() != Some(&width) || bias.len() != width {
            candle_core::bail!("layer norm of width {width} on {:?}", x_layout.shape());
        }
        let mut out = vec![0f32; x.len()];
        out.par_chunks_mut(width)
            .zip(x.par_chunks(width))
            .for_each(|(out, x)| {
                let mean = sum(x, |v| v) / width as f32;
                let variance = sum(x, |v| (v - mean) * (v - mean)) / width as f32;
                let scale = (variance + self.eps).sqrt().recip();
                for (((o, v), w), b) in out.iter_mut().zip(x).zip(weight).zip(bias) {
                    *o = (v - mean) * scale * w + b;
                }
            });
        Ok((CpuStorage::F32(out), x_layout.shape().clone()))
    }
}

fn contiguous<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let values = storage.as_slice::<f32>()?;
    layout
        .contiguous_offsets()
        .and_then(|(start, end)| values.get(start..end))
        .ok_or(candle_core::Error::RequiresContiguous { op: "layer-norm" })
}

/// Sums in eight lanes, which vectorises and has an eighth of a plain sum's rounding error.
fn sum(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0f32; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (lane, v) in lanes.iter_mut().zip(chunk) {
            *lane += f(*v);
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|v| f(*v)).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Var};

    use super::*;

    fn norm(width: usize) -> LayerNorm {
        LayerNorm {
            weight: Tensor::full(2f32, width, &Device::Cpu).unwrap(),
            bias: Tensor::full(0.5f32, width, &Device::Cpu).unwrap(),
            eps: 1e-5,
        }
    }

    #[test]
    fn keeps_its_digits_far_from_zero() {
        // Mean 10,000 and deviation 1: in f32, the mean square has no digit of the variance.
        let x: Vec<f32> = (0..20)
            .map(|i| if i % 2 == 0 { 9_999.0 } else { 10_001.0 })
            .collect();
        let x = Tensor::from_vec(x, (1, 20), &Device::Cpu).unwrap();
        let y = norm(20).forward(&x).unwrap().to_vec2::<f32>().unwrap();
        for (i, v) in y[0].iter().enumerate() {
            let expected = if i % 2 == 0 { -1.5 } else { 2.5 };
            assert!((v - expected).abs() < 1e-4, "{v}");
        }
    }

    #[test]
    fn differentiable_path_agrees() {
        let x = Tensor::randn(0f32, 3.0, (4, 37), &Device::Cpu).unwrap();
        let variable = Var::from_tensor(&x).unwrap();
        let plain = norm(37).forward(&x).unwrap();
        let tracked = norm(37).forward(variable.as_tensor()).unwrap();
        let difference = (plain - &tracked)
            .unwrap()
            .abs()
            .unwrap()
            .flatten_all()
            .unwrap();
        assert!(difference.max(0).unwrap().to_scalar::<f32>().unwrap() < 2e-6);
        let loss = tracked.sqr().unwrap().sum_all().unwrap();
        let gradients = loss.backward().unwrap();
        assert_eq!(gradients.get(&variable).unwrap().dtype(), DType::F32);
    }
}
