//! Both Transformers: their shared block, the Vision Transformer and the text Transformer.

use crate::clip::spec::{TransformerSpec, VitSpec};
use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::kernel::NormSource;
use crate::engine::gpu::kernel::epilogue::Epilogue;
use crate::engine::gpu::kernel::pack;
use crate::engine::gpu::kernel::pack::{fours, lines, parts, plain};
use crate::engine::gpu::network::scope::Scope;
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::operands::{Normalise, Product, Value, Window};
use crate::engine::gpu::program::shape::Rows;

/// Gain and bias of a layer norm, as its kernel reads them.
fn affine(builder: &Builder, scope: &Scope, width: usize) -> Result<wgpu::Buffer> {
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
) -> Result<()> {
    let (width, heads, hidden) = (spec.width, spec.heads, spec.mlp_width);
    let epsilon = spec.layer_norm_eps as f32;
    if heads == 0 || !width.is_multiple_of(heads) {
        let reason = format!("width {width} does not divide into {heads} heads");
        return Err(GpuError::Unsupported { reason });
    }
    let depth = width / heads;
    let inner4 = heads * fours(depth);
    let (channels, inner) = (plain(width), parts(heads, depth));
    let (three, wide) = (parts(3 * heads, depth), plain(hidden));
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

        let normed = builder.take(x.rows, fours(width));
        let gains = affine(builder, &scope.below("ln_2"), width)?;
        let norm = (&gains, epsilon);
        builder.norm((x, normed), NormSource::Row, norm, width, None);
        let c_fc = mlp.below("c_fc");
        let weight = c_fc.get("weight", &[hidden, width])?;
        let bias = c_fc.get("bias", &[hidden])?;
        let matrix = builder.matrix((&channels, &wide), Some(&bias), |k, n| {
            weight.get(n * width + k).copied()
        })?;
        let middle = builder.take(x.rows, fours(hidden));
        let product = Product::new(normed, middle).then(Epilogue::Activation(spec.activation));
        builder.product(product, &matrix);
        builder.release(normed);
        let c_proj = mlp.below("c_proj");
        let weight = c_proj.get("weight", &[width, hidden])?;
        let bias = c_proj.get("bias", &[width])?;
        let matrix = builder.matrix((&wide, &channels), Some(&bias), |k, n| {
            weight.get(n * hidden + k).copied()
        })?;
        builder.product(Product::new(middle, x).adding(), &matrix);
        builder.release(middle);
    }
    builder.mark_block(false);
    Ok(())
}

/// Normalises the picked rows of `x` and projects them with `weight` `[width, dimension]`.
pub(crate) fn head(
    builder: &mut Builder,
    norm: &Scope,
    weight: &[f32],
    x: Value,
    spec: &TransformerSpec,
    dimension: usize,
) -> Result<Value> {
    let width = spec.width;
    let picked = builder.take(Rows::Items(1), fours(width));
    let gains = affine(builder, norm, width)?;
    let affine = (&gains, spec.layer_norm_eps as f32);
    builder.norm((x, picked), NormSource::Picked, affine, width, None);
    builder.release(x);
    let order = (&plain(width), &plain(dimension));
    let matrix = builder.matrix(order, None, |k, n| weight.get(k * dimension + n).copied())?;
    let out = builder.take(Rows::Items(1), fours(dimension));
    let mut product = Product::new(picked, out);
    product.wide = true;
    builder.product(product, &matrix);
    Ok(out)
}

/// The Vision Transformer, from pixels to features.
pub(crate) fn vit(
    builder: &mut Builder,
    scope: &Scope,
    vit: &VitSpec,
    normalise: Normalise,
    dimension: usize,
) -> Result<Value> {
    let (patch, grid, spec) = (vit.patch_size, vit.grid, &vit.transformer);
    let (width, taps) = (spec.width, patch * patch);
    let (patches, tokens) = (grid * grid, grid * grid + 1);
    let pixels = builder.pixels(patch * grid);
    let weight = scope.get("conv1.weight", &[width, 3, patch, patch])?;
    // The kernel reads pixels with their channels innermost; torch has the channels outside.
    let order = (&parts(taps, 3), &plain(width));
    let matrix = builder.matrix(order, None, |k, n| {
        weight.get((n * 3 + k % 3) * taps + k / 3).copied()
    })?;
    let projected = builder.take(Rows::Items(patches), fours(width));
    let window = Window {
        height: patch * grid,
        width: patch * grid,
        out_height: grid,
        out_width: grid,
        channels4: 1,
        kernel: patch,
        step: patch,
        top: 0,
        left: 0,
    };
    let product = Product::new(pixels, projected).over(window, Some(normalise));
    builder.product(product, &matrix);

    let mut positions = scope.get("positional_embedding", &[tokens, width])?;
    let class = scope.get("class_embedding", &[width])?;
    for (position, class) in positions.iter_mut().zip(&class) {
        *position += class;
    }
    let positions = builder.numbers(&lines(width, &positions))?;
    let x = builder.take(Rows::Items(tokens), fours(width));
    let gains = affine(builder, &scope.below("ln_pre"), width)?;
    builder.norm(
        (projected, x),
        NormSource::Tokens,
        (&gains, spec.layer_norm_eps as f32),
        width,
        Some((&positions, tokens)),
    );
    builder.release(projected);
    blocks(
        builder,
        &scope.below("transformer.resblocks"),
        spec,
        x,
        false,
    )?;
    let weight = scope.get("proj", &[width, dimension])?;
    head(
        builder,
        &scope.below("ln_post"),
        &weight,
        x,
        spec,
        dimension,
    )
}

/// The text Transformer, from token embeddings with their positions to features.
pub(crate) fn text(
    builder: &mut Builder,
    scope: &Scope,
    spec: &TransformerSpec,
    dimension: usize,
) -> Result<Value> {
    let x = builder.input(Rows::Tokens, spec.width);
    blocks(
        builder,
        &scope.below("transformer.resblocks"),
        spec,
        x,
        true,
    )?;
    let weight = scope.get("text_projection", &[spec.width, dimension])?;
    head(
        builder,
        &scope.below("ln_final"),
        &weight,
        x,
        spec,
        dimension,
    )
}
