//! The convolutional image encoders: CLIP's ModifiedResNet and EfficientNet-Lite.

use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::kernel::activation::Activation;
use crate::engine::gpu::kernel::pack::{fours, lines, parts, plain};
use crate::engine::gpu::plan::{LiteBlock, Scope};
use crate::engine::gpu::program::Rows;
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::operands::{Matrix, Normalise, Product, Value, Window};

/// What torch's BatchNorm2d adds to the variance.
const BATCH_NORM_EPSILON: f64 = 1e-5;

/// How many channels a ResNet's block puts out for each that it computes with.
const EXPANSION: usize = 4;

/// A feature map, channels last.
#[derive(Clone, Copy)]
struct Map {
    value: Value,
    side: usize,
    channels: usize,
}

impl Map {
    fn take(builder: &mut Builder, side: usize, channels: usize) -> Self {
        let value = builder.take(Rows::Items(side * side), fours(channels));
        Self {
            value,
            side,
            channels,
        }
    }

    /// The window of a kernel that goes over this map; `before` pixels of padding come first.
    fn window(&self, kernel: usize, step: usize, before: usize) -> Window {
        let out = self.side.div_ceil(step);
        Window {
            height: self.side,
            width: self.side,
            out_height: out,
            out_width: out,
            channels4: self.value.width4,
            kernel,
            step,
            top: before,
            left: before,
        }
    }
}

/// A convolution with the batch norm after it folded in, in f64.
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
    let product = Product::new(x.value, out.value).then(Activation::Relu);
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
    (layers, width, grid, heads): ([usize; 4], usize, usize, usize),
    normalise: Normalise,
    dimension: usize,
) -> Result<Value> {
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
        .then(Activation::Relu)
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
    for (stage, count) in layers.into_iter().enumerate() {
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
    // The last convolution adds itself to the shortcut, in place.
    let matrix = folded(builder, scope, ("conv3", "bn3"), (planes, output, 1))?;
    let product = Product::new(middle.value, shortcut.value)
        .adding()
        .then(Activation::Relu);
    builder.product(product, &matrix);
    builder.release(middle.value);
    Ok(shortcut)
}

/// One attention step whose query is the mean of the picture. Only the mean's own query is
/// computed, into its place among the keys and values.
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

/// A pointwise convolution, whose weights lie `[input, output]`.
fn pointwise(builder: &Builder, scope: &Scope, k: usize, n: usize) -> Result<Matrix> {
    let weight = scope.get("weight", &[k, n])?;
    let bias = scope.get("bias", &[n])?;
    builder.matrix((&plain(k), &plain(n)), Some(&bias), |row, column| {
        weight.get(row * n + column).copied()
    })
}

/// How much padding TensorFlow's "same" puts before the first sample.
fn same_padding(side: usize, kernel: usize, step: usize) -> usize {
    let out = side.div_ceil(step);
    (out.saturating_sub(1) * step + kernel).saturating_sub(side) / 2
}

/// EfficientNet-Lite with its projection, from pixels to features.
pub(crate) fn lite(
    builder: &mut Builder,
    scope: &Scope,
    size: usize,
    (stem, blocks, features): (usize, &[LiteBlock], usize),
    normalise: Normalise,
    dimension: usize,
) -> Result<Value> {
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
        .then(Activation::Relu6)
        .over(window, Some(normalise));
    builder.product(product, &matrix);
    for (i, block) in blocks.iter().enumerate() {
        builder.mark_block(i == 1);
        x = lite_block(builder, &scope.below("blocks").below(i), x, block)?;
    }
    builder.mark_block(false);
    let matrix = pointwise(builder, &scope.below("head"), x.channels, features)?;
    let map = Map::take(builder, x.side, features);
    let product = Product::new(x.value, map.value).then(Activation::Relu6);
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
fn lite_block(builder: &mut Builder, scope: &Scope, x: Map, block: &LiteBlock) -> Result<Map> {
    if x.channels != block.input {
        let reason = format!("{} channels where {} come in", block.input, x.channels);
        return Err(GpuError::Unsupported { reason });
    }
    let expanded = if block.expanded == block.input {
        x
    } else {
        let matrix = pointwise(builder, &scope.below("expand"), block.input, block.expanded)?;
        let out = Map::take(builder, x.side, block.expanded);
        let product = Product::new(x.value, out.value).then(Activation::Relu6);
        builder.product(product, &matrix);
        out
    };
    let depthwise = scope.below("depthwise");
    let taps = block.kernel * block.kernel;
    let weight = depthwise.get("weight", &[taps, block.expanded])?;
    let weight = builder.weight(&lines(block.expanded, &weight))?;
    let bias = depthwise.get("bias", &[block.expanded])?;
    let bias = builder.numbers(&lines(block.expanded, &bias))?;
    let before = same_padding(x.side, block.kernel, block.step);
    let window = expanded.window(block.kernel, block.step, before);
    let middle = Map::take(builder, window.out_height, block.expanded);
    builder.depthwise((expanded.value, middle.value), window, &weight, &bias);
    let residual = block.step == 1 && block.input == block.output;
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
