//! ModifiedResNet over raw slices; `clip::resnet` says what it computes.
//!
//! 3×3 convolutions see a margin of zeros around a map. The stem and the first stage go picture by
//! picture, since their maps are large.

use candle_core::{Error, Result};
use candle_nn::VarBuilder;

use super::arenas::Arenas;
use super::level::Level;
use super::load::{self, Kernels};
use super::map::{Conv, Map, average};
use super::packed::Packed;
use super::pool::{self, AttentionPool};
use super::stem::Stem;
use super::tile::Bounds;
use crate::clip::config::ResNetConfig;
use crate::clip::resnet::{EXPANSION, folded_weights};
use crate::encoder::Preprocessing;
use crate::pixels::Pixels;

/// Pixels of the pictures computed at once: eight of 224×224. From there on more of them only take
/// more memory.
const PIXELS_AT_ONCE: usize = 8 * 224 * 224;

/// A residual network with its attention pool, its weights packed.
pub(crate) struct ResNet {
    stem: Stem,
    convs: [Conv; 2],
    blocks: Vec<Bottleneck>,
    /// How many of the blocks go picture by picture.
    early: usize,
    pool: AttentionPool,
    arenas: Arenas<Memory>,
}

#[derive(Default)]
struct Memory {
    x: Map,
    gathered: Map,
    maps: Maps,
    pool: pool::Memory,
}

/// What a block needs beside its input.
#[derive(Default)]
struct Maps {
    narrow: Map,
    middle: Map,
    pooled: Map,
    shortcut: Map,
}

/// Reads the convolution `conv` with the normalisation `norm` folded in.
fn conv(
    level: Level,
    (input, output, kernel): (usize, usize, usize),
    vs: &VarBuilder,
    names: (&str, &str),
) -> Result<Conv> {
    let (weight, bias) = folded_weights((input, output, kernel), vs, names)?;
    // By tap, row by row, each `[output, input]`.
    let weight = weight.permute((2, 3, 0, 1))?.contiguous()?;
    let bias = load::values(&bias, <[f32]>::to_vec)?;
    load::values(&weight, |w| Conv::new(level, w, &bias, kernel))?
        .ok_or_else(|| Error::Msg("convolution: weight and bias do not fit one another".into()))
}

/// The residual block: 1×1, 3×3, 1×1.
struct Bottleneck {
    conv1: Conv,
    conv2: Conv,
    conv3: Conv,
    downsample: Option<Conv>,
    halves: bool,
}

impl Bottleneck {
    fn new(
        level: Level,
        input: usize,
        planes: usize,
        halves: bool,
        vs: &VarBuilder,
    ) -> Result<Self> {
        let output = planes * EXPANSION;
        let downsample = (halves || input != output)
            .then(|| conv(level, (input, output, 1), &vs.pp("downsample"), ("0", "1")))
            .transpose()?;
        Ok(Self {
            conv1: conv(level, (input, planes, 1), vs, ("conv1", "bn1"))?,
            conv2: conv(level, (planes, planes, 3), vs, ("conv2", "bn2"))?,
            conv3: conv(level, (planes, output, 1), vs, ("conv3", "bn3"))?,
            downsample,
            halves,
        })
    }

    /// Replaces `x`.
    fn forward(&self, x: &mut Map, maps: &mut Maps) {
        let Maps {
            narrow,
            middle,
            pooled,
            shortcut,
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

impl ResNet {
    /// Reads the tower from below `visual`; its embeddings are `dim` long.
    pub(crate) fn new(
        kernels: Kernels,
        config: &ResNetConfig,
        dim: usize,
        preprocessing: &Preprocessing,
        vs: &VarBuilder,
    ) -> Result<Self> {
        let level = kernels.level;
        let (width, half) = (config.width, config.width / 2);
        let (weight, bias) = folded_weights((3, half, 3), vs, ("conv1", "bn1"))?;
        let weight = weight.permute((0, 2, 3, 1))?.contiguous()?;
        let bias = load::values(&bias, <[f32]>::to_vec)?;
        let stem = load::values(&weight, |w| Packed::new(level, w, Some(&bias), half))?;
        let stem = stem.ok_or_else(|| Error::Msg("the stem's weights do not fit".into()))?;
        let mut blocks = Vec::new();
        let (mut input, mut planes) = (width, width);
        for (stage, count) in config.layers.into_iter().enumerate() {
            let vs = vs.pp(format!("layer{}", stage + 1));
            for block in 0..count {
                let halves = stage > 0 && block == 0;
                let vs = vs.pp(block);
                blocks.push(Bottleneck::new(level, input, planes, halves, &vs)?);
                input = planes * EXPANSION;
            }
            planes *= 2;
        }
        Ok(Self {
            stem: Stem::new(stem, Some(1), preprocessing),
            convs: [
                conv(level, (half, half, 3), vs, ("conv2", "bn2"))?,
                conv(level, (half, width, 3), vs, ("conv3", "bn3"))?,
            ],
            blocks,
            early: config.layers[0],
            // 8 bits are for Transformers: nobody has measured them here.
            pool: AttentionPool::new(kernels.exact(), config, dim, &vs.pp("attnpool"))?,
            arenas: Arenas::default(),
        })
    }

    /// Pictures of the model's size to features, not yet of unit length.
    pub(crate) fn forward(&self, images: &[Pixels]) -> Vec<Vec<f32>> {
        let pixels = images.first().map_or(1, |i| i.data().len() / 3);
        let at_once = (PIXELS_AT_ONCE / pixels.max(1)).max(1);
        self.arenas.with(|memory| {
            images
                .chunks(at_once)
                .flat_map(|images| self.batch(images, memory))
                .collect()
        })
    }

    fn batch(&self, images: &[Pixels], memory: &mut Memory) -> Vec<Vec<f32>> {
        let (early, late) = self.blocks.split_at(self.early.min(self.blocks.len()));
        let Memory {
            x,
            gathered,
            maps,
            pool,
        } = memory;
        for (i, image) in images.iter().enumerate() {
            let Maps { narrow, middle, .. } = maps;
            narrow.begin_with(&self.stem, image, 1);
            middle.shape_as(narrow, 1, self.convs[0].output());
            self.convs[0].forward(narrow, middle, false, Bounds::RELU);
            narrow.shape_as(middle, 0, self.convs[1].output());
            self.convs[1].forward(middle, narrow, false, Bounds::RELU);
            average(self.convs[1].level(), narrow, x);
            for block in early {
                block.forward(x, maps);
            }
            gathered.take_in(x, i, images.len());
        }
        std::mem::swap(x, gathered);
        for block in late {
            block.forward(x, maps);
        }
        self.pool.forward(x, pool)
    }
}
