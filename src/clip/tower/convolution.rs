//! Convolution and pooling, channels-last (`[batch, height, width, channels]`).
//!
//! Channels-last, a 1×1 convolution is a linear layer over all pixels of the batch, and a 3×3 one
//! is a linear layer over gathered neighbourhoods. On the CPU that is several times faster than
//! candle's channels-first convolution; other devices use candle's own.

use candle_core::{CpuStorage, CustomOp1, DType, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use crate::clip::tower::linear::{Epilogue, Linear};

/// The most gathered values at once (32 MiB): larger batches are split.
const MAX_GATHERED: usize = 8 << 20;

/// A convolution, 1×1 or 3×3 with padding 1, with bias.
#[derive(Clone, Debug)]
pub(crate) struct Conv {
    /// `[output, kernel · kernel · input]`, channels innermost.
    linear: Linear,
    /// `[output, input, kernel, kernel]` and bias for candle's own convolution, if used.
    candle: Option<(Tensor, Tensor)>,
    kernel: usize,
    stride: usize,
}

impl Conv {
    /// Takes a weight `[output, input, kernel, kernel]` and a bias `[output]`.
    pub(crate) fn new(weight: Tensor, bias: Tensor, stride: usize) -> Result<Self> {
        let (output, input, kernel, _) = weight.dims4()?;
        // Outputs are innermost in memory: a convolution's matrix is small and its product tall, so
        // the product need not reorder it each time.
        let flat = weight
            .permute((2, 3, 1, 0))?
            .reshape((kernel * kernel * input, output))?
            .contiguous()?
            .t()?;
        Ok(Self {
            linear: Linear::new(flat, bias.clone()),
            candle: (!on_cpu(&weight)).then_some((weight, bias)),
            kernel,
            stride,
        })
    }

    /// `[batch, h, w, input]` to `[batch, h / stride, w / stride, output]`.
    pub(crate) fn forward(&self, x: &Tensor, epilogue: Epilogue) -> Result<Tensor> {
        if self.kernel == 1 && self.stride == 1 {
            return self.linear.forward_with(x, epilogue);
        }
        if let Some((weight, bias)) = &self.candle {
            let y = x
                .permute((0, 3, 1, 2))?
                .contiguous()?
                .conv2d(weight, self.kernel / 2, self.stride, 1, 1)?
                .permute((0, 2, 3, 1))?
                .contiguous()?
                .broadcast_add(bias)?;
            return epilogue.forward(y);
        }
        let x = x.contiguous()?;
        let (batch, h, w, channels) = x.dims4()?;
        let gather = Gather {
            stride: self.stride,
        };
        let one = h.div_ceil(self.stride) * w.div_ceil(self.stride) * 9 * channels;
        let at_once = (MAX_GATHERED / one.max(1)).clamp(1, batch.max(1));
        let parts = (0..batch)
            .step_by(at_once)
            .map(|start| {
                let part = x.narrow(0, start, at_once.min(batch - start))?;
                let gathered = part.apply_op1_no_bwd(&gather)?;
                self.linear.forward_with(&gathered, epilogue)
            })
            .collect::<Result<Vec<_>>>()?;
        match parts.as_slice() {
            [whole] => Ok(whole.clone()),
            parts => Tensor::cat(parts, 0),
        }
    }
}

/// Averages squares of 2×2 pixels; an odd row or column at the end is dropped.
pub(crate) fn average_pool(x: &Tensor) -> Result<Tensor> {
    if on_cpu(x) {
        return x.contiguous()?.apply_op1_no_bwd(&AveragePool);
    }
    x.permute((0, 3, 1, 2))?
        .contiguous()?
        .avg_pool2d(2)?
        .permute((0, 2, 3, 1))?
        .contiguous()
}

fn on_cpu(x: &Tensor) -> bool {
    x.device().is_cpu() && x.dtype() == DType::F32 && !x.track_op()
}

/// The values of a contiguous f32 tensor of four nonzero dimensions.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<(&'a [f32], [usize; 4])> {
    let (batch, h, w, channels) = layout.shape().dims4()?;
    let values = layout
        .contiguous_offsets()
        .and_then(|(start, end)| storage.as_slice::<f32>().ok()?.get(start..end));
    match values {
        Some(values) if !values.is_empty() => Ok((values, [batch, h, w, channels])),
        _ => candle_core::bail!("no contiguous pixels in {layout:?}"),
    }
}

/// Gathers every output pixel's 3×3 neighbourhood, with zeros beyond the edges.
struct Gather {
    stride: usize,
}

impl CustomOp1 for Gather {
    fn name(&self) -> &'static str {
        "gather-3x3"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (x, [batch, h, w, channels]) = values(storage, layout)?;
        let (out_h, out_w) = (h.div_ceil(self.stride), w.div_ceil(self.stride));
        let mut out = vec![0f32; batch * out_h * out_w * 9 * channels];
        out.par_chunks_exact_mut(out_w * 9 * channels)
            .enumerate()
            .for_each(|(row, out)| {
                let (image, row) = (row / out_h, row % out_h);
                for (column, out) in out.chunks_exact_mut(9 * channels).enumerate() {
                    for (ky, out) in out.chunks_exact_mut(3 * channels).enumerate() {
                        // One more than the coordinate, so that the edge is not negative.
                        let y = row * self.stride + ky;
                        if y == 0 || y > h {
                            continue;
                        }
                        let first = column * self.stride;
                        let (from, to) = (first.max(1), (first + 3).min(w + 1));
                        let line = (image * h + y - 1) * w;
                        let source = &x[(line + from - 1) * channels..(line + to - 1) * channels];
                        let at = (from - first) * channels;
                        out[at..at + source.len()].copy_from_slice(source);
                    }
                }
            });
        let shape = Shape::from_dims(&[batch, out_h, out_w, 9 * channels]);
        Ok((CpuStorage::F32(out), shape))
    }
}

struct AveragePool;

impl CustomOp1 for AveragePool {
    fn name(&self) -> &'static str {
        "average-pool-2x2"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (x, [batch, h, w, channels]) = values(storage, layout)?;
        let (out_h, out_w) = (h / 2, w / 2);
        if out_h == 0 || out_w == 0 {
            candle_core::bail!("{h}×{w} pixels are too few to pool");
        }
        let mut out = vec![0f32; batch * out_h * out_w * channels];
        out.par_chunks_exact_mut(out_w * channels)
            .enumerate()
            .for_each(|(row, out)| {
                let (image, row) = (row / out_h, row % out_h);
                let line = (image * h + 2 * row) * w * channels;
                let (upper, lower) = x[line..line + 2 * w * channels].split_at(w * channels);
                let pairs = upper
                    .chunks_exact(2 * channels)
                    .zip(lower.chunks_exact(2 * channels));
                for (out, (upper, lower)) in out.chunks_exact_mut(channels).zip(pairs) {
                    let (a, b) = upper.split_at(channels);
                    let (c, d) = lower.split_at(channels);
                    for ((((out, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                        *out = (a + b + c + d) * 0.25;
                    }
                }
            });
        let shape = Shape::from_dims(&[batch, out_h, out_w, channels]);
        Ok((CpuStorage::F32(out), shape))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn assert_close(a: &Tensor, b: &Tensor) {
        assert_eq!(a.dims(), b.dims());
        let difference = (a - b).unwrap().abs().unwrap().max_all().unwrap();
        let difference: f32 = difference.to_scalar().unwrap();
        assert!(difference < 1e-5, "{difference}");
    }

    #[test]
    fn agrees_with_candle() {
        let device = Device::Cpu;
        for (h, w, kernel, stride) in [
            (6, 8, 3, 1),
            (7, 5, 3, 2),
            (8, 6, 3, 2),
            (1, 1, 3, 1),
            (4, 4, 1, 1),
        ] {
            let x = Tensor::randn(0f32, 1.0, (3, h, w, 5), &device).unwrap();
            let weight = Tensor::randn(0f32, 0.3, (4, 5, kernel, kernel), &device).unwrap();
            let bias = Tensor::randn(0f32, 1.0, 4, &device).unwrap();
            let own = Conv::new(weight.clone(), bias.clone(), stride).unwrap();
            let candle = Conv {
                candle: Some((weight, bias)),
                ..own.clone()
            };
            for epilogue in [Epilogue::Identity, Epilogue::Relu] {
                let found = own.forward(&x, epilogue).unwrap();
                assert_close(&found, &candle.forward(&x, epilogue).unwrap());
            }
        }
    }

    #[test]
    fn large_batches_are_cut_up() {
        let device = Device::Cpu;
        let x = Tensor::randn(0f32, 1.0, (5, 128, 128, 24), &device).unwrap();
        let weight = Tensor::randn(0f32, 0.1, (2, 24, 3, 3), &device).unwrap();
        let bias = Tensor::zeros(2, DType::F32, &device).unwrap();
        let conv = Conv::new(weight, bias, 1).unwrap();
        let whole = conv.forward(&x, Epilogue::Identity).unwrap();
        for i in 0..5 {
            let one = x.narrow(0, i, 1).unwrap();
            let one = conv.forward(&one, Epilogue::Identity).unwrap();
            assert_close(&whole.narrow(0, i, 1).unwrap(), &one);
        }
    }

    #[test]
    fn pools_as_candle() {
        for (h, w) in [(4, 6), (5, 7), (2, 2)] {
            let x = Tensor::randn(0f32, 1.0, (2, h, w, 3), &Device::Cpu).unwrap();
            let first = x.permute((0, 3, 1, 2)).unwrap().contiguous().unwrap();
            let candle = first.avg_pool2d(2).unwrap().permute((0, 2, 3, 1)).unwrap();
            assert_close(&average_pool(&x).unwrap(), &candle);
        }
        let one = Tensor::zeros((1, 1, 1, 3), DType::F32, &Device::Cpu).unwrap();
        assert!(average_pool(&one).is_err());
    }
}
