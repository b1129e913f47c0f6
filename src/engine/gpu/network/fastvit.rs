//! FastViT: MobileCLIP's image tower, by its folded steps.

use crate::clip::folding::fastvit::{Dense, Depthwise, Step, steps};
use crate::clip::spec::FastVitSpec;
use crate::clip::spec::activation::Activation;
use crate::clip::spec::fastvit::LAYER_NORM_EPS;
use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::kernel::NormSource;
use crate::engine::gpu::kernel::epilogue::Epilogue;
use crate::engine::gpu::kernel::pack;
use crate::engine::gpu::kernel::pack::{Order, fours, lines, parts, plain};
use crate::engine::gpu::network::map::Map;
use crate::engine::gpu::network::scope::Scope;
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::operands::{Matrix, Normalise, Product, Value};
use crate::engine::gpu::program::shape::Rows;

const GELU: Epilogue = Epilogue::Activation(Activation::Gelu);

/// FastViT, from pictures of `size` pixels to features.
pub(crate) fn fastvit(
    builder: &mut Builder,
    scope: &Scope,
    (spec, size): (&FastVitSpec, usize),
    normalise: Normalise,
    dimension: usize,
) -> Result<Value> {
    let pixels = Map {
        value: builder.pixels(size),
        side: size,
        channels: 3,
    };
    let mut tower = Tower {
        builder,
        normalise,
        x: pixels,
        mlps: 0,
    };
    steps(spec, dimension, &scope.tensors(), |step| tower.take(step))?;
    Ok(tower.x.value)
}

/// The tower so far.
struct Tower<'a, 'b> {
    builder: &'a mut Builder<'b>,
    normalise: Normalise,
    x: Map,
    mlps: usize,
}

/// Uploads a layer with its inputs and outputs in these orders.
fn matrix(builder: &Builder, dense: &Dense, order: (&Order, &Order)) -> Result<Matrix> {
    builder.matrix(order, Some(&dense.bias), |k, n| {
        dense.weight.get(n * dense.input + k).copied()
    })
}

impl Tower<'_, '_> {
    fn take(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Stem(dense) => {
                let order = (&parts(9, 3), &plain(dense.output));
                let matrix = matrix(self.builder, &dense, order)?;
                let window = self.x.window(3, 2, 1);
                let out = Map::take(self.builder, window.out_height, dense.output);
                let product = Product::new(self.x.value, out.value)
                    .then(GELU)
                    .over(window, Some(self.normalise));
                self.builder.product(product, &matrix);
                self.x = out;
            }
            Step::Filter { filter, gelu } => {
                let then = if gelu { GELU } else { Epilogue::Identity };
                let out = self.filter(&filter, then)?;
                self.builder.release(self.x.value);
                self.x = out;
            }
            Step::Gate(own) => {
                let means = self.mean();
                let hidden = self.row(means, &own.reduce, (Epilogue::Relu, false))?;
                let gates = self.row(hidden, &own.expand, (Epilogue::Identity, false))?;
                let pixels = self.x.side * self.x.side;
                self.builder.gate((gates, self.x.value), pixels);
                self.builder.release(gates);
            }
            Step::Linear(dense) => {
                let order = (&plain(dense.input), &plain(dense.output));
                let matrix = matrix(self.builder, &dense, order)?;
                let out = Map::take(self.builder, self.x.side, dense.output);
                let product = Product::new(self.x.value, out.value).then(GELU);
                self.builder.product(product, &matrix);
                self.builder.release(self.x.value);
                self.x = out;
            }
            Step::Attention {
                norm,
                qkv,
                out,
                heads,
            } => self.attention(norm, (&qkv, &out), heads)?,
            Step::Mlp {
                filter,
                expand,
                reduce,
            } => {
                self.builder.mark_block(self.mlps == 0);
                self.mlps += 1;
                self.mlp(&filter, &expand, &reduce)?;
                self.builder.mark_block(false);
            }
            Step::Head(dense) => {
                let means = self.mean();
                self.x.value = self.row(means, &dense, (Epilogue::Identity, true))?;
            }
        }
        Ok(())
    }

    /// A convolution of the map; the map stays.
    fn filter(&mut self, own: &Depthwise, then: Epilogue) -> Result<Map> {
        let (input, output) = (own.input, own.output);
        if input != output && !input.is_multiple_of(4) {
            let reason = format!("{input} channels become {output}");
            return Err(GpuError::Unsupported { reason });
        }
        let weight = self.builder.weight(&lines(output, &own.weight))?;
        let bias = self.builder.numbers(&lines(output, &own.bias))?;
        let window = self.x.window(own.kernel, own.step, own.kernel / 2);
        let out = Map::take(self.builder, window.out_height, output);
        let sides = (self.x.value, out.value);
        self.builder
            .depthwise(sides, window, (&weight, &bias), then);
        Ok(out)
    }

    /// The mean of each picture's map.
    fn mean(&mut self) -> Value {
        let mean = self.builder.take(Rows::Items(1), fours(self.x.channels));
        let pixels = self.x.side * self.x.side;
        self.builder.mean((self.x.value, mean), pixels, None);
        mean
    }

    /// A layer of one row for each picture, which replaces `row`; `wide` writes 32 bits.
    fn row(&mut self, row: Value, dense: &Dense, (then, wide): (Epilogue, bool)) -> Result<Value> {
        let order = (&plain(dense.input), &plain(dense.output));
        let matrix = matrix(self.builder, dense, order)?;
        let out = self.builder.take(Rows::Items(1), fours(dense.output));
        let mut product = Product::new(row, out).then(then);
        product.wide = wide;
        self.builder.product(product, &matrix);
        self.builder.release(row);
        Ok(out)
    }

    fn mlp(&mut self, filter: &Depthwise, expand: &Dense, reduce: &Dense) -> Result<()> {
        let mixed = self.filter(filter, Epilogue::Identity)?;
        let builder = &mut *self.builder;
        let (channels, wide) = (plain(reduce.output), plain(expand.output));
        let first = matrix(builder, expand, (&channels, &wide))?;
        let hidden = Map::take(builder, mixed.side, expand.output);
        let product = Product::new(mixed.value, hidden.value).then(GELU);
        builder.product(product, &first);
        builder.release(mixed.value);
        let second = matrix(builder, reduce, (&wide, &channels))?;
        builder.product(Product::new(hidden.value, self.x.value).adding(), &second);
        builder.release(hidden.value);
        Ok(())
    }

    fn attention(
        &mut self,
        norm: Option<(Vec<f32>, Vec<f32>)>,
        (qkv, out): (&Dense, &Dense),
        heads: usize,
    ) -> Result<()> {
        let builder = &mut *self.builder;
        let (x, width) = (self.x.value, out.output);
        let depth = width / heads.max(1);
        let inner4 = heads * fours(depth);
        let (channels, inner) = (plain(width), parts(heads, depth));
        let normed = match norm {
            Some((gain, bias)) => {
                let mut affine = pack::vector(&channels, &gain);
                affine.extend(pack::vector(&channels, &bias));
                let affine = builder.numbers(&affine)?;
                let normed = builder.take(x.rows, x.width4);
                let norm = (&affine, LAYER_NORM_EPS as f32);
                builder.norm((x, normed), NormSource::Row, norm, width, None);
                Some(normed)
            }
            None => None,
        };
        let first = matrix(builder, qkv, (&channels, &parts(3 * heads, depth)))?;
        let rows = builder.take(x.rows, 3 * inner4);
        builder.product(Product::new(normed.unwrap_or(x), rows), &first);
        if let Some(normed) = normed {
            builder.release(normed);
        }
        let answers = builder.take(x.rows, inner4);
        let tokens = self.x.side * self.x.side;
        builder.attention_of((rows, answers), (heads, depth), tokens)?;
        builder.release(rows);
        let second = matrix(builder, out, (&inner, &channels))?;
        builder.product(Product::new(answers, x).adding(), &second);
        builder.release(answers);
        Ok(())
    }
}
