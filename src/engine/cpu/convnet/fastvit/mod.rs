//! FastViT over raw slices, layer by layer; `clip::folding::fastvit` has its steps.
//!
//! The first layers run picture by picture, because their maps are large, and the last ones for some
//! pictures at once, because their weights are.

mod filter;
mod gate;
mod layer;
mod map;

use candle_core::Result;
use candle_nn::VarBuilder;
use rayon::prelude::*;

use crate::clip::folding::fastvit::{Dense, Step, steps};
use crate::clip::spec::fastvit::FastVitSpec;
use crate::core::encoder::Preprocessing;
use crate::core::pixels::Pixels;
use crate::engine::cpu::arenas::Arenas;
use crate::engine::cpu::convnet::fastvit::gate::means;
use crate::engine::cpu::convnet::fastvit::layer::{Layer, Work, linear};
use crate::engine::cpu::convnet::fastvit::map::{GELU, Map, unfit};
use crate::engine::cpu::convnet::pointwise;
use crate::engine::cpu::convnet::pointwise::Lines;
use crate::engine::cpu::convnet::stem::Stem;
use crate::engine::cpu::load::Kernels;
use crate::engine::cpu::matmul::linear::Linear;
use crate::engine::cpu::matmul::packed::Packed;
use crate::engine::cpu::matmul::tile::Bounds;
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::simd::level::Level;

/// Pictures computed at once in the last layers.
const AT_ONCE: usize = 8;

/// The side of the largest maps of several pictures at once.
const LATE_SIDE: usize = 16;

/// Lines of the stem's output computed at once by a thread.
const STEM_LINES: usize = 4;

/// MobileCLIP's image tower, for pictures of one size.
pub(crate) struct FastVit {
    stem: Stem,
    layers: Vec<Layer>,
    /// The number of layers that run picture by picture.
    early: usize,
    head: Linear,
    level: Level,
    arenas: Arenas<Arena>,
}

#[derive(Default)]
struct Arena {
    x: Map,
    gathered: Map,
    work: Work,
    pooled: Matrix,
    out: Matrix,
}

/// Sorts steps into the parts of a tower.
struct Parts {
    kernels: Kernels,
    stem: Option<Dense>,
    layers: Vec<Layer>,
    head: Option<Linear>,
    /// The side of the maps so far.
    side: usize,
    early: usize,
}

impl Parts {
    fn take(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Stem(dense) => self.stem = Some(dense),
            Step::Head(dense) => self.head = Some(linear(self.kernels.exact(), &dense)?),
            step => {
                let layer = Layer::new(self.kernels, step)?;
                if self.side > LATE_SIDE {
                    self.early = self.layers.len() + 1;
                }
                self.side = layer.side(self.side);
                self.layers.push(layer);
            }
        }
        Ok(())
    }
}

impl FastVit {
    /// Reads the tower from below `visual`; its embeddings have length `embed_dim`.
    pub(crate) fn new(
        kernels: Kernels,
        config: &FastVitSpec,
        embed_dim: usize,
        preprocessing: &Preprocessing,
        vs: &VarBuilder,
    ) -> Result<Self> {
        let mut parts = Parts {
            kernels,
            stem: None,
            layers: Vec::new(),
            head: None,
            side: (preprocessing.size as usize).div_ceil(2),
            early: 0,
        };
        steps(config, embed_dim, vs, |step| parts.take(step))?;
        let Parts {
            stem: Some(stem),
            layers,
            head: Some(head),
            early,
            ..
        } = parts
        else {
            candle_core::bail!("a FastViT without a stem or a head");
        };
        let level = kernels.level;
        let stem = Packed::new(level, &stem.weight, Some(&stem.bias), stem.output);
        Ok(Self {
            stem: Stem::new(
                stem.ok_or_else(|| unfit("the stem"))?,
                Some(1),
                preprocessing,
            ),
            layers,
            early,
            head,
            level,
            arenas: Arenas::default(),
        })
    }

    /// Converts pictures of the model's size to features, not yet of unit length.
    pub(crate) fn forward(&self, images: &[Pixels]) -> Vec<Vec<f32>> {
        self.arenas
            .in_batches(images, AT_ONCE, |images, arena| self.batch(images, arena))
    }

    fn batch(&self, images: &[Pixels], arena: &mut Arena) -> Vec<Vec<f32>> {
        let Arena {
            x,
            gathered,
            work,
            pooled,
            out,
        } = arena;
        let (early, late) = self.layers.split_at(self.early.min(self.layers.len()));
        for (i, image) in images.iter().enumerate() {
            self.begin(image, x);
            early
                .iter()
                .for_each(|layer| layer.forward(self.level, x, work));
            if i == 0 {
                gathered.shape(images.len(), x.side, x.values.width());
            }
            let size = x.values.values().len();
            let place = gathered.values.values_mut().chunks_exact_mut(size).nth(i);
            if let Some(place) = place {
                place.copy_from_slice(x.values.values());
            }
        }
        late.iter()
            .for_each(|layer| layer.forward(self.level, gathered, work));
        means(self.level, gathered, pooled);
        self.head.forward(pooled, out);
        (0..images.len()).map(|i| out.row(i).to_vec()).collect()
    }

    /// The stem's map of a picture.
    fn begin(&self, image: &Pixels, x: &mut Map) {
        let (weights, side) = (self.stem.weights(), self.stem.output().width);
        x.shape(1, side, weights.output());
        let stride = x.values.stride();
        let lines = x
            .values
            .values_mut()
            .par_chunks_mut(STEM_LINES * side * stride);
        let buffers = <(Vec<f32>, Matrix)>::default;
        lines
            .enumerate()
            .for_each_init(buffers, |(samples, patches), (i, out)| {
                let first = i * STEM_LINES;
                let pixels = out.len() / stride;
                let lines = first..first + pixels / side;
                self.stem.patches(image, &lines, samples, patches);
                let (from, to) = (
                    Lines::dense(pixels, patches.stride()),
                    Lines::dense(pixels, stride),
                );
                let panels = 0..weights.panels();
                let patches = (patches.values(), from);
                pointwise::multiply(
                    weights,
                    panels,
                    patches,
                    (&mut *out, to),
                    false,
                    Bounds::NONE,
                );
                GELU.apply(self.level, out);
            });
    }
}
