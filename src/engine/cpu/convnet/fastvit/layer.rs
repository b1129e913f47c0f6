//! The layers between the stem and the head.

use candle_core::Result;

use crate::clip::folding::fastvit::{Dense, Squeeze, Step};
use crate::clip::spec::fastvit::LAYER_NORM_EPS;
use crate::engine::cpu::convnet::fastvit::filter::Filter;
use crate::engine::cpu::convnet::fastvit::gate::Gate;
use crate::engine::cpu::convnet::fastvit::map::{GELU, Map, unfit};
use crate::engine::cpu::load::Kernels;
use crate::engine::cpu::matmul::linear::Linear;
use crate::engine::cpu::matmul::product::Finish;
use crate::engine::cpu::memory::Matrix;
use crate::engine::cpu::simd::level::Level;
use crate::engine::cpu::simd::math::Epilogue;
use crate::engine::cpu::transformer::attention::{Heads, Sequence, attend};
use crate::engine::cpu::transformer::norm::Norm;

/// One step of a tower, with packed weights.
pub(crate) enum Layer {
    Filter(Filter),
    Gate(Gate),
    /// Followed by GELU.
    Linear(Linear),
    Attention {
        norm: Option<Norm>,
        qkv: Linear,
        out: Linear,
        heads: Heads,
    },
    Mlp {
        filter: Filter,
        expand: Linear,
        reduce: Linear,
    },
}

/// The buffers of all layers.
#[derive(Default)]
pub(crate) struct Work {
    pub(crate) framed: Matrix,
    pub(crate) next: Map,
    wide: Matrix,
    normed: Matrix,
    answers: Matrix,
    pub(crate) pooled: [Matrix; 2],
}

/// Packs a linear layer.
pub(crate) fn linear(kernels: Kernels, dense: &Dense) -> Result<Linear> {
    let Kernels { level, precision } = kernels;
    Linear::new(
        level,
        precision,
        &dense.weight,
        Some(&dense.bias),
        dense.output,
    )
    .ok_or_else(|| unfit("a linear layer"))
}

impl Layer {
    /// Packs `step`, one between the stem and the head.
    pub(crate) fn new(kernels: Kernels, step: Step) -> Result<Self> {
        let level = kernels.level;
        Ok(match step {
            Step::Filter { filter, gelu } => {
                let then = if gelu { GELU } else { Epilogue::Nothing };
                Self::Filter(Filter::new(level, &filter, then)?)
            }
            Step::Gate(Squeeze { reduce, expand }) => Self::Gate(Gate {
                reduce: linear(kernels.exact(), &reduce)?,
                expand: linear(kernels.exact(), &expand)?,
            }),
            Step::Linear(dense) => Self::Linear(linear(kernels, &dense)?),
            Step::Attention {
                norm,
                qkv,
                out,
                heads,
            } => {
                let norm = norm.map(|(gain, bias)| {
                    let norm = Norm::new(level, gain, bias, LAYER_NORM_EPS as f32);
                    norm.ok_or_else(|| unfit("a norm"))
                });
                Self::Attention {
                    norm: norm.transpose()?,
                    heads: Heads {
                        count: heads,
                        width: out.output,
                        causal: false,
                        level,
                    },
                    qkv: linear(kernels, &qkv)?,
                    out: linear(kernels, &out)?,
                }
            }
            Step::Mlp {
                filter,
                expand,
                reduce,
            } => Self::Mlp {
                filter: Filter::new(level, &filter, Epilogue::Nothing)?,
                expand: linear(kernels, &expand)?,
                reduce: linear(kernels, &reduce)?,
            },
            Step::Stem(_) | Step::Head(_) => candle_core::bail!("a stem or a head between layers"),
        })
    }

    /// The side of what it makes of a map.
    pub(crate) fn side(&self, side: usize) -> usize {
        match self {
            Self::Filter(filter) => filter.side(side),
            Self::Gate(_) | Self::Linear(_) | Self::Attention { .. } | Self::Mlp { .. } => side,
        }
    }

    /// Replaces `x`.
    pub(crate) fn forward(&self, level: Level, x: &mut Map, work: &mut Work) {
        match self {
            Self::Filter(filter) => {
                filter.forward(x, &mut work.framed, &mut work.next);
                std::mem::swap(x, &mut work.next);
            }
            Self::Gate(gate) => gate.forward(level, x, &mut work.pooled),
            Self::Linear(linear) => {
                let next = &mut work.next;
                next.shape(x.count, x.side, linear.output());
                linear.forward_into(&x.values, &mut next.values, Finish::then(GELU));
                std::mem::swap(x, next);
            }
            Self::Attention {
                norm,
                qkv,
                out,
                heads,
            } => {
                let pixels = match norm {
                    Some(norm) => {
                        norm.forward(&x.values, &mut work.normed);
                        &work.normed
                    }
                    None => &x.values,
                };
                qkv.forward(pixels, &mut work.wide);
                let each = x.side * x.side;
                let sequence = |i: usize| {
                    let queries = i * each..(i + 1) * each;
                    let keys = queries.clone().map(|row| row as u32).collect();
                    Sequence { keys, queries }
                };
                let sequences: Vec<Sequence> = (0..x.count).map(sequence).collect();
                attend(
                    *heads,
                    &sequences,
                    &work.wide,
                    &work.wide,
                    &mut work.answers,
                );
                out.forward_into(&work.answers, &mut x.values, Finish::ADD);
            }
            Self::Mlp {
                filter,
                expand,
                reduce,
            } => {
                filter.forward(x, &mut work.framed, &mut work.next);
                let mixed = &work.next.values;
                work.wide.shape(mixed.rows(), expand.output());
                expand.forward_into(mixed, &mut work.wide, Finish::then(GELU));
                reduce.forward_into(&work.wide, &mut x.values, Finish::ADD);
            }
        }
    }
}
