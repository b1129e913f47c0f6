//! ModifiedResNet over raw slices; `clip::tower::resnet` defines it.
//!
//! In 32 bits, `trunk` computes all of it; with `Precision::Fast`, on processors that gain from it,
//! `byte_trunk` computes all convolutions but the first two. Both run the first stages picture by
//! picture, because their maps are large.

pub(crate) mod byte_conv;
pub(crate) mod byte_map;
pub(crate) mod byte_trunk;
pub(crate) mod channels;
pub(crate) mod conv;
pub(crate) mod frame;
pub(crate) mod map;
pub(crate) mod pool;
pub(crate) mod trunk;
pub(crate) mod winograd;
pub(crate) mod winograd_square;

use candle_core::{Error, Result};
use candle_nn::VarBuilder;

use crate::clip::spec::ResNetSpec;
use crate::clip::tower::resnet::folded_weights;
use crate::core::encoder::Preprocessing;
use crate::core::pixels::Pixels;
use crate::engine::cpu::arenas::Arenas;
use crate::engine::cpu::convnet::resnet::byte_conv::ByteConv;
use crate::engine::cpu::convnet::resnet::byte_trunk::ByteMaps;
use crate::engine::cpu::convnet::resnet::conv::Conv;
use crate::engine::cpu::convnet::resnet::map::Map;
use crate::engine::cpu::convnet::resnet::pool::AttentionPool;
use crate::engine::cpu::convnet::resnet::trunk::{Maps, Trunk};
use crate::engine::cpu::convnet::stem::Stem;
use crate::engine::cpu::load;
use crate::engine::cpu::load::Kernels;
use crate::engine::cpu::matmul::linear::Precision;
use crate::engine::cpu::matmul::packed::Packed;

/// Pixels of the pictures computed at once: eight of 224×224. More would only take more memory.
const PIXELS_AT_ONCE: usize = 8 * 224 * 224;

/// The number of stages with maps so large that they run picture by picture; more in 8 bits, where
/// the weights are smaller too.
const EARLY_STAGES: usize = 1;
const EARLY_STAGES_FAST: usize = 2;

/// A residual network with its attention pool, with packed weights.
pub(crate) struct ResNet {
    stem: Stem,
    trunk: AnyTrunk,
    pool: AttentionPool,
    arenas: Arenas<Memory>,
}

/// Everything between the first convolution, which reads a picture's bytes, and the pool.
enum AnyTrunk {
    Exact(Trunk<Conv>),
    Fast(Trunk<ByteConv>),
}

#[derive(Default)]
struct Memory {
    x: Map,
    exact: Maps,
    fast: ByteMaps,
    pool: pool::Memory,
}

impl ResNet {
    /// Reads the tower from below `visual`; its embeddings have length `dim`.
    pub(crate) fn new(
        kernels: Kernels,
        config: &ResNetSpec,
        dim: usize,
        preprocessing: &Preprocessing,
        vs: &VarBuilder,
    ) -> Result<Self> {
        let Kernels { level, precision } = kernels;
        let half = config.width / 2;
        let (weight, bias) = folded_weights((3, half, 3), vs, ("conv1", "bn1"))?;
        let weight = weight.permute((0, 2, 3, 1))?.contiguous()?;
        let bias = load::values(&bias, <[f32]>::to_vec)?;
        let stem = load::values(&weight, |w| Packed::new(level, w, Some(&bias), half))?;
        let stem = stem.ok_or_else(|| Error::Msg("the stem's weights do not fit".into()))?;
        let fast = precision == Precision::Fast && level.gains_by_i8();
        Ok(Self {
            stem: Stem::new(stem, Some(1), preprocessing),
            trunk: if fast {
                AnyTrunk::Fast(Trunk::new(level, config, EARLY_STAGES_FAST, vs)?)
            } else {
                AnyTrunk::Exact(Trunk::new(level, config, EARLY_STAGES, vs)?)
            },
            // Always exact, because there is little to gain: the pool never computes keys and
            // values.
            pool: AttentionPool::new(kernels.exact(), config, dim, &vs.pp("attnpool"))?,
            arenas: Arenas::default(),
        })
    }

    /// Converts pictures of the model's size to features, not yet of unit length.
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
        let Memory {
            x,
            exact,
            fast,
            pool,
        } = memory;
        match &self.trunk {
            AnyTrunk::Exact(trunk) => trunk.forward(&self.stem, images, x, exact),
            AnyTrunk::Fast(trunk) => trunk.forward(&self.stem, images, x, fast),
        }
        self.pool.forward(x, pool)
    }
}
