//! EfficientNet-Lite with mean and projection: the starter's image tower.

use crate::clip::spec::efficientnet::{
    EfficientNetLiteBlock, EfficientNetLiteSpec, FEATURES, STEM_CHANNELS,
};
use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::kernel::epilogue::Epilogue;
use crate::engine::gpu::kernel::pack::{fours, lines, parts, plain};
use crate::engine::gpu::network::map::Map;
use crate::engine::gpu::network::scope::Scope;
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::operands::{Matrix, Normalise, Product, Value};
use crate::engine::gpu::program::shape::Rows;

/// A pointwise convolution, with weights stored `[input, output]`.
fn pointwise(builder: &Builder, scope: &Scope, k: usize, n: usize) -> Result<Matrix> {
    let weight = scope.get("weight", &[k, n])?;
    let bias = scope.get("bias", &[n])?;
    builder.matrix((&plain(k), &plain(n)), Some(&bias), |row, column| {
        weight.get(row * n + column).copied()
    })
}

/// TensorFlow's "same" padding before the first sample.
fn same_padding(side: usize, kernel: usize, step: usize) -> usize {
    let out = side.div_ceil(step);
    (out.saturating_sub(1) * step + kernel).saturating_sub(side) / 2
}

/// EfficientNet-Lite with its projection, from pixels to features.
pub(crate) fn efficientnet_lite(
    builder: &mut Builder,
    scope: &Scope,
    size: usize,
    spec: &EfficientNetLiteSpec,
    normalise: Normalise,
    dimension: usize,
) -> Result<Value> {
    let (stem, features) = (STEM_CHANNELS, FEATURES);
    let pixels = Map {
        value: builder.pixels(size),
        side: size,
        channels: 3,
    };
    let stem_scope = scope.below("stem");
    let weight = stem_scope.get("weight", &[27, stem])?;
    let bias = stem_scope.get("bias", &[stem])?;
    let order = (&parts(9, 3), &plain(stem));
    let matrix = builder.matrix(order, Some(&bias), |k, n| weight.get(k * stem + n).copied())?;
    let mut x = Map::take(builder, size.div_ceil(2), stem);
    let window = pixels.window(3, 2, same_padding(size, 3, 2));
    let product = Product::new(pixels.value, x.value)
        .then(Epilogue::Relu6)
        .over(window, Some(normalise));
    builder.product(product, &matrix);
    for (i, block) in spec.blocks().iter().enumerate() {
        builder.mark_block(i == 1);
        x = inverted_residual(builder, &scope.below("blocks").below(i), x, block)?;
    }
    builder.mark_block(false);
    let matrix = pointwise(builder, &scope.below("head"), x.channels, features)?;
    let map = Map::take(builder, x.side, features);
    let product = Product::new(x.value, map.value).then(Epilogue::Relu6);
    builder.product(product, &matrix);
    builder.release(x.value);
    let mean = builder.take(Rows::Items(1), fours(features));
    builder.mean((map.value, mean), map.side * map.side, None);
    builder.release(map.value);
    let matrix = pointwise(builder, &scope.below("proj"), features, dimension)?;
    let out = builder.take(Rows::Items(1), fours(dimension));
    let mut product = Product::new(mean, out);
    product.wide = true;
    builder.product(product, &matrix);
    Ok(out)
}

/// Inverted residual: expand, depthwise, project.
fn inverted_residual(
    builder: &mut Builder,
    scope: &Scope,
    x: Map,
    block: &EfficientNetLiteBlock,
) -> Result<Map> {
    if x.channels != block.input {
        let reason = format!("{} channels where {} come in", block.input, x.channels);
        return Err(GpuError::Unsupported { reason });
    }
    let expanded = if block.expanded == block.input {
        x
    } else {
        let matrix = pointwise(builder, &scope.below("expand"), block.input, block.expanded)?;
        let out = Map::take(builder, x.side, block.expanded);
        let product = Product::new(x.value, out.value).then(Epilogue::Relu6);
        builder.product(product, &matrix);
        out
    };
    let depthwise = scope.below("depthwise");
    let taps = block.kernel * block.kernel;
    let weight = depthwise.get("weight", &[taps, block.expanded])?;
    let weight = builder.weight(&lines(block.expanded, &weight))?;
    let bias = depthwise.get("bias", &[block.expanded])?;
    let bias = builder.numbers(&lines(block.expanded, &bias))?;
    let before = same_padding(x.side, block.kernel, block.stride);
    let window = expanded.window(block.kernel, block.stride, before);
    let middle = Map::take(builder, window.out_height, block.expanded);
    let sides = (expanded.value, middle.value);
    builder.depthwise(sides, window, (&weight, &bias), Epilogue::Relu6);
    let residual = block.stride == 1 && block.input == block.output;
    if block.expanded != block.input {
        builder.release(expanded.value);
    }
    let matrix = pointwise(
        builder,
        &scope.below("project"),
        block.expanded,
        block.output,
    )?;
    let out = if residual {
        builder.product(Product::new(middle.value, x.value).adding(), &matrix);
        x
    } else {
        let out = Map::take(builder, middle.side, block.output);
        builder.product(Product::new(middle.value, out.value), &matrix);
        builder.release(x.value);
        out
    };
    builder.release(middle.value);
    Ok(out)
}
