//! Depthwise convolution, channels-last (`[batch, height, width, channels]`).
//!
//! Sums are in f32 whatever the compute type: 49 products of a 7×7 kernel would lose digits in f16.
//! candle's own convolution would take the channels one by one.

use candle_core::{CpuStorage, CustomOp3, DType, Device, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use crate::clip::folding::fastvit;

/// A filter for each channel, with as much padding as half its kernel.
#[derive(Clone, Debug)]
pub(crate) struct Depthwise {
    /// `[kernel², output]`, in f32.
    weight: Tensor,
    /// `[output]`, in f32.
    bias: Tensor,
    form: Filter,
}

#[derive(Clone, Copy, Debug)]
struct Filter {
    kernel: usize,
    step: usize,
}

impl Depthwise {
    /// Takes folded weights to `device`.
    pub(crate) fn new(own: &fastvit::Depthwise, device: &Device) -> Result<Self> {
        let taps = own.kernel * own.kernel;
        Ok(Self {
            weight: Tensor::from_slice(&own.weight, (taps, own.output), device)?,
            bias: Tensor::from_slice(&own.bias, own.output, device)?,
            form: Filter {
                kernel: own.kernel,
                step: own.step,
            },
        })
    }

    /// `[batch, h, w, input]` to `[batch, h / step, w / step, output]`.
    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let dtype = x.dtype();
        let x = x.to_dtype(DType::F32)?.contiguous()?;
        let y = if x.device().is_cpu() && !x.track_op() {
            x.apply_op3_no_bwd(&self.weight, &self.bias, &self.form)?
        } else {
            self.by_taps(&x)?
        };
        y.to_dtype(dtype)
    }

    /// With candle's operations: the shifted maps, tap by tap.
    fn by_taps(&self, x: &Tensor) -> Result<Tensor> {
        let Filter { kernel, step } = self.form;
        let (_, h, w, input) = x.dims4()?;
        let output = self.bias.dim(0)?;
        let x = Tensor::cat(&vec![x; output / input.max(1)], 3)?;
        let before = kernel / 2;
        let (out_h, out_w) = (h.div_ceil(step), w.div_ceil(step));
        let after =
            |side: usize, out: usize| (kernel - 1 + step * out).saturating_sub(side + before);
        let x = x.pad_with_zeros(1, before, after(h, out_h))?;
        let x = x.pad_with_zeros(2, before, after(w, out_w))?;
        // Every `step`th line or column from `first` on.
        let every = |x: &Tensor, dim: usize, first: usize, count: usize| {
            let mut dims = x.dims().to_vec();
            dims.splice(dim..=dim, [count, step]);
            x.narrow(dim, first, count * step)?
                .contiguous()?
                .reshape(dims)?
                .narrow(dim + 1, 0, 1)?
                .squeeze(dim + 1)
        };
        let lines = (0..kernel).map(|row| every(&x, 1, row, out_h));
        let lines = lines.collect::<Result<Vec<_>>>()?;
        let mut sum: Option<Tensor> = None;
        for (row, line) in lines.iter().enumerate() {
            for column in 0..kernel {
                let seen = every(line, 2, column, out_w)?;
                let own = seen.broadcast_mul(&self.weight.get(row * kernel + column)?)?;
                sum = Some(match sum {
                    Some(sum) => (sum + own)?,
                    None => own,
                });
            }
        }
        match sum {
            Some(sum) => sum.broadcast_add(&self.bias),
            None => candle_core::bail!("a depthwise convolution without a kernel"),
        }
    }
}

impl CustomOp3 for Filter {
    fn name(&self) -> &'static str {
        "depthwise"
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
        let (batch, h, w, input) = x_layout.shape().dims4()?;
        let x = contiguous(x, x_layout)?;
        let weight = contiguous(weight, weight_layout)?;
        let bias = contiguous(bias, bias_layout)?;
        let Self { kernel, step } = *self;
        let output = bias.len();
        if input == 0 || output % input != 0 || weight.len() != kernel * kernel * output {
            candle_core::bail!("a depthwise convolution of {input} channels to {output}");
        }
        let (out_h, out_w) = (h.div_ceil(step), w.div_ceil(step));
        let mut out = vec![0f32; batch * out_h * out_w * output];
        // The input's place for a tap, if it is not beyond the edge.
        let inside = |at: usize, tap: usize, side: usize| {
            (at * step + tap)
                .checked_sub(kernel / 2)
                .filter(|i| *i < side)
        };
        let line = |(row, out): (usize, &mut [f32])| {
            let (image, row) = (row / out_h, row % out_h);
            for (column, out) in out.chunks_exact_mut(output).enumerate() {
                out.copy_from_slice(bias);
                for tap in 0..kernel * kernel {
                    let y = inside(row, tap / kernel, h);
                    let (Some(y), Some(x_at)) = (y, inside(column, tap % kernel, w)) else {
                        continue;
                    };
                    let seen = &x[((image * h + y) * w + x_at) * input..][..input];
                    let weight = &weight[tap * output..][..output];
                    let parts = out.chunks_exact_mut(input).zip(weight.chunks_exact(input));
                    for (out, weight) in parts {
                        let terms = seen.iter().zip(weight);
                        out.iter_mut()
                            .zip(terms)
                            .for_each(|(sum, (x, w))| *sum += x * w);
                    }
                }
            }
        };
        let lines = out.par_chunks_exact_mut((out_w * output).max(1));
        lines.enumerate().for_each(line);
        Ok((CpuStorage::F32(out), (batch, out_h, out_w, output).into()))
    }
}

fn contiguous<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let values = storage.as_slice::<f32>()?;
    let range = layout.contiguous_offsets();
    match range.and_then(|(start, end)| values.get(start..end)) {
        Some(values) => Ok(values),
        None => Err(candle_core::Error::RequiresContiguous { op: "depthwise" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_agree_with_candles_own() {
        let device = Device::Cpu;
        for (h, w, input, each, kernel, step) in [
            (6, 8, 5, 1, 3, 1),
            (7, 5, 4, 2, 7, 2),
            (8, 8, 3, 1, 7, 1),
            (4, 4, 3, 2, 3, 1),
            (9, 6, 2, 3, 3, 2),
        ] {
            let output = input * each;
            let x = Tensor::randn(0f32, 1.0, (2, h, w, input), &device).unwrap();
            let weight = Tensor::randn(0f32, 1.0, (kernel * kernel, output), &device).unwrap();
            let bias = Tensor::randn(0f32, 1.0, output, &device).unwrap();
            let own = Depthwise {
                weight: weight.clone(),
                bias: bias.clone(),
                form: Filter { kernel, step },
            };
            // candle wants the outputs of a channel beside each other, so ours take copies of inputs.
            let copies = Tensor::cat(&vec![&x; each], 3).unwrap();
            let kernels = weight.t().unwrap().contiguous().unwrap();
            let kernels = kernels.reshape((output, 1, kernel, kernel)).unwrap();
            let candle = copies
                .permute((0, 3, 1, 2))
                .unwrap()
                .contiguous()
                .unwrap()
                .conv2d(&kernels, kernel / 2, step, 1, output)
                .unwrap()
                .permute((0, 2, 3, 1))
                .unwrap()
                .broadcast_add(&bias)
                .unwrap();
            for found in [own.forward(&x), own.by_taps(&x)] {
                let found = found.unwrap();
                assert_eq!(found.dims(), candle.dims());
                let difference = (found - &candle).unwrap().abs().unwrap();
                let largest: f32 = difference.max_all().unwrap().to_scalar().unwrap();
                assert!(largest < 1e-4, "{largest}");
            }
        }
    }
}
