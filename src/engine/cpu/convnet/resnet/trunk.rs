//! The layers between a residual network's first convolution and its pool.

use candle_core::{Error, Result};
use candle_nn::VarBuilder;

use crate::clip::spec::ResNetSpec;
use crate::clip::tower::resnet::{EXPANSION, folded_weights};
use crate::core::pixels::Pixels;
use crate::engine::cpu::convnet::resnet::channels::Channels;
use crate::engine::cpu::convnet::resnet::conv::Conv;
use crate::engine::cpu::convnet::resnet::map::{Map, average};
use crate::engine::cpu::convnet::stem::Stem;
use crate::engine::cpu::load;
use crate::engine::cpu::matmul::tile::Bounds;
use crate::engine::cpu::simd::level::Level;

/// A convolution that can be created from weights.
pub(crate) trait Convolution: Sized {
    /// Takes weights `[kernel, kernel, output, input]`, for channels like `seen`. `None` if the
    /// lengths do not match.
    fn pack(
        level: Level,
        weight: &[f32],
        bias: &[f32],
        kernel: usize,
        seen: &Channels,
    ) -> Option<Self>;
}

impl Convolution for Conv {
    fn pack(
        level: Level,
        weight: &[f32],
        bias: &[f32],
        kernel: usize,
        _: &Channels,
    ) -> Option<Self> {
        Self::new(level, weight, bias, kernel)
    }
}

/// The second and third convolution, and the residual blocks.
pub(crate) struct Trunk<C> {
    /// Always exact, because all later layers depend on it.
    pub(crate) second: Conv,
    pub(crate) third: C,
    pub(crate) blocks: Vec<Bottleneck<C>>,
    /// The number of blocks that run picture by picture, because their maps are large.
    pub(crate) early: usize,
}

/// The residual block: 1×1, 3×3, 1×1.
pub(crate) struct Bottleneck<C> {
    pub(crate) conv1: C,
    pub(crate) conv2: C,
    pub(crate) conv3: C,
    pub(crate) downsample: Option<C>,
    pub(crate) halves: bool,
}

/// Reads the convolution `conv` of the channels `seen` with the normalisation `norm` folded in,
/// without a ReLU.
fn conv<C: Convolution>(
    level: Level,
    seen: &Channels,
    (output, kernel): (usize, usize),
    vs: &VarBuilder,
    names: (&str, &str),
) -> Result<(C, Channels)> {
    let (weight, bias) = folded_weights((seen.count(), output, kernel), vs, names)?;
    // By tap, row by row, each `[output, input]`.
    let weight = weight.permute((2, 3, 0, 1))?.contiguous()?;
    let bias = load::values(&bias, <[f32]>::to_vec)?;
    let conv = load::values(&weight, |w| C::pack(level, w, &bias, kernel, seen))?
        .ok_or_else(|| Error::Msg("convolution: weight and bias do not match".into()))?;
    Ok((conv, Channels::behind(&vs.pp(names.1), output)?))
}

impl<C: Convolution> Bottleneck<C> {
    /// Takes `seen`, the input channels, and returns the block with its output channels.
    fn new(
        level: Level,
        seen: Channels,
        planes: usize,
        halves: bool,
        vs: &VarBuilder,
    ) -> Result<(Self, Channels)> {
        let output = planes * EXPANSION;
        let (conv1, narrow) = conv(level, &seen, (planes, 1), vs, ("conv1", "bn1"))?;
        let narrow = narrow.rectified();
        let (conv2, middle) = conv(level, &narrow, (planes, 3), vs, ("conv2", "bn2"))?;
        let middle = middle.rectified();
        let (conv3, added) = conv(level, &middle, (output, 1), vs, ("conv3", "bn3"))?;
        let (downsample, shortcut) = if halves || seen.count() != output {
            let vs = vs.pp("downsample");
            let (conv, shortcut) = conv(level, &seen, (output, 1), &vs, ("0", "1"))?;
            (Some(conv), shortcut)
        } else {
            (None, seen)
        };
        let block = Self {
            conv1,
            conv2,
            conv3,
            downsample,
            halves,
        };
        Ok((block, shortcut.plus(&added).rectified()))
    }
}

impl<C: Convolution> Trunk<C> {
    /// Reads what follows the first convolution; the first `stages` stages run picture by picture.
    pub(crate) fn new(
        level: Level,
        config: &ResNetSpec,
        stages: usize,
        vs: &VarBuilder,
    ) -> Result<Self> {
        let (width, half) = (config.width, config.width / 2);
        let seen = Channels::behind(&vs.pp("bn1"), half)?.rectified();
        let (second, seen) = conv(level, &seen, (half, 3), vs, ("conv2", "bn2"))?;
        let (third, seen) = conv(level, &seen.rectified(), (width, 3), vs, ("conv3", "bn3"))?;
        let mut seen = seen.rectified();
        let (mut blocks, mut planes) = (Vec::new(), width);
        for (stage, count) in config.layers.into_iter().enumerate() {
            let vs = vs.pp(format!("layer{}", stage + 1));
            for block in 0..count {
                let halves = stage > 0 && block == 0;
                let vs = vs.pp(block);
                let (block, out) = Bottleneck::new(level, seen, planes, halves, &vs)?;
                blocks.push(block);
                seen = out;
            }
            planes *= 2;
        }
        let early = config.layers.iter().take(stages).sum();
        Ok(Self {
            second,
            third,
            blocks,
            early,
        })
    }
}

/// The buffers of the exact convolutions besides `x`.
#[derive(Default)]
pub(crate) struct Maps {
    gathered: Map,
    narrow: Map,
    middle: Map,
    pooled: Map,
    shortcut: Map,
}

impl Bottleneck<Conv> {
    /// Replaces `x`.
    fn forward(&self, x: &mut Map, maps: &mut Maps) {
        let Maps {
            narrow,
            middle,
            pooled,
            shortcut,
            ..
        } = maps;
        narrow.shape_as(x, 1, self.conv1.output());
        self.conv1.forward(x, narrow, false, Bounds::RELU);
        middle.shape_as(narrow, 0, self.conv2.output());
        self.conv2.forward(narrow, middle, false, Bounds::RELU);
        if self.halves {
            average(self.conv2.level(), middle, pooled);
            std::mem::swap(middle, pooled);
        }
        if let Some(downsample) = &self.downsample {
            let from = if self.halves {
                average(downsample.level(), x, pooled);
                &*pooled
            } else {
                &*x
            };
            shortcut.shape_as(from, 0, downsample.output());
            downsample.forward(from, shortcut, false, Bounds::NONE);
            std::mem::swap(x, shortcut);
        }
        self.conv3.forward(middle, x, true, Bounds::RELU);
    }
}

impl Trunk<Conv> {
    /// Computes the blocks' input into `x`; the other maps are buffers.
    fn begin(&self, stem: &Stem, image: &Pixels, x: &mut Map, [narrow, middle]: [&mut Map; 2]) {
        let Self { second, third, .. } = self;
        narrow.begin_with(stem, image, 1);
        middle.shape_as(narrow, 1, second.output());
        second.forward(narrow, middle, false, Bounds::RELU);
        narrow.shape_as(middle, 0, third.output());
        third.forward(middle, narrow, false, Bounds::RELU);
        average(third.level(), narrow, x);
    }

    /// Computes the pool's input into `x`.
    pub(crate) fn forward(&self, stem: &Stem, images: &[Pixels], x: &mut Map, maps: &mut Maps) {
        let (early, late) = self.blocks.split_at(self.early.min(self.blocks.len()));
        for (i, image) in images.iter().enumerate() {
            let Maps { narrow, middle, .. } = maps;
            self.begin(stem, image, x, [narrow, middle]);
            for block in early {
                block.forward(x, maps);
            }
            maps.gathered.take_in(x, i, images.len());
        }
        std::mem::swap(x, &mut maps.gathered);
        for block in late {
            block.forward(x, maps);
        }
    }
}
