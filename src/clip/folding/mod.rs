//! Makes one convolution of the branches that it has in training (Ding et al. 2021,
//! <https://arxiv.org/abs/2101.03697>).
//!
//! A branch is a convolution or nothing, with a batch norm. All are linear and have the same input, so
//! their sum is a convolution with the largest kernel. Sums are in f64, because several roundings in
//! f32 would show in an embedding.

pub(crate) mod fastvit;
pub(crate) mod patches;
mod sum;

use candle_core::{DType, Device, Result};
use candle_nn::VarBuilder;

pub(crate) use sum::{Affine, Form, Sum};

/// The epsilon of torch's BatchNorm2d.
const BATCH_NORM_EPS: f64 = 1e-5;

/// The kinds of branches, by their names in timm's `models/fastvit.py`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Branches {
    /// A convolution with a batch norm, never anything else.
    Single,
    /// `MobileOneBlock`: convolutions, one of 1×1, and the input itself.
    MobileOne {
        /// Whether the one of 1×1 is there besides a larger kernel.
        scale: bool,
    },
    /// `ReparamLargeKernelConv`: a large and a small kernel.
    LargeKernel,
    /// `RepMixer`: the input, and the weighted difference of a `MobileOneBlock` and a norm.
    RepMixer,
    /// `RepConditionalPosEnc`: a convolution with a bias, and the input itself.
    Positions,
}

/// Reads the branches below `vs` as one convolution. A checkpoint can also have that convolution
/// itself, `reparam_conv`.
///
/// # Errors
/// If a tensor is missing or has another shape.
pub(crate) fn fold(branches: Branches, form: Form, vs: &VarBuilder) -> Result<Sum> {
    if branches != Branches::Single && vs.contains_tensor("reparam_conv.weight") {
        let vs = vs.pp("reparam_conv");
        let mut sum = Sum::zeros(form);
        sum.add_convolution(form.kernel, &convolution(form, &vs)?, None);
        sum.add_bias(&numbers(&vs, form.output, "bias")?);
        return Ok(sum);
    }
    let mut sum = Sum::zeros(form);
    match branches {
        Branches::Single => add_normed(&mut sum, form.kernel, vs)?,
        Branches::MobileOne { scale } => add_mobile_one(&mut sum, scale, vs)?,
        Branches::LargeKernel => {
            add_normed(&mut sum, form.kernel, &vs.pp("large_conv"))?;
            add_normed(&mut sum, SMALL_KERNEL, &vs.pp("small_conv"))?;
        }
        Branches::RepMixer => {
            let mut difference = Sum::zeros(form);
            add_mobile_one(&mut difference, true, &vs.pp("mixer"))?;
            let norm = norm(form.output, &vs.pp("norm").pp("identity"))?;
            difference.add_identity(Some(&norm.negated()));
            difference.scale(&gains(form.output, "layer_scale", vs)?);
            sum.add_identity(None);
            sum.add(&difference);
        }
        Branches::Positions => {
            let own = vs.pp("pos_enc");
            sum.add_convolution(form.kernel, &convolution(form, &own)?, None);
            sum.add_bias(&numbers(&own, form.output, "bias")?);
            sum.add_identity(None);
        }
    }
    Ok(sum)
}

/// The small kernel beside a large one.
const SMALL_KERNEL: usize = 3;

fn add_mobile_one(sum: &mut Sum, scale: bool, vs: &VarBuilder) -> Result<()> {
    let form = sum.form();
    let mut count = 0;
    // One at least; more are added as in training.
    while count == 0 || vs.contains_tensor(&format!("conv_kxk.{count}.conv.weight")) {
        add_normed(sum, form.kernel, &vs.pp("conv_kxk").pp(count))?;
        count += 1;
    }
    if scale && form.kernel > 1 {
        add_normed(sum, 1, &vs.pp("conv_scale"))?;
    }
    if form.input == form.output && form.step == 1 {
        sum.add_identity(Some(&norm(form.output, &vs.pp("identity"))?));
    }
    Ok(())
}

/// Adds the convolution `conv` with a `kernel` of its own, and the batch norm `bn` after it.
fn add_normed(sum: &mut Sum, kernel: usize, vs: &VarBuilder) -> Result<()> {
    let form = Form {
        kernel,
        ..sum.form()
    };
    let weight = convolution(form, &vs.pp("conv"))?;
    let norm = norm(form.output, &vs.pp("bn"))?;
    sum.add_convolution(kernel, &weight, Some(&norm));
    Ok(())
}

/// Reads a batch norm with its running statistics.
pub(crate) fn norm(channels: usize, vs: &VarBuilder) -> Result<Affine> {
    let read = |name| numbers(vs, channels, name);
    let variance = read("running_var")?;
    let gain = read("weight")?;
    let gain: Vec<f64> = gain
        .iter()
        .zip(&variance)
        .map(|(gain, variance)| gain / (variance + BATCH_NORM_EPS).sqrt())
        .collect();
    let (bias, mean) = (read("bias")?, read("running_mean")?);
    let shift = bias.iter().zip(&mean).zip(&gain);
    let shift = shift.map(|((bias, mean), gain)| bias - mean * gain);
    Ok(Affine {
        shift: shift.collect(),
        gain,
    })
}

/// Reads a layer scale, `[channels, 1, 1]`.
pub(crate) fn gains(channels: usize, name: &str, vs: &VarBuilder) -> Result<Vec<f64>> {
    let read = values(&vs.pp(name), &[channels, 1, 1], "gamma")?;
    Ok(read.into_iter().map(f64::from).collect())
}

fn convolution(form: Form, vs: &VarBuilder) -> Result<Vec<f32>> {
    let kernel = form.kernel;
    let shape = [form.output, form.inputs_each(), kernel, kernel];
    values(vs, &shape, "weight")
}

fn numbers(vs: &VarBuilder, length: usize, name: &str) -> Result<Vec<f64>> {
    let read = values(vs, &[length], name)?;
    Ok(read.into_iter().map(f64::from).collect())
}

/// Reads a tensor in f32.
pub(crate) fn values(vs: &VarBuilder, shape: &[usize], name: &str) -> Result<Vec<f32>> {
    vs.get(shape, name)?.flatten_all()?.to_vec1()
}

/// The same tensors in f32 on the processor, where they are folded.
pub(crate) fn in_memory<'a>(vs: &VarBuilder<'a>) -> VarBuilder<'a> {
    vs.clone().set_dtype(DType::F32).set_device(Device::Cpu)
}

#[cfg(test)]
mod tests;
