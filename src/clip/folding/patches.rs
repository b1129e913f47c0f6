//! The convolutions that make the patches of a Vision Transformer with a stem.

use candle_core::Result;
use candle_nn::VarBuilder;

use crate::clip::folding::fastvit::{Dense, dense};
use crate::clip::folding::{Branches, Form, Sum, fold, values};

/// Reads the convolutions below `patch_stem`, whose step is their kernel, as linear layers over the
/// pixels of a square, by row, column and channel. All but the last have a batch norm folded in, and
/// GELU follows them.
///
/// # Errors
/// If a tensor is missing or has another shape.
pub(crate) fn patch_layers(kernels: &[usize], width: usize, vs: &VarBuilder) -> Result<Vec<Dense>> {
    let stem = vs.pp("patch_stem");
    let mut layers = Vec::with_capacity(kernels.len());
    let mut input = 3;
    for (i, kernel) in kernels.iter().enumerate() {
        let (vs, is_last) = (stem.pp(i), i + 1 == kernels.len());
        let output = match is_last {
            true => width,
            false => vs.pp("conv").get_unchecked("weight")?.dim(0)?,
        };
        let form = Form {
            input,
            output,
            kernel: *kernel,
            step: *kernel,
            depthwise: false,
        };
        let sum = match is_last {
            true => last(form, &vs.pp("conv"))?,
            false => fold(Branches::Single, form, &vs)?,
        };
        layers.push(dense(&sum));
        input = output;
    }
    Ok(layers)
}

/// The last convolution, which has a bias in place of a norm.
fn last(form: Form, vs: &VarBuilder) -> Result<Sum> {
    let shape = [form.output, form.input, form.kernel, form.kernel];
    let mut sum = Sum::zeros(form);
    sum.add_convolution(form.kernel, &values(vs, &shape, "weight")?, None);
    let bias = values(vs, &[form.output], "bias")?;
    sum.add_bias(&bias.into_iter().map(f64::from).collect::<Vec<_>>());
    Ok(sum)
}
