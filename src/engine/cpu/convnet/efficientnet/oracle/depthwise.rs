//! Depthwise convolution and the cheap operations around it, as custom candle operations.
//!
//! candle's grouped convolution runs one small convolution per channel, which means a thousand for
//! a depthwise layer, and its bias, activation and residual each create a tensor. Here a layer is
//! one pass, channels-last, for several images on several threads.

use candle_core::{CpuStorage, CustomOp3, InplaceOp2, InplaceOp3, Layout, Result, Shape, Tensor};
use pulp::NullaryFnOnce;
use rayon::prelude::*;

/// Channels summed in registers at a time: four AVX2 registers of eight.
const LANES: usize = 32;

/// The upper limit of ReLU6.
const RELU6_MAX: f32 = 6.0;

/// Depthwise convolution with bias and ReLU6, channels-last, with TensorFlow's "same" padding: the
/// output has `ceil(input / stride)` rows and columns, and uneven padding has the extra one right
/// and below.
///
/// Shapes: input `[n, h, w, c]`, weight `[kernel * kernel, c]`, bias `[c]`, all f32 and contiguous;
/// output `[n, h.div_ceil(stride), w.div_ceil(stride), c]`.
pub(crate) struct DepthwiseRelu6 {
    /// Width and height of the kernel.
    pub(crate) kernel: usize,
    /// Step in both directions.
    pub(crate) stride: usize,
}

impl DepthwiseRelu6 {
    /// Runs the layer.
    pub(crate) fn forward(&self, x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
        x.apply_op3_no_bwd(weight, bias, self)
    }
}

impl CustomOp3 for DepthwiseRelu6 {
    fn name(&self) -> &'static str {
        "depthwise-relu6"
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
        let (n, h, w, c) = x_layout.shape().dims4()?;
        let x = contiguous(x, x_layout)?;
        let weight = contiguous(weight, weight_layout)?;
        let bias = contiguous(bias, bias_layout)?;
        if weight.len() != self.kernel * self.kernel * c || bias.len() != c {
            candle_core::bail!(
                "depthwise: {} weights and {} biases do not fit a {}×{} kernel on {c} channels",
                weight.len(),
                bias.len(),
                self.kernel,
                self.kernel
            );
        }
        let (out_h, out_w) = (h.div_ceil(self.stride), w.div_ceil(self.stride));
        let mut out = vec![0f32; n * out_h * out_w * c];
        let geometry = Geometry {
            h,
            w,
            c,
            out_h,
            out_w,
            kernel: self.kernel,
            stride: self.stride,
            top: same_padding(h, out_h, self.kernel, self.stride),
            left: same_padding(w, out_w, self.kernel, self.stride),
        };
        let arch = pulp::Arch::new();
        out.par_chunks_mut((out_w * c).max(1))
            .enumerate()
            .for_each(|(row, out)| {
                arch.dispatch(DepthwiseRow {
                    geometry: &geometry,
                    image: &x[row / out_h * h * w * c..][..h * w * c],
                    weight,
                    bias,
                    oy: row % out_h,
                    out,
                });
            });
        Ok((CpuStorage::F32(out), (n, out_h, out_w, c).into()))
    }
}

/// TensorFlow's "same" padding before the first sample.
fn same_padding(input: usize, output: usize, kernel: usize, stride: usize) -> usize {
    (output.saturating_sub(1) * stride + kernel).saturating_sub(input) / 2
}

struct Geometry {
    h: usize,
    w: usize,
    c: usize,
    out_h: usize,
    out_w: usize,
    kernel: usize,
    stride: usize,
    top: usize,
    left: usize,
}

/// One row of the output. SIMD dispatch uses types rather than closures: the compiler may not
/// inline a closure into the dispatch, and so not compile it for this machine, and then every
/// multiplication is a function call.
struct DepthwiseRow<'a> {
    geometry: &'a Geometry,
    image: &'a [f32],
    weight: &'a [f32],
    bias: &'a [f32],
    oy: usize,
    out: &'a mut [f32],
}

impl NullaryFnOnce for DepthwiseRow<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Geometry {
            h,
            w,
            c,
            out_h,
            out_w,
            kernel,
            stride,
            top,
            left,
        } = *self.geometry;
        let (image, weight, bias) = (self.image, self.weight, self.bias);
        debug_assert!(self.oy < out_h);
        let (y0, ky) = taps(self.oy, stride, top, kernel, h);
        for ox in 0..out_w {
            let (x0, kx) = taps(ox, stride, left, kernel, w);
            let out = &mut self.out[ox * c..][..c];
            let mut first = 0;
            while first < c {
                let lanes = LANES.min(c - first);
                let mut sum = [0f32; LANES];
                sum[..lanes].copy_from_slice(&bias[first..first + lanes]);
                for (y, k_row) in (y0..).zip(ky.clone()) {
                    for (x, k_col) in (x0..).zip(kx.clone()) {
                        let at = (y * w + x) * c + first;
                        let k_at = (k_row * kernel + k_col) * c + first;
                        accumulate(
                            &mut sum,
                            &image[at..at + lanes],
                            &weight[k_at..k_at + lanes],
                        );
                    }
                }
                for (out, sum) in out[first..first + lanes].iter_mut().zip(sum) {
                    *out = sum.clamp(0.0, RELU6_MAX);
                }
                first += lanes;
            }
        }
    }
}

/// The first input sample for output `o`, and the kernel taps inside the input.
#[inline(always)]
fn taps(
    o: usize,
    stride: usize,
    padding: usize,
    kernel: usize,
    input: usize,
) -> (usize, std::ops::Range<usize>) {
    let start = o * stride;
    let skipped = padding.saturating_sub(start);
    let first = (start + skipped).saturating_sub(padding);
    let last = kernel.min((input + padding).saturating_sub(start));
    (first, skipped..last.max(skipped))
}

#[inline(always)]
fn accumulate(sum: &mut [f32; LANES], x: &[f32], weight: &[f32]) {
    if let (Ok(x), Ok(weight)) = (
        <&[f32; LANES]>::try_from(x),
        <&[f32; LANES]>::try_from(weight),
    ) {
        // Fixed length, so that it is unrolled and stays in registers.
        for i in 0..LANES {
            sum[i] = x[i].mul_add(weight[i], sum[i]);
        }
    } else {
        for ((sum, x), weight) in sum.iter_mut().zip(x).zip(weight) {
            *sum = x.mul_add(*weight, *sum);
        }
    }
}

/// Adds a bias `[c]` to `[…, c]` in place and applies ReLU6.
pub(crate) struct AddBiasRelu6;

impl InplaceOp2 for AddBiasRelu6 {
    fn name(&self) -> &'static str {
        "add-bias-relu6"
    }

    fn cpu_fwd(
        &self,
        x: &mut CpuStorage,
        x_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<()> {
        let bias = contiguous(bias, bias_layout)?;
        let x = contiguous_mut(x, x_layout)?;
        let arch = pulp::Arch::new();
        x.par_chunks_mut(bias.len().max(1) * 64).for_each(|rows| {
            arch.dispatch(BiasRelu6Rows { rows, bias });
        });
        Ok(())
    }
}

struct BiasRelu6Rows<'a> {
    rows: &'a mut [f32],
    bias: &'a [f32],
}

impl NullaryFnOnce for BiasRelu6Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for row in self.rows.chunks_mut(self.bias.len()) {
            for (x, b) in row.iter_mut().zip(self.bias) {
                *x = (*x + *b).clamp(0.0, RELU6_MAX);
            }
        }
    }
}

/// Adds a bias `[c]` and a residual of the same shape to `[…, c]` in place.
pub(crate) struct AddBiasResidual;

impl InplaceOp3 for AddBiasResidual {
    fn name(&self) -> &'static str {
        "add-bias-residual"
    }

    fn cpu_fwd(
        &self,
        x: &mut CpuStorage,
        x_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
        residual: &CpuStorage,
        residual_layout: &Layout,
    ) -> Result<()> {
        let bias = contiguous(bias, bias_layout)?;
        let residual = contiguous(residual, residual_layout)?;
        let x = contiguous_mut(x, x_layout)?;
        let rows = bias.len().max(1) * 64;
        let arch = pulp::Arch::new();
        x.par_chunks_mut(rows)
            .zip(residual.par_chunks(rows))
            .for_each(|(x, residual)| {
                arch.dispatch(BiasResidualRows { x, bias, residual });
            });
        Ok(())
    }
}

struct BiasResidualRows<'a> {
    x: &'a mut [f32],
    bias: &'a [f32],
    residual: &'a [f32],
}

impl NullaryFnOnce for BiasResidualRows<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let residual = self.residual.chunks(self.bias.len());
        for (x, residual) in self.x.chunks_mut(self.bias.len()).zip(residual) {
            for ((x, b), r) in x.iter_mut().zip(self.bias).zip(residual) {
                *x += *b + *r;
            }
        }
    }
}

fn contiguous<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let Some((start, end)) = layout.contiguous_offsets() else {
        candle_core::bail!("a convolution layer needs contiguous tensors");
    };
    Ok(&storage.as_slice::<f32>()?[start..end])
}

fn contiguous_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    let Some((start, end)) = layout.contiguous_offsets() else {
        candle_core::bail!("a convolution layer needs contiguous tensors");
    };
    match storage {
        CpuStorage::F32(values) => Ok(&mut values[start..end]),
        _ => candle_core::bail!("a convolution layer needs f32 tensors"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    /// candle's own grouped convolution, explicitly padded.
    fn reference(
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        kernel: usize,
        stride: usize,
    ) -> Tensor {
        let (_, h, w, c) = x.dims4().unwrap();
        let pad = |input: usize| {
            let output = input.div_ceil(stride);
            let total = ((output - 1) * stride + kernel).saturating_sub(input);
            (total / 2, total - total / 2)
        };
        let ((top, bottom), (left, right)) = (pad(h), pad(w));
        let x = x.permute((0, 3, 1, 2)).unwrap();
        let x = x.pad_with_zeros(2, top, bottom).unwrap();
        let x = x.pad_with_zeros(3, left, right).unwrap();
        let weight = weight.t().unwrap().reshape((c, 1, kernel, kernel)).unwrap();
        let y = x.conv2d(&weight, 0, stride, 1, c).unwrap();
        let y = y.permute((0, 2, 3, 1)).unwrap();
        y.broadcast_add(bias).unwrap().clamp(0f32, 6f32).unwrap()
    }

    #[test]
    fn agrees_with_a_padded_grouped_convolution() {
        let cpu = &Device::Cpu;
        for (n, h, w, c, kernel, stride) in [
            (2, 7, 9, 5, 3, 1),
            (1, 8, 8, 32, 3, 2),
            (2, 9, 6, 40, 5, 2),
            (1, 5, 5, 67, 5, 1),
            (1, 1, 3, 33, 5, 1),
            (1, 2, 1, 3, 3, 2),
        ] {
            let x = Tensor::randn(0f32, 2.0, (n, h, w, c), cpu).unwrap();
            let weight = Tensor::randn(0f32, 1.0, (kernel * kernel, c), cpu).unwrap();
            let bias = Tensor::randn(1f32, 1.0, c, cpu).unwrap();
            let ours = DepthwiseRelu6 { kernel, stride }
                .forward(&x, &weight, &bias)
                .unwrap();
            let theirs = reference(&x, &weight, &bias, kernel, stride);
            assert_eq!(ours.dims(), theirs.dims());
            let difference = (ours - theirs).unwrap().abs().unwrap();
            let worst = difference.flatten_all().unwrap().max(0).unwrap();
            let worst = worst.to_scalar::<f32>().unwrap();
            assert!(
                worst < 1e-4,
                "{worst} at {n}×{h}×{w}×{c}, kernel {kernel}, stride {stride}"
            );
        }
    }

    #[test]
    fn bias_activation_and_residual() {
        let cpu = &Device::Cpu;
        let bias = Tensor::new(&[1f32, -1.0], cpu).unwrap();
        let x = Tensor::new(&[[0f32, 0.5], [9.0, 3.0]], cpu).unwrap();
        x.inplace_op2(&bias, &AddBiasRelu6).unwrap();
        assert_eq!(x.to_vec2::<f32>().unwrap(), [[1.0, 0.0], [6.0, 2.0]]);
        let residual = Tensor::new(&[[1f32, 2.0], [3.0, 4.0]], cpu).unwrap();
        x.inplace_op3(&bias, &residual, &AddBiasResidual).unwrap();
        assert_eq!(x.to_vec2::<f32>().unwrap(), [[3.0, 1.0], [10.0, 5.0]]);
    }

    #[test]
    fn wrong_shapes_are_errors() {
        let cpu = &Device::Cpu;
        let x = Tensor::zeros((1, 4, 4, 8), candle_core::DType::F32, cpu).unwrap();
        let weight = Tensor::zeros((9, 7), candle_core::DType::F32, cpu).unwrap();
        let bias = Tensor::zeros(8, candle_core::DType::F32, cpu).unwrap();
        let op = DepthwiseRelu6 {
            kernel: 3,
            stride: 1,
        };
        assert!(op.forward(&x, &weight, &bias).is_err());
    }
}
