//! FastViT, by its folded steps.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use crate::clip::folding;
use crate::clip::folding::fastvit::{Dense, Step, steps};
use crate::clip::spec::activation::Activation;
use crate::clip::spec::fastvit::{FastVitSpec, LAYER_NORM_EPS};
use crate::clip::tower::attention::Attention;
use crate::clip::tower::convolution::Conv;
use crate::clip::tower::depthwise::Depthwise;
use crate::clip::tower::layer_norm::LayerNorm;
use crate::clip::tower::linear::{Epilogue, Linear};

const GELU: Epilogue = Epilogue::Activation(Activation::Gelu);

/// MobileCLIP's image tower. It is not for training: its branches are folded when it is read.
#[derive(Clone, Debug)]
pub(crate) struct FastVit {
    layers: Vec<Layer>,
}

/// A [`Step`] with its tensors on the device.
#[derive(Clone, Debug)]
enum Layer {
    Stem(Conv),
    Filter(Depthwise, Epilogue),
    Gate(Linear, Linear),
    Linear(Linear),
    Attention(Option<LayerNorm>, Attention),
    Mlp(Depthwise, Linear, Linear),
    Head(Linear),
}

/// Where weights go, and in which type.
struct Place<'a> {
    dtype: DType,
    device: &'a Device,
}

impl Place<'_> {
    fn tensor(&self, values: &[f32], shape: &[usize]) -> Result<Tensor> {
        Tensor::from_slice(values, shape, &Device::Cpu)?
            .to_dtype(self.dtype)?
            .to_device(self.device)
    }

    fn linear(&self, dense: &Dense) -> Result<Linear> {
        let weight = self.tensor(&dense.weight, &[dense.output, dense.input])?;
        let bias = self.tensor(&dense.bias, &[dense.output])?;
        Ok(Linear::new(weight, bias))
    }

    fn layer(&self, step: Step) -> Result<Layer> {
        let filter = |own| Depthwise::new(own, self.device);
        Ok(match step {
            Step::Stem(dense) => {
                let weight = self.tensor(&dense.weight, &[dense.output, 3, 3, 3])?;
                let weight = weight.permute((0, 3, 1, 2))?.contiguous()?;
                let bias = self.tensor(&dense.bias, &[dense.output])?;
                Layer::Stem(Conv::new(weight, bias, 2)?)
            }
            Step::Filter { filter: own, gelu } => {
                let then = if gelu { GELU } else { Epilogue::Identity };
                Layer::Filter(filter(&own)?, then)
            }
            Step::Gate(own) => Layer::Gate(self.linear(&own.reduce)?, self.linear(&own.expand)?),
            Step::Linear(dense) => Layer::Linear(self.linear(&dense)?),
            Step::Attention {
                norm,
                qkv,
                out,
                heads,
            } => {
                let norm = norm.map(|(gain, bias)| {
                    let tensor = |values: &[f32]| self.tensor(values, &[values.len()]);
                    let (gain, bias) = (tensor(&gain)?, tensor(&bias)?);
                    Ok::<_, candle_core::Error>(LayerNorm::of(gain, bias, LAYER_NORM_EPS))
                });
                let attention = Attention::of(self.linear(&qkv)?, self.linear(&out)?, heads);
                Layer::Attention(norm.transpose()?, attention)
            }
            Step::Mlp {
                filter: own,
                expand,
                reduce,
            } => Layer::Mlp(filter(&own)?, self.linear(&expand)?, self.linear(&reduce)?),
            Step::Head(dense) => Layer::Head(self.linear(&dense)?),
        })
    }
}

impl FastVit {
    /// Reads the tower from below `visual`; its embeddings are `embed_dim` long.
    pub(crate) fn new(config: &FastVitSpec, embed_dim: usize, vs: VarBuilder) -> Result<Self> {
        let place = Place {
            dtype: vs.dtype(),
            device: vs.device(),
        };
        let mut layers = Vec::new();
        steps(config, embed_dim, &folding::in_memory(&vs), |step| {
            layers.push(place.layer(step)?);
            Ok::<_, candle_core::Error>(())
        })?;
        Ok(Self { layers })
    }

    /// Converts normalised pictures `[batch, 3, size, size]` to features `[batch, embed_dim]`, not
    /// yet of unit length.
    pub(crate) fn forward(&self, images: &Tensor) -> Result<Tensor> {
        let images = images.permute((0, 2, 3, 1))?.contiguous()?;
        self.layers
            .iter()
            .try_fold(images, |x, layer| layer.forward(&x))
    }
}

impl Layer {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Stem(conv) => conv.forward(x, GELU),
            Self::Filter(filter, then) => then.forward(filter.forward(x)?),
            Self::Gate(reduce, expand) => {
                let hidden = reduce.forward_with(&mean(x)?, Epilogue::Relu)?;
                let gate = candle_nn::ops::sigmoid(&expand.forward(&hidden)?)?;
                let (batch, channels) = gate.dims2()?;
                let gated = x.broadcast_mul(&gate.reshape((batch, 1, 1, channels))?)?;
                GELU.forward(gated)
            }
            Self::Linear(linear) => linear.forward_with(x, GELU),
            Self::Attention(norm, attention) => {
                let pixels = x.flatten(1, 2)?;
                let normed = match norm {
                    Some(norm) => norm.forward(&pixels)?,
                    None => pixels.clone(),
                };
                (pixels + attention.forward(&normed, None)?)?.reshape(x.dims())
            }
            Self::Mlp(filter, expand, reduce) => {
                let hidden = expand.forward_with(&filter.forward(x)?, GELU)?;
                x + reduce.forward(&hidden)?
            }
            Self::Head(linear) => linear.forward(&mean(x)?),
        }
    }
}

/// The mean of each picture's pixels.
fn mean(x: &Tensor) -> Result<Tensor> {
    let dtype = x.dtype();
    let mean = x.flatten(1, 2)?.to_dtype(DType::F32)?.mean(1)?;
    mean.to_dtype(dtype)
}
