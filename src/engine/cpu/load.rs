//! Packs a checkpoint's tensors into weights.

use std::ops::Deref;

use candle_core::{CpuStorage, DType, Device, Error, Result, Storage, Tensor};
use candle_nn::VarBuilder;
use rayon::prelude::*;

use crate::clip::spec::TransformerSpec;
use crate::clip::weights::Weights;
use crate::engine::cpu::arenas::Arenas;
use crate::engine::cpu::matmul::linear::{Linear, Precision};
use crate::engine::cpu::memory::Aligned;
use crate::engine::cpu::simd::level::Level;
use crate::engine::cpu::simd::math::Epilogue;
use crate::engine::cpu::transformer::attention::Heads;
use crate::engine::cpu::transformer::block::{Block, Rest, Transformer};
use crate::engine::cpu::transformer::norm::Norm;

/// Blocks read at once: one is read while another is packed, which all threads do. Each holds a
/// weight in its original and its packed form.
const BLOCKS_AT_ONCE: usize = 2;

/// A position in a checkpoint. candle reads tensors from it, except large ones, which are read
/// directly into a buffer for packing.
#[derive(Clone)]
pub(crate) struct Tensors<'a> {
    /// For candle.
    pub(crate) vs: VarBuilder<'a>,
    weights: &'a Weights,
    /// One buffer per reading thread: used memory is available at once, but new pages take longer
    /// than reading.
    scratch: &'a Arenas<Aligned>,
}

impl<'a> Tensors<'a> {
    /// The root of `weights`.
    pub(crate) fn new(weights: &'a Weights, scratch: &'a Arenas<Aligned>) -> Self {
        let backend = Box::new(weights.clone());
        Self {
            vs: VarBuilder::from_backend(backend, DType::F32, Device::Cpu),
            weights,
            scratch,
        }
    }

    /// The position `name` below this one.
    pub(crate) fn pp(&self, name: impl ToString) -> Self {
        Self {
            vs: self.vs.pp(name),
            ..self.clone()
        }
    }

    /// The root's tensors.
    pub(crate) fn weights(&self) -> &'a Weights {
        self.weights
    }

    fn read(&self, shape: (usize, usize), name: &str, out: &mut [f32]) -> Result<()> {
        let path = match self.vs.prefix() {
            prefix if prefix.is_empty() => name.to_owned(),
            prefix => format!("{prefix}.{name}"),
        };
        if !self.weights.read_to(&path, &shape.into(), out)? {
            values(&self.vs.get(shape, name)?, |v| out.copy_from_slice(v))?;
        }
        Ok(())
    }

    /// Packs the weight `name`, `[output, input]`.
    fn pack(
        &self,
        kernels: Kernels,
        (output, input): (usize, usize),
        name: &str,
        bias: &[f32],
    ) -> Result<Linear> {
        let Kernels { level, precision } = kernels;
        let linear = self.scratch.with(|scratch| {
            scratch.reserve(output * input);
            let out = scratch.values_mut();
            let weight = out.get_mut(..output * input).unwrap_or_default();
            self.read((output, input), name, weight)?;
            Ok::<_, Error>(Linear::new(level, precision, weight, Some(bias), output))
        })?;
        linear.ok_or_else(|| unfit("linear layer"))
    }
}

/// How the blocks' linear layers are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kernels {
    /// The instructions.
    pub(crate) level: Level,
    /// The blocks' precision. Layers before and after them are always exact; patches that stay bytes
    /// have weights of 15 bits.
    pub(crate) precision: Precision,
}

impl Kernels {
    /// The same in full precision.
    pub(crate) fn exact(self) -> Self {
        Self {
            precision: Precision::Exact,
            ..self
        }
    }
}

/// Passes a contiguous f32 tensor's values to `read`, without copying them.
pub(crate) fn values<T>(tensor: &Tensor, read: impl FnOnce(&[f32]) -> T) -> Result<T> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    let Storage::Cpu(CpuStorage::F32(all)) = storage.deref() else {
        candle_core::bail!("the tensor is not f32 on the CPU");
    };
    let range = layout.contiguous_offsets();
    match range.and_then(|(start, end)| all.get(start..end)) {
        Some(values) => Ok(read(values)),
        None => candle_core::bail!("the tensor lies outside its storage"),
    }
}

/// Reads a vector of `length`.
pub(crate) fn vector(vs: &VarBuilder, name: &str, length: usize) -> Result<Vec<f32>> {
    values(&vs.get(length, name)?, <[f32]>::to_vec)
}

fn unfit(what: &str) -> Error {
    Error::Msg(format!("{what}: weight and bias do not match"))
}

/// Packs a layer with `weight` `[output, input]`.
pub(crate) fn pack(kernels: Kernels, weight: &Tensor, bias: Option<&[f32]>) -> Result<Linear> {
    let (output, _) = weight.dims2()?;
    values(weight, |w| {
        Linear::new(kernels.level, kernels.precision, w, bias, output)
    })?
    .ok_or_else(|| unfit("linear layer"))
}

/// Reads `weight` `[output, input]` and `bias`.
fn linear(kernels: Kernels, input: usize, output: usize, tensors: &Tensors) -> Result<Linear> {
    let bias = vector(&tensors.vs, "bias", output)?;
    tensors.pack(kernels, (output, input), "weight", &bias)
}

/// Reads a layer norm's `weight` and `bias`.
pub(crate) fn norm(kernels: Kernels, width: usize, epsilon: f64, vs: &VarBuilder) -> Result<Norm> {
    let (gain, bias) = (vector(vs, "weight", width)?, vector(vs, "bias", width)?);
    Norm::new(kernels.level, gain, bias, epsilon as f32).ok_or_else(|| unfit("layer norm"))
}

/// Reads `resblocks.0`, `resblocks.1`, …, a few at once.
pub(crate) fn transformer(
    kernels: Kernels,
    config: &TransformerSpec,
    causal: bool,
    tensors: &Tensors,
) -> Result<Transformer> {
    let (width, count) = (config.width, config.heads);
    if count == 0 || !width.is_multiple_of(count) {
        candle_core::bail!("width {width} does not divide into {count} heads");
    }
    let tensors = tensors.pp("resblocks");
    let mut blocks = Vec::with_capacity(config.layers);
    while blocks.len() < config.layers {
        let next = blocks.len()..config.layers.min(blocks.len() + BLOCKS_AT_ONCE);
        let read = next.into_par_iter();
        let read = read.map(|i| block(kernels, config, &tensors.pp(i)));
        blocks.extend(read.collect::<Result<Vec<_>>>()?);
    }
    let level = kernels.level;
    let heads = Heads {
        count,
        width,
        causal,
        level,
    };
    let rotation = None;
    Ok(Transformer {
        blocks,
        heads,
        rotation,
    })
}

fn block(kernels: Kernels, config: &TransformerSpec, tensors: &Tensors) -> Result<Block> {
    let width = config.width;
    let norm = |name| norm(kernels, width, config.layer_norm_eps, &tensors.vs.pp(name));
    let attention = tensors.pp("attn");
    let in_bias = vector(&attention.vs, "in_proj_bias", 3 * width)?;
    let in_proj = attention.pack(kernels, (3 * width, width), "in_proj_weight", &in_bias)?;
    Ok(Block {
        ln_1: norm("ln_1")?,
        in_proj,
        rest: rest(kernels, config, "ln_2", tensors)?,
    })
}

/// Reads `attn.out_proj`, the layer norm `ln` and `mlp`.
pub(crate) fn rest(
    kernels: Kernels,
    config: &TransformerSpec,
    ln: &str,
    tensors: &Tensors,
) -> Result<Rest> {
    let (width, hidden) = (config.width, config.mlp_width);
    let (out_proj, mlp) = (tensors.pp("attn").pp("out_proj"), tensors.pp("mlp"));
    Ok(Rest {
        out_proj: linear(kernels, width, width, &out_proj)?,
        ln_2: norm(kernels, width, config.layer_norm_eps, &tensors.vs.pp(ln))?,
        c_fc: linear(kernels, width, hidden, &mlp.pp("c_fc"))?,
        c_proj: linear(kernels, hidden, width, &mlp.pp("c_proj"))?,
        then: Epilogue::Activation(config.activation),
    })
}
