//! ModifiedResNet: CLIP's residual networks.
//!
//! They differ from the common ResNet in three ways (the paper, section 2.4): a stem of three
//! convolutions with an average pool, anti-aliased strides (an average pool before every
//! convolution that would have a stride above 1, in the shortcut too), and an attention pool in
//! place of the last average.

use candle_core::{DType, Result, Tensor};
use candle_nn::{Init, VarBuilder};

use crate::clip::spec::ResNetSpec;
use crate::clip::tower::attention::softmax;
use crate::clip::tower::convolution::{Conv, average_pool};
use crate::clip::tower::linear::{Epilogue, Linear};

/// The epsilon of torch's BatchNorm2d.
const BATCH_NORM_EPS: f64 = 1e-5;

/// The ratio of a block's output channels to its inner ones.
pub(crate) const EXPANSION: usize = 4;

/// Reads the convolution `conv`, which has no bias, and the batch normalisation `norm` after it,
/// folded into one: weight `[output, input, kernel, kernel]` and bias, given `(input, output,
/// kernel)`.
///
/// They are folded in f32 whatever the compute type, because f16 would round the product of two of
/// its own numbers; the channels' factors even in f64.
pub(crate) fn folded_weights(
    (input, output, kernel): (usize, usize, usize),
    vs: &VarBuilder,
    (conv, norm): (&str, &str),
) -> Result<(Tensor, Tensor)> {
    let init = Init::Kaiming {
        dist: candle_nn::init::NormalOrUniform::Uniform,
        fan: candle_nn::init::FanInOut::FanIn,
        non_linearity: candle_nn::init::NonLinearity::ReLU,
    };
    let shape = (output, input, kernel, kernel);
    let weight = vs
        .pp(conv)
        .get_with_hints_dtype(shape, "weight", init, DType::F32)?;
    let norm = vs.pp(norm);
    let get = |name, value| {
        norm.get_with_hints_dtype(output, name, Init::Const(value), DType::F32)?
            .to_dtype(DType::F64)
    };
    let variance = get("running_var", 1.0)?;
    let scale = (get("weight", 1.0)? / (variance + BATCH_NORM_EPS)?.sqrt()?)?;
    let bias = (get("bias", 0.0)? - (get("running_mean", 0.0)? * &scale)?)?;
    let scale = scale.to_dtype(DType::F32)?.reshape((output, 1, 1, 1))?;
    let weight = weight.broadcast_mul(&scale)?.to_dtype(vs.dtype())?;
    Ok((weight, bias.to_dtype(vs.dtype())?))
}

/// The same as a convolution: `(input, output, kernel, stride)`.
fn folded(
    (input, output, kernel, stride): (usize, usize, usize, usize),
    vs: &VarBuilder,
    names: (&str, &str),
) -> Result<Conv> {
    let (weight, bias) = folded_weights((input, output, kernel), vs, names)?;
    Conv::new(weight, bias, stride)
}

/// The residual block: 1×1, 3×3, 1×1.
#[derive(Clone, Debug)]
struct Bottleneck {
    conv1: Conv,
    conv2: Conv,
    conv3: Conv,
    downsample: Option<Conv>,
    halves: bool,
}

impl Bottleneck {
    fn new(input: usize, planes: usize, halves: bool, vs: &VarBuilder) -> Result<Self> {
        let output = planes * EXPANSION;
        let downsample = (halves || input != output)
            .then(|| {
                let vs = vs.pp("downsample");
                folded((input, output, 1, 1), &vs, ("0", "1"))
            })
            .transpose()?;
        Ok(Self {
            conv1: folded((input, planes, 1, 1), vs, ("conv1", "bn1"))?,
            conv2: folded((planes, planes, 3, 1), vs, ("conv2", "bn2"))?,
            conv3: folded((planes, output, 1, 1), vs, ("conv3", "bn3"))?,
            downsample,
            halves,
        })
    }

    fn pool(&self, x: Tensor) -> Result<Tensor> {
        if self.halves { average_pool(&x) } else { Ok(x) }
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let out = self.conv1.forward(x, Epilogue::Relu)?;
        let out = self.pool(self.conv2.forward(&out, Epilogue::Relu)?)?;
        let out = self.conv3.forward(&out, Epilogue::Identity)?;
        let shortcut = match &self.downsample {
            Some(conv) => conv.forward(&self.pool(x.clone())?, Epilogue::Identity)?,
            None => x.clone(),
        };
        (out + shortcut)?.relu()
    }
}

/// One attention step with the mean of the picture as query: the pooled feature.
#[derive(Clone, Debug)]
struct AttentionPool {
    positional_embedding: Tensor,
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    heads: usize,
}

impl AttentionPool {
    fn new(config: &ResNetSpec, embed_dim: usize, vs: VarBuilder) -> Result<Self> {
        let width = config.width * 8 * EXPANSION;
        let stdev = (width as f64).powf(-0.5);
        let init = Init::Randn { mean: 0.0, stdev };
        let linear = |name, output| Linear::load(width, output, stdev, vs.pp(name));
        if config.heads == 0 || !width.is_multiple_of(config.heads) {
            candle_core::bail!("width {width} does not divide into {} heads", config.heads);
        }
        let tokens = config.grid * config.grid + 1;
        Ok(Self {
            positional_embedding: vs.get_with_hints(
                (tokens, width),
                "positional_embedding",
                init,
            )?,
            query: linear("q_proj", width)?,
            key: linear("k_proj", width)?,
            value: linear("v_proj", width)?,
            output: linear("c_proj", embed_dim)?,
            heads: config.heads,
        })
    }

    /// `[batch, h, w, width]` to `[batch, embed_dim]`.
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let x = x.flatten(1, 2)?;
        let x = Tensor::cat(&[&x.mean_keepdim(1)?, &x], 1)?;
        let x = x.broadcast_add(&self.positional_embedding)?;
        let (batch, tokens, width) = x.dims3()?;
        let depth = width / self.heads;
        let split = |x: Tensor, tokens| {
            x.reshape((batch, tokens, self.heads, depth))?
                .transpose(1, 2)?
                .contiguous()
        };
        // Only the mean's own output is used, so only it needs a query.
        let q = self.query.forward(&x.narrow(1, 0, 1)?.contiguous()?)?;
        let q = split((q * (depth as f64).powf(-0.5))?, 1)?;
        let k = split(self.key.forward(&x)?, tokens)?;
        let v = split(self.value.forward(&x)?, tokens)?;
        let answer = softmax(&q.matmul(&k.t()?)?)?
            .matmul(&v)?
            .reshape((batch, width))?;
        self.output.forward(&answer)
    }
}

/// CLIP's residual network with its attention pool.
#[derive(Clone, Debug)]
pub(crate) struct ModifiedResNet {
    stem: [Conv; 3],
    blocks: Vec<Bottleneck>,
    attention_pool: AttentionPool,
}

impl ModifiedResNet {
    /// Reads the tower from below `visual`; its embeddings are `embed_dim` long.
    pub(crate) fn new(config: &ResNetSpec, embed_dim: usize, vs: VarBuilder) -> Result<Self> {
        let width = config.width;
        let half = width / 2;
        let stem = [
            folded((3, half, 3, 2), &vs, ("conv1", "bn1"))?,
            folded((half, half, 3, 1), &vs, ("conv2", "bn2"))?,
            folded((half, width, 3, 1), &vs, ("conv3", "bn3"))?,
        ];
        let mut blocks = Vec::new();
        let (mut input, mut planes) = (width, width);
        for (stage, count) in config.layers.into_iter().enumerate() {
            let vs = vs.pp(format!("layer{}", stage + 1));
            for block in 0..count {
                let halves = stage > 0 && block == 0;
                blocks.push(Bottleneck::new(input, planes, halves, &vs.pp(block))?);
                input = planes * EXPANSION;
            }
            planes *= 2;
        }
        Ok(Self {
            stem,
            blocks,
            attention_pool: AttentionPool::new(config, embed_dim, vs.pp("attnpool"))?,
        })
    }

    /// Converts normalised pictures `[batch, 3, size, size]` to features `[batch, embed_dim]`, not
    /// yet of unit length.
    pub(crate) fn forward(&self, images: &Tensor) -> Result<Tensor> {
        let mut x = images.permute((0, 2, 3, 1))?.contiguous()?;
        for conv in &self.stem {
            x = conv.forward(&x, Epilogue::Relu)?;
        }
        x = average_pool(&x)?;
        for block in &self.blocks {
            x = block.forward(&x)?;
        }
        self.attention_pool.forward(&x)
    }
}
