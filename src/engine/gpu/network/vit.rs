//! The Vision Transformer.

use crate::clip::folding::patches::patch_layers;
use crate::clip::spec::activation::Activation;
use crate::clip::spec::{Pooling, Projection, TransformerSpec, VitSpec};
use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::kernel::NormSource;
use crate::engine::gpu::kernel::epilogue::Epilogue;
use crate::engine::gpu::kernel::pack::{fours, lines, parts, plain};
use crate::engine::gpu::network::map::Map;
use crate::engine::gpu::network::scope::Scope;
use crate::engine::gpu::network::transformer::{affine, blocks, mlp, picked, project};
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::operands::{Normalise, Product, Value};
use crate::engine::gpu::program::shape::Rows;

/// The Vision Transformer, from pictures of `size` pixels to features.
pub(crate) fn vit(
    builder: &mut Builder,
    scope: &Scope,
    (vit, size): (&VitSpec, usize),
    normalise: Normalise,
    dimension: usize,
) -> Result<Value> {
    let spec = &vit.transformer;
    let projected = patches(builder, scope, (vit, size), normalise)?;
    let x = tokens(builder, scope, vit, projected)?;
    let resblocks = scope.below("transformer.resblocks");
    let rotation = vit.rotation();
    blocks(builder, &resblocks, spec, x, false, rotation.as_ref())?;
    let norm = scope.below("ln_post");
    let feature = match &vit.pooling {
        Pooling::Class => picked(builder, &norm, x, spec)?,
        Pooling::Map { heads, mlp_width } => {
            let normed = builder.take(x.rows, fours(spec.width));
            let gains = affine(builder, &norm, spec.width)?;
            let norm = (&gains, spec.layer_norm_eps as f32);
            builder.norm((x, normed), NormSource::Row, norm, spec.width, None);
            builder.release(x);
            let form = TransformerSpec {
                heads: *heads,
                mlp_width: *mlp_width,
                ..spec.clone()
            };
            pool(builder, &scope.below("pool"), &form, normed, vit.tokens())?
        }
    };
    let weight = match vit.projection {
        Projection::Plain | Projection::Biased => {
            Some(scope.get("proj", &[spec.width, dimension])?)
        }
        Projection::None => None,
    };
    let bias = match vit.projection {
        Projection::Biased => Some(scope.get("proj_bias", &[dimension])?),
        Projection::Plain | Projection::None => None,
    };
    let sides = (spec.width, dimension);
    project(
        builder,
        feature,
        (weight.as_deref(), bias.as_deref()),
        sides,
    )
}

/// Projects the patches.
fn patches(
    builder: &mut Builder,
    scope: &Scope,
    (vit, size): (&VitSpec, usize),
    normalise: Normalise,
) -> Result<Value> {
    if !vit.stem.is_empty() {
        return stem(builder, scope, (vit, size), normalise);
    }
    let (patch, grid, width) = (vit.patch_size, vit.grid, vit.transformer.width);
    let taps = patch * patch;
    let pixels = builder.pixels(size);
    let rows = builder.take(Rows::Items(vit.patches()), fours(3 * taps));
    builder.patches((pixels, rows), (size, patch, grid), normalise);
    let weight = scope.get("conv1.weight", &[width, 3, patch, patch])?;
    let bias = match vit.patch_bias {
        true => Some(scope.get("conv1.bias", &[width])?),
        false => None,
    };
    // The rows have their channels innermost; torch has the channels outside.
    let order = (&plain(3 * taps), &plain(width));
    let matrix = builder.matrix(order, bias.as_deref(), |k, n| {
        weight.get((n * 3 + k % 3) * taps + k / 3).copied()
    })?;
    let projected = builder.take(Rows::Items(vit.patches()), fours(width));
    builder.product(Product::new(rows, projected), &matrix);
    builder.release(rows);
    Ok(projected)
}

/// Makes patches by several convolutions, each with a step of its own size.
fn stem(
    builder: &mut Builder,
    scope: &Scope,
    (vit, size): (&VitSpec, usize),
    normalise: Normalise,
) -> Result<Value> {
    let layers = patch_layers(&vit.stem, vit.transformer.width, &scope.tensors())?;
    let mut x = Map {
        value: builder.pixels(size),
        side: size,
        channels: 3,
    };
    for (i, (dense, kernel)) in layers.iter().zip(&vit.stem).enumerate() {
        let order = (&parts(kernel * kernel, x.channels), &plain(dense.output));
        let matrix = builder.matrix(order, Some(&dense.bias), |k, n| {
            dense.weight.get(n * dense.input + k).copied()
        })?;
        let mut window = x.window(*kernel, *kernel, 0);
        // What is left of a picture at the right and below is not seen.
        let side = vit.stem.iter().skip(i + 1).product::<usize>() * vit.grid;
        (window.out_height, window.out_width) = (side, side);
        let out = Map::take(builder, side, dense.output);
        let then = match i + 1 < layers.len() {
            true => Epilogue::Activation(Activation::Gelu),
            false => Epilogue::Identity,
        };
        let product = Product::new(x.value, out.value).then(then);
        let product = product.over(window, (i == 0).then_some(normalise));
        builder.product(product, &matrix);
        if i > 0 {
            builder.release(x.value);
        }
        x = out;
    }
    Ok(x.value)
}

/// Puts the class token, if there is one, before the patches, adds the positions and applies the
/// first layer norm, if there is one.
fn tokens(builder: &mut Builder, scope: &Scope, vit: &VitSpec, patches: Value) -> Result<Value> {
    let (width, tokens) = (vit.transformer.width, vit.tokens());
    let own = scope.get("positional_embedding", &[vit.positions(), width])?;
    let mut positions = vec![0.0; (tokens - vit.positions()) * width];
    positions.extend(own);
    if vit.class_token {
        let class = scope.get("class_embedding", &[width])?;
        for (position, class) in positions.iter_mut().zip(&class) {
            *position += class;
        }
    }
    let positions = builder.numbers(&lines(width, &positions))?;
    let x = builder.take(Rows::Items(tokens), fours(width));
    let epsilon = vit.transformer.layer_norm_eps as f32;
    if !vit.pre_norm {
        builder.positions((patches, x), &positions, (tokens, vit.class_token));
        builder.release(patches);
        return Ok(x);
    }
    let gains = affine(builder, &scope.below("ln_pre"), width)?;
    let norm = (&gains, epsilon);
    if vit.class_token {
        let positions = Some((&positions, tokens));
        builder.norm((patches, x), NormSource::Tokens, norm, width, positions);
        builder.release(patches);
        return Ok(x);
    }
    builder.positions((patches, x), &positions, (tokens, false));
    builder.norm((x, patches), NormSource::Row, norm, width, None);
    builder.release(x);
    Ok(patches)
}

/// Multihead attention pooling of `x`, `tokens` rows a picture. The query is the same for every
/// picture, so it is the bias of a projection without weights.
fn pool(
    builder: &mut Builder,
    scope: &Scope,
    spec: &TransformerSpec,
    x: Value,
    tokens: usize,
) -> Result<Value> {
    let (width, heads) = (spec.width, spec.heads);
    if heads == 0 || !width.is_multiple_of(heads) {
        let reason = format!("width {width} does not divide into {heads} heads");
        return Err(GpuError::Unsupported { reason });
    }
    let depth = width / heads;
    let inner4 = heads * fours(depth);
    let (channels, inner) = (plain(width), parts(heads, depth));
    let attn = scope.below("attn");
    let weight = attn.get("in_proj_weight", &[3 * width, width])?;
    let mut bias = attn.get("in_proj_bias", &[3 * width])?;
    let probe = scope.get("probe", &[1, 1, width])?;
    for (bias, row) in bias.iter_mut().take(width).zip(weight.chunks_exact(width)) {
        *bias += row.iter().zip(&probe).map(|(w, p)| w * p).sum::<f32>();
    }
    let order = (&channels, &parts(3 * heads, depth));
    let matrix = builder.matrix(order, Some(&bias), |k, n| match n < width {
        true => None,
        false => weight.get(n * width + k).copied(),
    })?;
    let qkv = builder.take(x.rows, 3 * inner4);
    builder.product(Product::new(x, qkv), &matrix);
    builder.release(x);
    let answers = builder.take(Rows::Items(tokens), inner4);
    builder.attention((qkv, answers), (heads, depth), false, Some(1))?;
    builder.release(qkv);
    let out_proj = attn.below("out_proj");
    let weight = out_proj.get("weight", &[width, width])?;
    let bias = out_proj.get("bias", &[width])?;
    let matrix = builder.matrix((&inner, &channels), Some(&bias), |k, n| {
        weight.get(n * width + k).copied()
    })?;
    let pooled = builder.take(Rows::Items(1), fours(width));
    let mut product = Product::new(answers, pooled);
    product.rows = Rows::Items(1);
    product.left_stride = Some(tokens * inner4);
    builder.product(product, &matrix);
    builder.release(answers);
    mlp(
        builder,
        (&scope.below("ln"), &scope.below("mlp")),
        spec,
        pooled,
    )?;
    Ok(pooled)
}
