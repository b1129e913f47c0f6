//! The attention pool at the end of a residual network, with the mean of the picture as its only
//! query.
//!
//! Keys and values are never computed. For a head's one query, `q · (K x)` is `(Kᵀ q) · x`, and the
//! weighted sum of `V x` is `V` times the weighted sum of `x`: two products with a vector replace
//! two products with every pixel. A key's bias adds the same for all pixels, which does not affect
//! the softmax; the value's bias is added once, because the weights sum to 1.

use candle_core::{Error, Result, Tensor};
use candle_nn::VarBuilder;
use rayon::prelude::*;

use crate::clip::spec::ResNetSpec;
use crate::clip::tower::resnet::EXPANSION;
use crate::engine::cpu::convnet::pointwise;
use crate::engine::cpu::convnet::pointwise::Lines;
use crate::engine::cpu::convnet::resnet::map::Map;
use crate::engine::cpu::load;
use crate::engine::cpu::load::Kernels;
use crate::engine::cpu::matmul::linear::Linear;
use crate::engine::cpu::matmul::packed::Packed;
use crate::engine::cpu::matmul::tile::Bounds;
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::simd::level::{Level, Vectorised};
use crate::engine::cpu::simd::math::{Softmax, fma};

/// Groups of heads per thread: a picture's pixels stay in a thread's cache for all heads of a
/// group.
const GROUPS_PER_THREAD: usize = 2;

/// One attention step with the mean of the picture as query.
pub(crate) struct AttentionPool {
    level: Level,
    /// `[positions + 1, width]`, the mean's first.
    positions: Vec<f32>,
    query: Linear,
    heads: Vec<Head>,
    output: Linear,
    width: usize,
}

/// The weights of a head.
struct Head {
    /// Turns a query into a vector for products with pixels: `[width, depth]`.
    key: Packed,
    /// `[depth, width]`, with its bias.
    value: Packed,
}

/// The buffers of a batch.
#[derive(Default)]
pub(crate) struct Memory {
    tokens: Matrix,
    means: Matrix,
    queries: Matrix,
    /// By head and picture: the query combined with the key weights, then its sum of pixels.
    seen: Matrix,
    /// By head and picture.
    answers: Matrix,
    joined: Matrix,
    out: Matrix,
}

impl AttentionPool {
    /// Reads the pool; its features have length `dim`.
    pub(crate) fn new(
        kernels: Kernels,
        config: &ResNetSpec,
        dim: usize,
        vs: &VarBuilder,
    ) -> Result<Self> {
        let (level, count) = (kernels.level, config.heads);
        let width = config.width * 8 * EXPANSION;
        if count == 0 || !width.is_multiple_of(count) {
            candle_core::bail!("width {width} does not divide into {count} heads");
        }
        let depth = width / count;
        let positions = vs.get(
            (config.grid * config.grid + 1, width),
            "positional_embedding",
        )?;
        let layer = |name, output| {
            let vs = vs.pp(name);
            let bias = load::vector(&vs, "bias", output)?;
            Ok::<(Tensor, Vec<f32>), Error>((vs.get((output, width), "weight")?, bias))
        };
        let (query, query_bias) = layer("q_proj", width)?;
        // Only to check its shape: see above.
        let (key, _) = layer("k_proj", width)?;
        let (value, value_bias) = layer("v_proj", width)?;
        let (output, output_bias) = layer("c_proj", dim)?;
        let mut heads = Vec::with_capacity(count);
        for (head, bias) in value_bias.chunks_exact(depth).enumerate() {
            let own = |weight: &Tensor| weight.narrow(0, head * depth, depth);
            let key = load::values(&own(&key)?.t()?.contiguous()?, |w| {
                Packed::new(level, w, None, width)
            })?;
            let value = load::values(&own(&value)?, |w| Packed::new(level, w, Some(bias), depth))?;
            let (Some(key), Some(value)) = (key, value) else {
                candle_core::bail!("the attention pool's weights do not fit");
            };
            heads.push(Head { key, value });
        }
        Ok(Self {
            level,
            positions: load::values(&positions, <[f32]>::to_vec)?,
            query: load::pack(kernels, &query, Some(&query_bias))?,
            heads,
            output: load::pack(kernels, &output, Some(&output_bias))?,
            width,
        })
    }

    /// Converts maps without margins to one feature each.
    pub(crate) fn forward(&self, x: &Map, memory: &mut Memory) -> Vec<Vec<f32>> {
        let (maps, width) = (x.count(), self.width);
        let depth = width / self.heads.len();
        self.add_positions(x, memory);
        self.query.forward(&memory.means, &mut memory.queries);
        memory.seen.shape(self.heads.len() * maps, width);
        memory.answers.shape(self.heads.len() * maps, depth);
        let (tokens, queries) = (&memory.tokens, &memory.queries);
        let groups = (rayon::current_num_threads() * GROUPS_PER_THREAD).min(self.heads.len());
        let group = self.heads.len().div_ceil(groups.max(1));
        let seen_stride = memory.seen.stride();
        let answer_stride = memory.answers.stride();
        self.heads
            .par_chunks(group)
            .zip(
                memory
                    .seen
                    .values_mut()
                    .par_chunks_mut((group * maps * seen_stride).max(1)),
            )
            .zip(
                memory
                    .answers
                    .values_mut()
                    .par_chunks_mut((group * maps * answer_stride).max(1)),
            )
            .enumerate()
            .for_each(|(index, ((heads, seen), answers))| {
                let rows = |stride| Lines::dense(maps, stride);
                for (i, head) in heads.iter().enumerate() {
                    let query = &queries.values()[(index * group + i) * depth..];
                    let seen = &mut seen[i * maps * seen_stride..][..maps * seen_stride];
                    let panels = 0..head.key.panels();
                    let (a, c) = (rows(queries.stride()), rows(seen_stride));
                    pointwise::multiply(
                        &head.key,
                        panels,
                        (query, a),
                        (seen, c),
                        false,
                        Bounds::NONE,
                    );
                }
                for map in 0..maps {
                    let pixels = tokens.rows() / maps;
                    let first = map * pixels * tokens.stride();
                    for head in 0..heads.len() {
                        let row = (head * maps + map) * seen_stride;
                        self.level.run(Look {
                            tokens: &tokens.values()[first..][..pixels * tokens.stride()],
                            stride: tokens.stride(),
                            seen: &mut seen[row..][..width],
                            scale: (depth as f32).powf(-0.5),
                        });
                    }
                }
                for (i, head) in heads.iter().enumerate() {
                    let seen = &seen[i * maps * seen_stride..];
                    let answers = &mut answers[i * maps * answer_stride..][..maps * answer_stride];
                    let panels = 0..head.value.panels();
                    let (a, c) = (rows(seen_stride), rows(answer_stride));
                    pointwise::multiply(
                        &head.value,
                        panels,
                        (seen, a),
                        (answers, c),
                        false,
                        Bounds::NONE,
                    );
                }
            });
        self.join(maps, memory)
    }

    /// Joins the heads' outputs and projects them.
    fn join(&self, maps: usize, memory: &mut Memory) -> Vec<Vec<f32>> {
        let (width, depth) = (self.width, self.width / self.heads.len());
        memory.joined.shape(maps, width);
        for map in 0..maps {
            let parts = memory.joined.row_mut(map).chunks_exact_mut(depth);
            for (head, part) in parts.enumerate() {
                part.copy_from_slice(memory.answers.row(head * maps + map));
            }
        }
        self.output.forward(&memory.joined, &mut memory.out);
        (0..maps).map(|map| memory.out.row(map).to_vec()).collect()
    }

    /// Writes each picture's mean and pixels, in this order, with their positions added.
    fn add_positions(&self, x: &Map, memory: &mut Memory) {
        let (maps, pixels, width) = (x.count(), x.height() * x.width(), self.width);
        let Memory { tokens, means, .. } = memory;
        tokens.shape(maps * (pixels + 1), width);
        means.shape(maps, width);
        let mut mean = vec![0f32; width];
        for map in 0..maps {
            mean.fill(0.0);
            let first = map * (pixels + 1);
            for pixel in 0..pixels {
                let row = x.values().row(map * pixels + pixel);
                mean.iter_mut().zip(row).for_each(|(m, v)| *m += v);
                let position = &self.positions[(pixel + 1) * width..][..width];
                let token = tokens.row_mut(first + 1 + pixel).iter_mut();
                token
                    .zip(row.iter().zip(position))
                    .for_each(|(t, (v, p))| *t = v + p);
            }
            let token = tokens.row_mut(first).iter_mut().zip(&mean);
            token
                .zip(&self.positions)
                .for_each(|((t, m), p)| *t = m / pixels as f32 + p);
            means.row_mut(map).copy_from_slice(tokens.row(first));
        }
    }
}

/// One query on a picture: `seen` becomes Σ softmax(tokens · seen · scale) · tokens.
struct Look<'a> {
    /// Rows, `stride` values apart.
    tokens: &'a [f32],
    stride: usize,
    seen: &'a mut [f32],
    scale: f32,
}

impl Vectorised for Look<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        const LANES: usize = 64;
        let width = self.seen.len();
        let mut weights = Vec::with_capacity(self.tokens.len() / self.stride.max(1));
        for token in self.tokens.chunks_exact(self.stride) {
            let (own, own_rest) = self.seen.as_chunks::<LANES>();
            let (token, rest) = token[..width].as_chunks::<LANES>();
            let mut sums = [0f32; LANES];
            for (a, b) in own.iter().zip(token) {
                for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                    *sum = fma::<FMA>(*a, *b, *sum);
                }
            }
            let rest: f32 = own_rest.iter().zip(rest).map(|(a, b)| a * b).sum();
            weights.push(sums.iter().sum::<f32>() + rest);
        }
        let seen = weights.len();
        let softmax = Softmax {
            row: &mut weights,
            seen,
            scale: self.scale,
        };
        softmax.run::<FMA>();
        for (part, sums) in self.seen.chunks_mut(LANES).enumerate() {
            let mut own = [0f32; LANES];
            for (token, weight) in self.tokens.chunks_exact(self.stride).zip(&weights) {
                let token = &token[part * LANES..][..sums.len()];
                if let Ok(token) = <&[f32; LANES]>::try_from(token) {
                    for (sum, value) in own.iter_mut().zip(token) {
                        *sum = fma::<FMA>(*weight, *value, *sum);
                    }
                } else {
                    for (sum, value) in own.iter_mut().zip(token) {
                        *sum = fma::<FMA>(*weight, *value, *sum);
                    }
                }
            }
            sums.copy_from_slice(&own[..sums.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cpu::testing::{matrix, numbers};

    #[test]
    fn a_look_weighs_pixels_by_how_they_agree() {
        for level in Level::available() {
            for (count, width) in [(1, 1), (5, 70), (50, 192), (3, 64)] {
                let tokens = matrix(count, width, 1);
                let query = numbers(width, 2);
                let products = |row: usize| {
                    let products = tokens.row(row).iter().zip(&query);
                    products.map(|(a, b)| f64::from(a * b)).sum::<f64>() * 0.3
                };
                let weights: Vec<f64> = (0..count).map(|row| products(row).exp()).collect();
                let total: f64 = weights.iter().sum();
                let mut seen = query.clone();
                level.run(Look {
                    tokens: tokens.values(),
                    stride: tokens.stride(),
                    seen: &mut seen,
                    scale: 0.3,
                });
                for (column, got) in seen.iter().enumerate() {
                    let weighed = weights.iter().enumerate();
                    let sum: f64 = weighed
                        .map(|(row, w)| w * f64::from(tokens.row(row)[column]))
                        .sum();
                    let expected = (sum / total) as f32;
                    assert!(
                        (got - expected).abs() < 1e-5,
                        "{level:?} {count}×{width}: {got}, not {expected}"
                    );
                }
            }
        }
    }
}
