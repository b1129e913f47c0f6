//! ModifiedResNet: CLIP's residual networks with their attention pool.

use crate::clip::spec::ResNetSpec;
use crate::clip::tower::resnet::EXPANSION;
use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::kernel::epilogue::Epilogue;
use crate::engine::gpu::kernel::pack::{fours, lines, parts, plain};
use crate::engine::gpu::network::map::Map;
use crate::engine::gpu::network::scope::Scope;
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::operands::{Matrix, Normalise, Product, Value};
use crate::engine::gpu::program::shape::Rows;

/// The epsilon of torch's BatchNorm2d.
const BATCH_NORM_EPSILON: f64 = 1e-5;

/// A convolution with its batch norm folded in, in f64.
fn folded(
    builder: &Builder,
    scope: &Scope,
    (conv, norm): (&str, &str),
    (input, output, kernel): (usize, usize, usize),
) -> Result<Matrix> {
    let taps = kernel * kernel;
    let weight = scope
        .below(conv)
        .get("weight", &[output, input, kernel, kernel])?;
    let norm = scope.below(norm);
    let get = |name| norm.get(name, &[output]);
    let (gain, shift) = (get("weight")?, get("bias")?);
    let (mean, variance) = (get("running_mean")?, get("running_var")?);
    let scale: Vec<f64> = gain
        .iter()
        .zip(&variance)
        .map(|(g, v)| f64::from(*g) / (f64::from(*v) + BATCH_NORM_EPSILON).sqrt())
        .collect();
    let bias: Vec<f32> = shift
        .iter()
        .zip(&mean)
        .zip(&scale)
        .map(|((b, m), s)| (f64::from(*b) - f64::from(*m) * s) as f32)
        .collect();
    let order = (&parts(taps, input), &plain(output));
    builder.matrix(order, Some(&bias), |k, n| {
        let (tap, channel) = (k / input, k % input);
        let w = weight.get((n * input + channel) * taps + tap)?;
        Some((f64::from(*w) * scale.get(n)?) as f32)
    })
}

/// A 1×1 or 3×3 convolution of a ResNet.
fn conv(builder: &mut Builder, x: Map, matrix: &Matrix, kernel: usize, output: usize) -> Map {
    let out = Map::take(builder, x.side, output);
    let product = Product::new(x.value, out.value).then(Epilogue::Relu);
    let product = match kernel {
        1 => product,
        _ => product.over(x.window(kernel, 1, kernel / 2), None),
    };
    builder.product(product, matrix);
    out
}

fn pool(builder: &mut Builder, x: Map) -> Map {
    let out = Map::take(builder, x.side / 2, x.channels);
    let mut window = x.window(2, 2, 0);
    (window.out_height, window.out_width) = (out.side, out.side);
    builder.pool((x.value, out.value), window);
    builder.release(x.value);
    out
}

/// CLIP's residual network, from pixels to features.
pub(crate) fn resnet(
    builder: &mut Builder,
    scope: &Scope,
    spec: &ResNetSpec,
    normalise: Normalise,
    dimension: usize,
) -> Result<Value> {
    let (width, grid, heads) = (spec.width, spec.grid, spec.heads);
    let half = width / 2;
    let size = grid * 32;
    let pixels = Map {
        value: builder.pixels(size),
        side: size,
        channels: 3,
    };
    let matrix = folded(builder, scope, ("conv1", "bn1"), (3, half, 3))?;
    let mut x = Map::take(builder, size.div_ceil(2), half);
    let product = Product::new(pixels.value, x.value)
        .then(Epilogue::Relu)
        .over(pixels.window(3, 2, 1), Some(normalise));
    builder.product(product, &matrix);
    for (names, output) in [(("conv2", "bn2"), half), (("conv3", "bn3"), width)] {
        let matrix = folded(builder, scope, names, (half, output, 3))?;
        let next = conv(builder, x, &matrix, 3, output);
        builder.release(x.value);
        x = next;
    }
    x = pool(builder, x);
    let mut planes = width;
    for (stage, count) in spec.layers.into_iter().enumerate() {
        let scope = scope.below(format!("layer{}", stage + 1));
        for block in 0..count {
            builder.mark_block(stage == 0 && block == 0);
            let halves = stage > 0 && block == 0;
            x = bottleneck(builder, &scope.below(block), x, planes, halves)?;
        }
        planes *= 2;
    }
    builder.mark_block(false);
    attention_pool(builder, &scope.below("attnpool"), x, heads, dimension)
}

/// The residual block: 1×1, 3×3, 1×1, at most seven kernels.
fn bottleneck(
    builder: &mut Builder,
    scope: &Scope,
    x: Map,
    planes: usize,
    halves: bool,
) -> Result<Map> {
    let output = planes * EXPANSION;
    let matrix = folded(builder, scope, ("conv1", "bn1"), (x.channels, planes, 1))?;
    let first = conv(builder, x, &matrix, 1, planes);
    let matrix = folded(builder, scope, ("conv2", "bn2"), (planes, planes, 3))?;
    let mut middle = conv(builder, first, &matrix, 3, planes);
    builder.release(first.value);
    let mut shortcut = x;
    if halves {
        middle = pool(builder, middle);
        shortcut = pool(builder, shortcut);
    }
    if halves || x.channels != output {
        let scope = scope.below("downsample");
        let matrix = folded(builder, &scope, ("0", "1"), (x.channels, output, 1))?;
        let projected = Map::take(builder, shortcut.side, output);
        builder.product(Product::new(shortcut.value, projected.value), &matrix);
        builder.release(shortcut.value);
        shortcut = projected;
    }
    // The last convolution adds to the shortcut in place.
    let matrix = folded(builder, scope, ("conv3", "bn3"), (planes, output, 1))?;
    let product = Product::new(middle.value, shortcut.value)
        .adding()
        .then(Epilogue::Relu);
    builder.product(product, &matrix);
    builder.release(middle.value);
    Ok(shortcut)
}

/// One attention step with the mean of the picture as query. Only the mean's query is computed,
/// into its place among the keys and values.
fn attention_pool(
    builder: &mut Builder,
    scope: &Scope,
    x: Map,
    heads: usize,
    dimension: usize,
) -> Result<Value> {
    let width = x.channels;
    if heads == 0 || !width.is_multiple_of(heads) {
        let reason = format!("width {width} does not divide into {heads} heads");
        return Err(GpuError::Unsupported { reason });
    }
    let depth = width / heads;
    let inner4 = heads * fours(depth);
    let pixels = x.side * x.side;
    let tokens = pixels + 1;
    let positions = scope.get("positional_embedding", &[tokens, width])?;
    let positions = builder.numbers(&lines(width, &positions))?;
    let t = builder.take(Rows::Items(tokens), fours(width));
    builder.mean((x.value, t), pixels, Some(&positions));
    builder.release(x.value);

    let linear = |name: &str| -> Result<(Vec<f32>, Vec<f32>)> {
        let scope = scope.below(name);
        Ok((
            scope.get("weight", &[width, width])?,
            scope.get("bias", &[width])?,
        ))
    };
    let (channels, inner) = (plain(width), parts(heads, depth));
    let qkv = builder.take(Rows::Items(tokens), 3 * inner4);
    let (weight, bias) = linear("q_proj")?;
    let matrix = builder.matrix((&channels, &inner), Some(&bias), |k, n| {
        weight.get(n * width + k).copied()
    })?;
    let mut product = Product::new(t, qkv);
    product.rows = Rows::Items(1);
    product.left_stride = Some(tokens * t.width4);
    product.out_place = Some((tokens * 3 * inner4, 0));
    builder.product(product, &matrix);
    let ((mut weight, mut bias), (values, value_bias)) = (linear("k_proj")?, linear("v_proj")?);
    weight.extend(values);
    bias.extend(value_bias);
    let order = (&channels, &parts(2 * heads, depth));
    let matrix = builder.matrix(order, Some(&bias), |k, n| {
        weight.get(n * width + k).copied()
    })?;
    let mut product = Product::new(t, qkv);
    product.out_place = Some((3 * inner4, inner4));
    builder.product(product, &matrix);
    builder.release(t);

    let answers = builder.take(Rows::Items(tokens), inner4);
    builder.attention((qkv, answers), (heads, depth), false, Some(1))?;
    builder.release(qkv);
    let c_proj = scope.below("c_proj");
    let weight = c_proj.get("weight", &[dimension, width])?;
    let bias = c_proj.get("bias", &[dimension])?;
    let matrix = builder.matrix((&inner, &plain(dimension)), Some(&bias), |k, n| {
        weight.get(n * width + k).copied()
    })?;
    let out = builder.take(Rows::Items(1), fours(dimension));
    let mut product = Product::new(answers, out);
    product.rows = Rows::Items(1);
    product.left_stride = Some(tokens * inner4);
    product.wide = true;
    builder.product(product, &matrix);
    Ok(out)
}
