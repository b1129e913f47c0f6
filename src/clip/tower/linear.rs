//! The linear layer, with its epilogue in the same pass.

use candle_core::{CpuStorage, DType, InplaceOp2, Layout, Result, Tensor};
use candle_nn::{Init, VarBuilder};
use rayon::prelude::*;

use crate::clip::spec::activation::Activation;

/// Elements per thread and step: enough to outweigh the overhead.
const CHUNK: usize = 1 << 14;

/// The operation on a layer's output after the bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Epilogue {
    /// Nothing.
    Identity,
    /// `max(x, 0)`.
    Relu,
    /// A Transformer's non-linearity.
    Activation(Activation),
}

impl Epilogue {
    /// Applies it element by element, with candle's operations.
    pub(crate) fn forward(self, x: Tensor) -> Result<Tensor> {
        match self {
            Self::Identity => Ok(x),
            Self::Relu => x.relu(),
            Self::Activation(activation) => activation.forward(&x),
        }
    }
}

/// `x Wᵀ + b`.
///
/// On the CPU candle would add the bias and apply the non-linearity in separate passes, each on one
/// thread into new memory; this does both in one pass, in place, on all threads. For training, and
/// on other devices, it uses candle's own operations.
#[derive(Clone, Debug)]
pub(crate) struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    /// Takes a weight `[output, input]` and a bias `[output]`.
    pub(crate) fn new(weight: Tensor, bias: Tensor) -> Self {
        Self { weight, bias }
    }

    /// Reads `weight` `[output, input]` and `bias`; initial weights have deviation `stdev`.
    pub(crate) fn load(input: usize, output: usize, stdev: f64, vs: VarBuilder) -> Result<Self> {
        let init = Init::Randn { mean: 0.0, stdev };
        let weight = vs.get_with_hints((output, input), "weight", init)?;
        let bias = vs.get_with_hints(output, "bias", Init::Const(0.0))?;
        Ok(Self { weight, bias })
    }

    /// The layer of `count` outputs from `first` on.
    pub(crate) fn part(&self, first: usize, count: usize) -> Result<Self> {
        Ok(Self {
            weight: self.weight.narrow(0, first, count)?.contiguous()?,
            bias: self.bias.narrow(0, first, count)?.contiguous()?,
        })
    }

    /// `[…, input]` to `[…, output]`.
    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.forward_with(x, Epilogue::Identity)
    }

    /// `[…, input]` to `[…, output]`, then `epilogue`.
    pub(crate) fn forward_with(&self, x: &Tensor, epilogue: Epilogue) -> Result<Tensor> {
        let (output, input) = self.weight.dims2()?;
        let mut dims = x.dims().to_vec();
        if let Some(last) = dims.last_mut() {
            *last = output;
        }
        // One flat product: a batched one would copy the weight for every item.
        let y = x.reshape(((), input))?.matmul(&self.weight.t()?)?;
        let y = if y.track_op() || !y.device().is_cpu() || y.dtype() != DType::F32 {
            epilogue.forward(y.broadcast_add(&self.bias)?)?
        } else {
            y.inplace_op2(&self.bias, &BiasThen(epilogue))?;
            y
        };
        y.reshape(dims)
    }
}

struct BiasThen(Epilogue);

impl InplaceOp2 for BiasThen {
    fn name(&self) -> &'static str {
        "bias-then-epilogue"
    }

    fn cpu_fwd(
        &self,
        x: &mut CpuStorage,
        x_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<()> {
        let (CpuStorage::F32(x), CpuStorage::F32(bias)) = (x, bias) else {
            candle_core::bail!("the fused bias is for f32");
        };
        let within = |layout: &Layout| {
            layout
                .contiguous_offsets()
                .ok_or(candle_core::Error::RequiresContiguous { op: "bias" })
        };
        let (x_range, bias_range) = (within(x_layout)?, within(bias_layout)?);
        let x = x.get_mut(x_range.0..x_range.1);
        let bias = bias.get(bias_range.0..bias_range.1);
        let (Some(x), Some(bias)) = (x, bias) else {
            candle_core::bail!("the fused bias is out of its storage");
        };
        if bias.is_empty() || !x.len().is_multiple_of(bias.len()) {
            candle_core::bail!("a bias of {} on {} values", bias.len(), x.len());
        }
        let rows = (CHUNK / bias.len()).max(1) * bias.len();
        x.par_chunks_mut(rows).for_each(|chunk| {
            for row in chunk.chunks_exact_mut(bias.len()) {
                let pairs = row.iter_mut().zip(bias);
                match self.0 {
                    Epilogue::Identity => pairs.for_each(|(v, b)| *v += b),
                    Epilogue::Relu => pairs.for_each(|(v, b)| *v = (*v + b).max(0.0)),
                    Epilogue::Activation(activation) => {
                        pairs.for_each(|(v, b)| *v = activation.apply(*v + b));
                    }
                }
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn fused_and_differentiable_agree() {
        let device = Device::Cpu;
        let weight = Tensor::randn(0f32, 1.0, (7, 5), &device).unwrap();
        let bias = Tensor::randn(0f32, 1.0, 7, &device).unwrap();
        let linear = Linear::new(weight, bias);
        let x = Tensor::randn(0f32, 1.0, (3, 4, 5), &device).unwrap();
        let variable = Var::from_tensor(&x).unwrap();
        for epilogue in [
            Epilogue::Identity,
            Epilogue::Relu,
            Epilogue::Activation(Activation::Gelu),
            Epilogue::Activation(Activation::QuickGelu),
        ] {
            let fused = linear.forward_with(&x, epilogue).unwrap();
            let tracked = linear.forward_with(variable.as_tensor(), epilogue).unwrap();
            assert_eq!(fused.dims(), [3, 4, 7]);
            let difference = (fused - &tracked).unwrap().abs().unwrap();
            let largest: f32 = difference.max_all().unwrap().to_scalar().unwrap();
            assert!(largest < 1e-6, "{epilogue:?}: {largest}");
            let gradients = tracked.sum_all().unwrap().backward().unwrap();
            assert!(gradients.get(&variable).is_some());
        }
    }
}
