//! A FastViT as a list of simple steps, each with its folded weights.

use candle_core::Result;
use candle_nn::VarBuilder;

use crate::clip::folding::{Branches, Form, Sum, fold, gains, norm, values};
use crate::clip::spec::fastvit::{
    FastVitSpec, FastVitStage, HEAD_DEPTH, Halving, MIXER_KERNEL, MLP_KERNEL, Mixer,
};

/// Width and height of the kernel of the stem and of the last convolution.
const KERNEL: usize = 3;

/// A linear layer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dense {
    pub(crate) input: usize,
    pub(crate) output: usize,
    /// `[output, input]`.
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

/// A filter for each channel, with as much padding as half its kernel. Output `n` is of the input
/// `n mod input`: where there are several outputs of a channel, the first of each come first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Depthwise {
    pub(crate) input: usize,
    pub(crate) output: usize,
    pub(crate) kernel: usize,
    pub(crate) step: usize,
    /// `[kernel², output]`.
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

/// A layer's gate: the mean of the map through two linear layers, with a ReLU and a sigmoid.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Squeeze {
    pub(crate) reduce: Dense,
    pub(crate) expand: Dense,
}

/// One step of a tower. Maps are channels-last.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Replaces a picture by GELU of its convolution: 3×3 with a step of 2 and a padding of 1; inputs
    /// by row, column and channel.
    Stem(Dense),
    /// Replaces the map by its convolution, followed by GELU if `gelu` is set.
    Filter { filter: Depthwise, gelu: bool },
    /// Multiplies the map by its gate, then applies GELU.
    Gate(Squeeze),
    /// Replaces the map by GELU of a linear layer.
    Linear(Dense),
    /// Adds to the map the attention of its pixels.
    Attention {
        /// Gain and bias of a norm of each pixel's channels before it.
        norm: Option<(Vec<f32>, Vec<f32>)>,
        /// Queries, keys and values.
        qkv: Dense,
        out: Dense,
        heads: usize,
    },
    /// Adds to the map a convolution of it, followed by two linear layers with GELU between them.
    Mlp {
        filter: Depthwise,
        expand: Dense,
        reduce: Dense,
    },
    /// Replaces the map by a linear layer of its mean.
    Head(Dense),
}

/// Passes the steps of the tower below `vs` to `take`, one after the other; `vs` reads f32 on the
/// processor.
///
/// # Errors
/// If a tensor is missing or has another shape, or `take` fails.
pub(crate) fn steps<E: From<candle_core::Error>>(
    spec: &FastVitSpec,
    embed_dim: usize,
    vs: &VarBuilder,
    mut take: impl FnMut(Step) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let mut width = spec.stem();
    stem(width, &vs.pp("stem"))?
        .into_iter()
        .try_for_each(&mut take)?;
    for (i, stage) in spec.stages.iter().enumerate() {
        let vs = vs.pp("stages").pp(i);
        if let Some(halving) = stage.halving {
            let sides = (width, stage.width);
            let steps = halve(halving, sides, &vs.pp("downsample").pp("proj"))?;
            steps.into_iter().try_for_each(&mut take)?;
        }
        width = stage.width;
        if let Some(kernel) = stage.positions {
            let form = Form::depthwise(width, kernel);
            let filter = depthwise(&fold(Branches::Positions, form, &vs.pp("pos_emb"))?);
            take(Step::Filter {
                filter,
                gelu: false,
            })?;
        }
        for block in 0..stage.blocks {
            let steps = self::block(stage, &vs.pp("blocks").pp(block))?;
            steps.into_iter().try_for_each(&mut take)?;
        }
    }
    let form = Form {
        output: spec.features,
        ..Form::depthwise(width, KERNEL)
    };
    let vs_final = vs.pp("final_conv");
    let scale = Branches::MobileOne { scale: true };
    take(Step::Filter {
        filter: depthwise(&fold(scale, form, &vs_final)?),
        gelu: false,
    })?;
    let squeeze = self::squeeze(form, spec.squeezed, &vs_final.pp("se"))?;
    take(Step::Gate(squeeze))?;
    let fc = vs.pp("head").pp("fc");
    let head = Dense {
        input: spec.features,
        output: embed_dim,
        weight: values(&fc, &[embed_dim, spec.features], "weight")?,
        bias: values(&fc, &[embed_dim], "bias")?,
    };
    take(Step::Head(head.with_inputs_of(form)))
}

fn stem(width: usize, vs: &VarBuilder) -> Result<Vec<Step>> {
    // The larger towers have no 1×1 branch in their stem.
    let scale = vs.contains_tensor("0.conv_scale.conv.weight");
    let branches = Branches::MobileOne { scale };
    let first = Form {
        input: 3,
        output: width,
        kernel: KERNEL,
        step: 2,
        depthwise: false,
    };
    let second = Form {
        step: 2,
        ..Form::depthwise(width, KERNEL)
    };
    let filter = depthwise(&fold(branches, second, &vs.pp("1"))?);
    Ok(vec![
        Step::Stem(dense(&fold(branches, first, &vs.pp("0"))?)),
        Step::Filter { filter, gelu: true },
        Step::Linear(mobile_one(width, &vs.pp("2"))?),
    ])
}

/// The `MobileOneBlock` that is a linear layer.
fn mobile_one(width: usize, vs: &VarBuilder) -> Result<Dense> {
    let form = Form::pointwise(width, width);
    Ok(dense(&fold(Branches::MobileOne { scale: true }, form, vs)?))
}

fn halve(halving: Halving, (input, output): (usize, usize), vs: &VarBuilder) -> Result<Vec<Step>> {
    let form = Form {
        output,
        step: 2,
        ..Form::depthwise(input, halving.kernel)
    };
    let filter = depthwise(&fold(Branches::LargeKernel, form, &vs.pp("0"))?);
    let gelu = halving.squeezed.is_none();
    let mut steps = vec![Step::Filter { filter, gelu }];
    if let Some(squeezed) = halving.squeezed {
        let vs = vs.pp("0").pp("se");
        steps.push(Step::Gate(squeeze(form, squeezed, &vs)?));
    }
    let linear = mobile_one(output, &vs.pp("1"))?;
    steps.push(Step::Linear(linear.with_inputs_of(form)));
    Ok(steps)
}

fn squeeze(form: Form, hidden: usize, vs: &VarBuilder) -> Result<Squeeze> {
    let reduce = linear((form.output, hidden), &vs.pp("fc1"))?;
    let expand = linear((hidden, form.output), &vs.pp("fc2"))?;
    Ok(Squeeze {
        reduce: dense(&reduce).with_inputs_of(form),
        expand: dense(&expand).with_outputs_of(form),
    })
}

fn block(stage: &FastVitStage, vs: &VarBuilder) -> Result<Vec<Step>> {
    let width = stage.width;
    let mixer = vs.pp("token_mixer");
    let (mixer, scale) = match stage.mixer {
        Mixer::Convolution => {
            let form = Form::depthwise(width, MIXER_KERNEL);
            let filter = depthwise(&fold(Branches::RepMixer, form, &mixer)?);
            let gelu = false;
            (Step::Filter { filter, gelu }, "layer_scale")
        }
        Mixer::BatchNormAttention | Mixer::LayerNormAttention => {
            let step = attention(width, stage.mixer == Mixer::BatchNormAttention, vs)?;
            (step, "layer_scale_2")
        }
    };
    let mlp = vs.pp("mlp");
    let form = Form::depthwise(width, MLP_KERNEL);
    let filter = depthwise(&fold(Branches::Single, form, &mlp.pp("conv"))?);
    let mut reduce = linear((stage.hidden, width), &mlp.pp("fc2"))?;
    reduce.scale(&gains(width, scale, vs)?);
    Ok(vec![
        mixer,
        Step::Mlp {
            filter,
            expand: dense(&linear((width, stage.hidden), &mlp.pp("fc1"))?),
            reduce: dense(&reduce),
        },
    ])
}

/// The attention of a block; a batch norm before it becomes part of its first layer.
fn attention(width: usize, batch_norm: bool, vs: &VarBuilder) -> Result<Step> {
    if !width.is_multiple_of(HEAD_DEPTH) {
        candle_core::bail!("width {width} does not divide into heads of {HEAD_DEPTH}");
    }
    let mixer = vs.pp("token_mixer");
    let form = Form::pointwise(width, 3 * width);
    let mut qkv = Sum::zeros(form);
    let weight = values(&mixer.pp("qkv"), &[3 * width, width], "weight")?;
    qkv.add_convolution(1, &weight, None);
    let own = vs.pp("norm");
    let norm = match batch_norm {
        true => {
            qkv.after_norm(&norm(width, &own)?);
            None
        }
        false => {
            let read = |name| values(&own, &[width], name);
            Some((read("weight")?, read("bias")?))
        }
    };
    let proj = mixer.pp("proj");
    let mut out = Sum::zeros(Form::pointwise(width, width));
    out.add_convolution(1, &values(&proj, &[width, width], "weight")?, None);
    let bias = values(&proj, &[width], "bias")?;
    out.add_bias(&bias.into_iter().map(f64::from).collect::<Vec<_>>());
    out.scale(&gains(width, "layer_scale_1", vs)?);
    Ok(Step::Attention {
        norm,
        qkv: dense(&qkv),
        out: dense(&out),
        heads: width / HEAD_DEPTH,
    })
}

/// Reads a 1×1 convolution with a bias.
fn linear((input, output): (usize, usize), vs: &VarBuilder) -> Result<Sum> {
    let mut sum = Sum::zeros(Form::pointwise(input, output));
    let weight = values(vs, &[output, input, 1, 1], "weight")?;
    sum.add_convolution(1, &weight, None);
    let bias = values(vs, &[output], "bias")?;
    sum.add_bias(&bias.into_iter().map(f64::from).collect::<Vec<_>>());
    Ok(sum)
}

/// Its weights with the channels innermost.
pub(super) fn dense(sum: &Sum) -> Dense {
    let form = sum.form();
    let taps = form.kernel * form.kernel;
    let weight: Vec<f32> = sum.weight().collect();
    let row = taps * form.input;
    let mut sorted = vec![0.0; weight.len()];
    for (at, w) in weight.iter().enumerate() {
        let (plane, tap) = (at / taps, at % taps);
        let (output, input) = (plane / form.input, plane % form.input);
        if let Some(place) = sorted.get_mut(output * row + tap * form.input + input) {
            *place = *w;
        }
    }
    Dense {
        input: row,
        output: form.output,
        weight: sorted,
        bias: sum.bias().collect(),
    }
}

fn depthwise(sum: &Sum) -> Depthwise {
    let form = sum.form();
    let taps = form.kernel * form.kernel;
    let weight: Vec<f32> = sum.weight().collect();
    let bias: Vec<f32> = sum.bias().collect();
    let order = order(form);
    let taps_of = |tap: usize| {
        let planes = order.iter();
        planes
            .filter_map(|n| weight.get(n * taps + tap).copied())
            .collect::<Vec<f32>>()
    };
    Depthwise {
        input: form.input,
        output: form.output,
        kernel: form.kernel,
        step: form.step,
        weight: (0..taps).flat_map(taps_of).collect(),
        bias: order.iter().filter_map(|n| bias.get(*n).copied()).collect(),
    }
}

/// The outputs of a depthwise convolution in our order: the file has all outputs of a channel
/// together, we have the first of every channel, then the second.
fn order(form: Form) -> Vec<usize> {
    let each = form.output / form.input.max(1);
    let of = |which| (0..form.input).map(move |channel| channel * each + which);
    (0..each).flat_map(of).collect()
}

impl Dense {
    /// Its inputs in the order of what `form` puts out.
    fn with_inputs_of(mut self, form: Form) -> Self {
        let order = order(form);
        let rows = self.weight.chunks_exact(self.input.max(1));
        let sorted = rows.flat_map(|row| order.iter().filter_map(|n| row.get(*n).copied()));
        self.weight = sorted.collect();
        self
    }

    /// Its outputs in the order of what `form` puts out.
    fn with_outputs_of(mut self, form: Form) -> Self {
        let order = order(form);
        let row = |n: &usize| self.weight.chunks_exact(self.input.max(1)).nth(*n);
        let sorted = order.iter().filter_map(row).flatten().copied().collect();
        let bias = order.iter().filter_map(|n| self.bias.get(*n).copied());
        self.bias = bias.collect();
        self.weight = sorted;
        self
    }
}
