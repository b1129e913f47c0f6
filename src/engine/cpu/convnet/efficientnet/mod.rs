//! EfficientNet-Lite over raw slices; `clip::spec::efficientnet` defines it.
//!
//! A task takes a few pictures from bytes to features on one thread, so that no thread waits
//! between layers. It runs the first layers picture by picture, because their maps are large, and
//! the last ones for all its pictures, because their weights are. If there are fewer tasks than
//! threads, the threads share the lines of each map.

pub(crate) mod inverted;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

use candle_core::{Error, Result, Tensor};
use candle_nn::VarBuilder;
use rayon::prelude::*;

use crate::clip::spec::efficientnet::{EfficientNetLiteSpec, FEATURES, STEM_CHANNELS};
use crate::core::encoder::Preprocessing;
use crate::core::pixels::Pixels;
use crate::engine::cpu::arenas::Arenas;
use crate::engine::cpu::convnet::depthwise::Depthwise;
use crate::engine::cpu::convnet::efficientnet::inverted::{Expand, Inverted, Source, Work};
use crate::engine::cpu::convnet::pointwise;
use crate::engine::cpu::convnet::pointwise::Lines;
use crate::engine::cpu::convnet::size::Size;
use crate::engine::cpu::convnet::stem::{SAMPLES, Stem};
use crate::engine::cpu::load;
use crate::engine::cpu::matmul::packed::Packed;
use crate::engine::cpu::matmul::tile::Bounds;
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::simd::level::Level;

/// Pictures per task.
const MAX_TASK: usize = 4;

/// The network with a projection of its pooled features, for pictures of one size.
pub(crate) struct EfficientNet {
    blocks: Vec<Inverted>,
    /// The number of blocks that run picture by picture.
    early: usize,
    head: Packed,
    projection: Packed,
    maps: Arenas<Maps>,
    work: Arenas<Work>,
}

/// The buffers of a task.
#[derive(Default)]
struct Maps {
    x: Matrix,
    next: Matrix,
    gathered: Matrix,
    pooled: Matrix,
    out: Matrix,
}

fn unfit(what: &str) -> Error {
    Error::Msg(format!("{what}: weight and bias do not match"))
}

/// Reads `weight` `[input, output]` and `bias`.
fn pointwise(level: Level, input: usize, output: usize, vs: &VarBuilder) -> Result<Packed> {
    let weight: Tensor = vs.get((input, output), "weight")?.t()?.contiguous()?;
    let bias = load::vector(vs, "bias", output)?;
    load::values(&weight, |w| Packed::new(level, w, Some(&bias), output))?
        .ok_or_else(|| unfit("convolution"))
}

impl EfficientNet {
    /// Reads the tower from `vs`, with the tensor names of `clip::spec::efficientnet`, and the
    /// projection `proj.weight` `[1280, dimension]` with `proj.bias`.
    pub(crate) fn new(
        level: Level,
        config: &EfficientNetLiteSpec,
        dimension: usize,
        preprocessing: &Preprocessing,
        vs: &VarBuilder,
    ) -> Result<Self> {
        let stem = pointwise(level, SAMPLES, STEM_CHANNELS, &vs.pp("stem"))?;
        let stem = Stem::new(stem, None, preprocessing);
        let mut size = stem.output();
        let mut first = Some(stem);
        let mut blocks = Vec::new();
        let mut last = STEM_CHANNELS;
        for (i, block) in config.blocks().iter().enumerate() {
            let vs = vs.pp(format!("blocks.{i}"));
            let expand = match first.take() {
                Some(stem) if block.expanded == block.input => Expand::Stem(stem),
                None if block.expanded != block.input => Expand::Pointwise(pointwise(
                    level,
                    block.input,
                    block.expanded,
                    &vs.pp("expand"),
                )?),
                _ => candle_core::bail!("block {i}: only the first block does not expand"),
            };
            let depthwise = vs.pp("depthwise");
            let taps = block.kernel * block.kernel;
            let weight = depthwise.get((taps, block.expanded), "weight")?;
            let bias = load::vector(&depthwise, "bias", block.expanded)?;
            let shape = (block.kernel, block.stride);
            let depthwise = load::values(&weight, |w| {
                Depthwise::new(level, shape, w, &bias, Bounds::RELU6)
            })?
            .ok_or_else(|| unfit("depthwise convolution"))?;
            let project = pointwise(level, block.expanded, block.output, &vs.pp("project"))?;
            // The first block expands something other than its input.
            let adds = i > 0 && block.stride == 1 && block.input == block.output;
            let block = Inverted::new(expand, depthwise, project, adds, size);
            size = block.outer();
            last = block.output();
            blocks.push(block);
        }
        let alone = blocks.iter().rposition(|block| block.maps() == 1);
        Ok(Self {
            early: alone.map_or(0, |i| i + 1),
            blocks,
            head: pointwise(level, last, FEATURES, &vs.pp("head"))?,
            projection: pointwise(level, FEATURES, dimension, &vs.pp("proj"))?,
            maps: Arenas::default(),
            work: Arenas::default(),
        })
    }

    /// Converts pictures of the model's size to features, not yet of unit length.
    pub(crate) fn forward(&self, images: &[Pixels]) -> Vec<Vec<f32>> {
        let threads = rayon::current_num_threads();
        let task = (images.len() / threads.max(1)).clamp(1, MAX_TASK);
        let tasks = images.len().div_ceil(task).max(1);
        let shares = threads.div_ceil(tasks);
        let rows: Vec<Vec<Vec<f32>>> = images
            .par_chunks(task)
            .map(|images| self.maps.with(|maps| self.task(images, shares, maps)))
            .collect();
        rows.into_iter().flatten().collect()
    }

    fn task(&self, images: &[Pixels], shares: usize, maps: &mut Maps) -> Vec<Vec<f32>> {
        let (early, late) = self.blocks.split_at(self.early);
        let count = images.len();
        for (i, image) in images.iter().enumerate() {
            let mut source = Source::Picture(image);
            for block in early {
                self.block(block, source, 1, shares, &mut maps.next);
                std::mem::swap(&mut maps.x, &mut maps.next);
                source = Source::Maps(&maps.x);
            }
            let (pixels, stride) = (maps.x.rows(), maps.x.stride());
            maps.gathered.shape(count * pixels, maps.x.width());
            maps.gathered.values_mut()[i * pixels * stride..][..pixels * stride]
                .copy_from_slice(maps.x.values());
        }
        std::mem::swap(&mut maps.x, &mut maps.gathered);
        for block in late {
            self.block(block, Source::Maps(&maps.x), count, shares, &mut maps.next);
            std::mem::swap(&mut maps.x, &mut maps.next);
        }
        self.pool(count, shares, maps)
    }

    /// Runs a block on `count` maps.
    fn block(
        &self,
        block: &Inverted,
        source: Source,
        count: usize,
        shares: usize,
        out: &mut Matrix,
    ) {
        let Size { height, width } = block.outer();
        out.shape(count * height * width, block.output());
        let stride = out.stride();
        let line = width * stride;
        if shares > 1 {
            let lines = height.div_ceil(shares).max(1);
            for (map, out) in out.values_mut().chunks_exact_mut(height * line).enumerate() {
                out.par_chunks_mut(lines * line)
                    .enumerate()
                    .for_each(|(share, out)| {
                        let first = share * lines;
                        let lines = first..(first + lines).min(height);
                        self.work.with(|work| {
                            block.forward(source, map..map + 1, lines, (out, stride), work);
                        });
                    });
            }
            return;
        }
        self.work.with(|work| {
            let at_once = count.div_ceil(count.div_ceil(block.maps()).max(1)).max(1);
            let chunks = out.values_mut().chunks_mut(at_once * height * line);
            for (i, out) in chunks.enumerate() {
                let maps = i * at_once..((i + 1) * at_once).min(count);
                block.forward(source, maps, 0..height, (out, stride), work);
            }
        });
    }

    /// The last convolution, the mean of each map, and the projection.
    fn pool(&self, count: usize, shares: usize, maps: &mut Maps) -> Vec<Vec<f32>> {
        let Maps {
            x,
            next,
            pooled,
            out,
            ..
        } = maps;
        let pixels = x.rows() / count.max(1);
        next.shape(x.rows(), self.head.output());
        let (from, to) = (x.stride(), next.stride());
        let rows = x.rows().div_ceil(shares).max(1);
        let share = |(x, next): (&[f32], &mut [f32])| {
            let pixels = next.len() / to;
            let (x_lines, lines) = (Lines::dense(pixels, from), Lines::dense(pixels, to));
            pointwise::multiply(
                &self.head,
                0..self.head.panels(),
                (x, x_lines),
                (next, lines),
                false,
                Bounds::RELU6,
            );
        };
        let parts = x.values().par_chunks(rows * from);
        let targets = next.values_mut().par_chunks_mut(rows * to);
        if shares > 1 {
            parts.zip(targets).for_each(share);
        } else {
            share((x.values(), next.values_mut()));
        }
        pooled.shape(count, self.head.output());
        for map in 0..count {
            let mean = pooled.row_mut(map);
            mean.fill(0.0);
            for pixel in 0..pixels {
                let row = next.row(map * pixels + pixel);
                mean.iter_mut().zip(row).for_each(|(m, v)| *m += v);
            }
            mean.iter_mut().for_each(|m| *m /= pixels as f32);
        }
        out.shape(count, self.projection.output());
        let (a, c) = (
            Lines::dense(count, pooled.stride()),
            Lines::dense(count, out.stride()),
        );
        let target = (out.values_mut(), c);
        pointwise::multiply(
            &self.projection,
            0..self.projection.panels(),
            (pooled.values(), a),
            target,
            false,
            Bounds::NONE,
        );
        (0..count).map(|i| out.row(i).to_vec()).collect()
    }
}
