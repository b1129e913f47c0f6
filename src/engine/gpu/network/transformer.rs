//! The block that both Transformers share, and the text Transformer.

use crate::clip::spec::rotation::Rotation;
use crate::clip::spec::{TextTransformerSpec, TransformerSpec};
use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::kernel::NormSource;
use crate::engine::gpu::kernel::epilogue::Epilogue;
use crate::engine::gpu::kernel::pack;
use crate::engine::gpu::kernel::pack::{fours, lines, parts, plain};
use crate::engine::gpu::network::scope::Scope;
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::operands::{Product, Value};
use crate::engine::gpu::program::shape::Rows;

/// Gain and bias of a layer norm, as its kernel reads them.
pub(crate) fn affine(builder: &Builder, scope: &Scope, width: usize) -> Result<wgpu::Buffer> {
    let order = plain(width);
    let mut values = pack::vector(&order, &scope.get("weight", &[width])?);
    values.extend(pack::vector(&order, &scope.get("bias", &[width])?));
    builder.numbers(&values)
}

/// Adds the blocks below `scope` to the stream `x`, seven kernels each.
pub(crate) fn blocks(
    builder: &mut Builder,
    scope: &Scope,
    spec: &TransformerSpec,
    x: Value,
    causal: bool,
    rotation: Option<&Rotation>,
) -> Result<()> {
    let (width, heads) = (spec.width, spec.heads);
    let epsilon = spec.layer_norm_eps as f32;
    if heads == 0 || !width.is_multiple_of(heads) {
        let reason = format!("width {width} does not divide into {heads} heads");
        return Err(GpuError::Unsupported { reason });
    }
    let depth = width / heads;
    let inner4 = heads * fours(depth);
    let (channels, inner) = (plain(width), parts(heads, depth));
    let three = parts(3 * heads, depth);
    let angles = rotation.map(|r| angles(builder, r, depth)).transpose()?;
    for layer in 0..spec.layers {
        builder.mark_block(layer == 0);
        let scope = scope.below(layer);
        let (attn, mlp) = (scope.below("attn"), scope.below("mlp"));

        let normed = builder.take(x.rows, fours(width));
        let gains = affine(builder, &scope.below("ln_1"), width)?;
        let norm = (&gains, epsilon);
        builder.norm((x, normed), NormSource::Row, norm, width, None);
        let weight = attn.get("in_proj_weight", &[3 * width, width])?;
        let bias = attn.get("in_proj_bias", &[3 * width])?;
        let matrix = builder.matrix((&channels, &three), Some(&bias), |k, n| {
            weight.get(n * width + k).copied()
        })?;
        let qkv = builder.take(x.rows, 3 * inner4);
        builder.product(Product::new(normed, qkv), &matrix);
        builder.release(normed);
        let qkv = match &angles {
            Some((angles, tokens)) => {
                let turned = builder.take(x.rows, 3 * inner4);
                builder.rotate((qkv, turned), angles, (*tokens, depth));
                builder.release(qkv);
                turned
            }
            None => qkv,
        };
        let answers = builder.take(x.rows, inner4);
        builder.attention((qkv, answers), (heads, depth), causal, None)?;
        builder.release(qkv);
        let out_proj = attn.below("out_proj");
        let weight = out_proj.get("weight", &[width, width])?;
        let bias = out_proj.get("bias", &[width])?;
        let matrix = builder.matrix((&inner, &channels), Some(&bias), |k, n| {
            weight.get(n * width + k).copied()
        })?;
        builder.product(Product::new(answers, x).adding(), &matrix);
        builder.release(answers);

        self::mlp(builder, (&scope.below("ln_2"), &mlp), spec, x)?;
    }
    builder.mark_block(false);
    Ok(())
}

/// Cosine and sine of each pair of a head, a line for each token of a picture; and these tokens.
fn angles(builder: &Builder, r: &Rotation, depth: usize) -> Result<(wgpu::Buffer, usize)> {
    let pairs = r.cos.iter().zip(&r.sin);
    let numbers: Vec<f32> = pairs.flat_map(|(cos, sin)| [*cos, *sin]).collect();
    let tokens = numbers.len() / depth.max(1);
    Ok((builder.numbers(&lines(depth, &numbers))?, tokens))
}

/// The MLP below `scope` with a layer norm before it, added to `x`.
pub(crate) fn mlp(
    builder: &mut Builder,
    (norm, scope): (&Scope, &Scope),
    spec: &TransformerSpec,
    x: Value,
) -> Result<()> {
    let (width, hidden) = (spec.width, spec.mlp_width);
    let (channels, wide) = (plain(width), plain(hidden));
    let normed = builder.take(x.rows, fours(width));
    let gains = affine(builder, norm, width)?;
    let norm = (&gains, spec.layer_norm_eps as f32);
    builder.norm((x, normed), NormSource::Row, norm, width, None);
    let c_fc = scope.below("c_fc");
    let weight = c_fc.get("weight", &[hidden, width])?;
    let bias = c_fc.get("bias", &[hidden])?;
    let matrix = builder.matrix((&channels, &wide), Some(&bias), |k, n| {
        weight.get(n * width + k).copied()
    })?;
    let middle = builder.take(x.rows, fours(hidden));
    let product = Product::new(normed, middle).then(Epilogue::Activation(spec.activation));
    builder.product(product, &matrix);
    builder.release(normed);
    let c_proj = scope.below("c_proj");
    let weight = c_proj.get("weight", &[width, hidden])?;
    let bias = c_proj.get("bias", &[width])?;
    let matrix = builder.matrix((&wide, &channels), Some(&bias), |k, n| {
        weight.get(n * hidden + k).copied()
    })?;
    builder.product(Product::new(middle, x).adding(), &matrix);
    builder.release(middle);
    Ok(())
}

/// Normalises the picked rows of `x`.
pub(crate) fn picked(
    builder: &mut Builder,
    norm: &Scope,
    x: Value,
    spec: &TransformerSpec,
) -> Result<Value> {
    let width = spec.width;
    let picked = builder.take(Rows::Items(1), fours(width));
    let gains = affine(builder, norm, width)?;
    let affine = (&gains, spec.layer_norm_eps as f32);
    builder.norm((x, picked), NormSource::Picked, affine, width, None);
    builder.release(x);
    Ok(picked)
}

/// Projects features of `width` to embeddings in 32 bits, with a weight `[width, dimension]`;
/// without one, they only become 32 bits wide.
pub(crate) fn project(
    builder: &mut Builder,
    feature: Value,
    (weight, bias): (Option<&[f32]>, Option<&[f32]>),
    (width, dimension): (usize, usize),
) -> Result<Value> {
    let order = (&plain(width), &plain(dimension));
    let matrix = builder.matrix(order, bias, |k, n| match weight {
        Some(weight) => weight.get(k * dimension + n).copied(),
        None => Some(if k == n { 1.0 } else { 0.0 }),
    })?;
    let out = builder.take(Rows::Items(1), fours(dimension));
    let mut product = Product::new(feature, out);
    product.wide = true;
    builder.product(product, &matrix);
    Ok(out)
}

/// The text Transformer, from token embeddings with their positions to features.
pub(crate) fn text(
    builder: &mut Builder,
    scope: &Scope,
    text: &TextTransformerSpec,
    dimension: usize,
) -> Result<Value> {
    let spec = &text.transformer;
    let x = builder.input(Rows::Tokens, spec.width);
    let resblocks = scope.below("transformer.resblocks");
    blocks(builder, &resblocks, spec, x, text.is_causal(), None)?;
    let weight = scope.get("text_projection", &[spec.width, dimension])?;
    let bias = match text.projection_bias {
        true => Some(scope.get("text_projection_bias", &[dimension])?),
        false => None,
    };
    let feature = picked(builder, &scope.below("ln_final"), x, spec)?;
    let sides = (spec.width, dimension);
    project(builder, feature, (Some(&weight), bias.as_deref()), sides)
}
