//! EfficientNet-Lite with candle's operations, which the kernels are tested against.

mod depthwise;

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::clip::spec::efficientnet::{
    EfficientNetLiteBlock, EfficientNetLiteSpec, FEATURES, STEM_CHANNELS,
};
use crate::engine::cpu::convnet::efficientnet::oracle::depthwise::{
    AddBiasRelu6, AddBiasResidual, DepthwiseRelu6,
};

/// Width and height of the stem's kernel.
const STEM_KERNEL: usize = 3;

/// A pointwise convolution: a matrix product and a bias over the channels.
struct Pointwise {
    weight: Tensor,
    bias: Tensor,
}

impl Pointwise {
    fn new(input: usize, output: usize, vs: VarBuilder) -> Result<Self> {
        Ok(Self {
            weight: vs.get((input, output), "weight")?,
            bias: vs.get(output, "bias")?,
        })
    }

    fn product(&self, x: &Tensor) -> Result<Tensor> {
        let (n, h, w, c) = x.dims4()?;
        let y = x.reshape((n * h * w, c))?.matmul(&self.weight)?;
        y.reshape((n, h, w, ()))
    }

    fn forward_relu6(&self, x: &Tensor) -> Result<Tensor> {
        let y = self.product(x)?;
        y.inplace_op2(&self.bias, &AddBiasRelu6)?;
        Ok(y)
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.product(x)?.broadcast_add(&self.bias)
    }

    fn forward_residual(&self, x: &Tensor, residual: &Tensor) -> Result<Tensor> {
        let y = self.product(x)?;
        y.inplace_op3(&self.bias, residual, &AddBiasResidual)?;
        Ok(y)
    }
}

struct Block {
    expand: Option<Pointwise>,
    depthwise: DepthwiseRelu6,
    depthwise_weight: Tensor,
    depthwise_bias: Tensor,
    project: Pointwise,
    has_residual: bool,
}

impl Block {
    fn new(config: &EfficientNetLiteBlock, vs: VarBuilder) -> Result<Self> {
        let expand = if config.expanded == config.input {
            None
        } else {
            Some(Pointwise::new(
                config.input,
                config.expanded,
                vs.pp("expand"),
            )?)
        };
        let taps = config.kernel * config.kernel;
        let depthwise = vs.pp("depthwise");
        Ok(Self {
            expand,
            depthwise: DepthwiseRelu6 {
                kernel: config.kernel,
                stride: config.stride,
            },
            depthwise_weight: depthwise.get((taps, config.expanded), "weight")?,
            depthwise_bias: depthwise.get(config.expanded, "bias")?,
            project: Pointwise::new(config.expanded, config.output, vs.pp("project"))?,
            has_residual: config.stride == 1 && config.input == config.output,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let expanded = match &self.expand {
            Some(expand) => expand.forward_relu6(x)?,
            None => x.clone(),
        };
        let y = self
            .depthwise
            .forward(&expanded, &self.depthwise_weight, &self.depthwise_bias)?;
        if self.has_residual {
            self.project.forward_residual(&y, x)
        } else {
            self.project.forward(&y)
        }
    }
}

/// The network without its classifier.
///
/// Tensors: `stem.{weight [27, 32], bias}` with the kernel in (row, column, channel) order;
/// `blocks.N.{expand,project}.{weight [in, out], bias}`; `blocks.N.depthwise.{weight [k·k, c],
/// bias}`; `head.{weight [in, 1280], bias}`.
pub(crate) struct EfficientNetLite {
    stem: Pointwise,
    blocks: Vec<Block>,
    head: Pointwise,
}

impl EfficientNetLite {
    /// Takes the folded weights from `vs`.
    pub(crate) fn new(config: &EfficientNetLiteSpec, vs: VarBuilder) -> Result<Self> {
        let stem = Pointwise::new(STEM_KERNEL * STEM_KERNEL * 3, STEM_CHANNELS, vs.pp("stem"))?;
        let configs = config.blocks();
        let last = configs.last().map_or(STEM_CHANNELS, |b| b.output);
        let blocks = configs
            .iter()
            .enumerate()
            .map(|(i, block)| Block::new(block, vs.pp(format!("blocks.{i}"))))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            stem,
            blocks,
            head: Pointwise::new(last, FEATURES, vs.pp("head"))?,
        })
    }

    /// Converts `[n, h, w, 3]`, samples scaled to about −1..=1, to the features before pooling,
    /// `[n, h.div_ceil(32), w.div_ceil(32), 1280]`.
    pub(crate) fn forward_map(&self, x: &Tensor) -> Result<Tensor> {
        let patches = stem_patches(x)?;
        let mut x = self.stem.forward_relu6(&patches)?;
        for block in &self.blocks {
            x = block.forward(&x)?;
        }
        self.head.forward_relu6(&x)
    }

    /// The mean of the feature map: `[n, 1280]`.
    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let map = self.forward_map(x)?;
        let (n, h, w, c) = map.dims4()?;
        map.reshape((n, h * w, c))?.mean(1)
    }
}

/// Places the stem's 3×3 neighbourhoods (stride 2, "same" padding) side by side: `[n, h, w, 3]` to
/// `[n, h/2, w/2, 27]`, which makes the stem a pointwise convolution.
fn stem_patches(x: &Tensor) -> Result<Tensor> {
    let (_, h, w, _) = x.dims4()?;
    let (out_h, out_w) = (h.div_ceil(2), w.div_ceil(2));
    let pad = |input: usize, output: usize| {
        let total = ((output.max(1) - 1) * 2 + STEM_KERNEL).saturating_sub(input);
        // One extra sample at the end, so that every phase has `output` samples.
        (total / 2, output * 2 + STEM_KERNEL - 1 - input - total / 2)
    };
    let ((top, bottom), (left, right)) = (pad(h, out_h), pad(w, out_w));
    let x = x.pad_with_zeros(1, top, bottom)?;
    let x = x.pad_with_zeros(2, left, right)?;
    let (n, ph, pw, c) = x.dims4()?;
    let (ph, pw) = (ph / 2 * 2, pw / 2 * 2);
    // Rows and columns are split into (pair, phase): taps 0 and 1 are the phases, tap 2 is the next
    // pair's 0.
    let x = x.narrow(1, 0, ph)?.narrow(2, 0, pw)?.contiguous()?;
    let x = x.reshape(&[n, ph / 2, 2, pw / 2, 2, c][..])?;
    let mut taps = Vec::with_capacity(STEM_KERNEL * STEM_KERNEL);
    for row in 0..STEM_KERNEL {
        for column in 0..STEM_KERNEL {
            let tap = x.narrow(1, row / 2, out_h)?.narrow(2, row % 2, 1)?;
            let tap = tap.narrow(3, column / 2, out_w)?.narrow(4, column % 2, 1)?;
            taps.push(tap.squeeze(4)?.squeeze(2)?);
        }
    }
    Tensor::cat(&taps, 3)
}

mod tests {
    use candle_core::{DType, Device};

    use super::*;

    #[test]
    fn stem_patches_are_the_padded_neighbourhoods() {
        for (h, w) in [(4, 6), (5, 7), (1, 1), (224, 2)] {
            let count = h * w * 3;
            let x = Tensor::arange(1f32, (count + 1) as f32, &Device::Cpu).unwrap();
            let x = x.reshape((1, h, w, 3)).unwrap();
            let patches = stem_patches(&x).unwrap();
            let (out_h, out_w) = (h.div_ceil(2), w.div_ceil(2));
            assert_eq!(patches.dims(), [1, out_h, out_w, 27]);
            let values = patches.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let offset =
                |input: usize, output: usize| ((output - 1) * 2 + 3).saturating_sub(input) / 2;
            for (at, value) in values.iter().enumerate() {
                let (patch, tap) = (at / 27, at % 27);
                let y = (patch / out_w * 2 + tap / 9).checked_sub(offset(h, out_h));
                let x = (patch % out_w * 2 + tap / 3 % 3).checked_sub(offset(w, out_w));
                let expected = match (y, x) {
                    (Some(y), Some(x)) if y < h && x < w => ((y * w + x) * 3 + tap % 3 + 1) as f32,
                    _ => 0.0,
                };
                assert_eq!(*value, expected, "{h}×{w}, patch {patch}, tap {tap}");
            }
        }
    }

    #[test]
    fn pools_to_one_feature_vector_a_picture() {
        let vs = VarBuilder::zeros(DType::F32, &Device::Cpu);
        let net = EfficientNetLite::new(&EfficientNetLiteSpec::LITE0, vs).unwrap();
        let x = Tensor::zeros((2, 64, 32, 3), DType::F32, &Device::Cpu).unwrap();
        assert_eq!(net.forward_map(&x).unwrap().dims(), [2, 2, 1, FEATURES]);
        assert_eq!(net.forward(&x).unwrap().dims(), [2, FEATURES]);
    }
}
