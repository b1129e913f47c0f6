//! The bag of words: projects the mean of the tokens, which the host computes.

use crate::clip::spec::CbowSpec;
use crate::engine::gpu::error::Result;
use crate::engine::gpu::kernel::pack::{fours, plain};
use crate::engine::gpu::network::scope::Scope;
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::operands::{Product, Value};
use crate::engine::gpu::program::shape::Rows;

/// Converts means of token embeddings to features.
pub(crate) fn cbow(
    builder: &mut Builder,
    scope: &Scope,
    spec: &CbowSpec,
    dimension: usize,
) -> Result<Value> {
    let width = spec.width;
    let projection = scope.get("projection.weight", &[dimension, width])?;
    let bias = spec
        .bias
        .then(|| scope.get("projection.bias", &[dimension]))
        .transpose()?;
    let order = (&plain(width), &plain(dimension));
    let matrix = builder.matrix(order, bias.as_deref(), |k, n| {
        projection.get(n * width + k).copied()
    })?;
    let means = builder.input(Rows::Items(1), width);
    let out = builder.take(Rows::Items(1), fours(dimension));
    let mut product = Product::new(means, out);
    product.wide = true;
    builder.product(product, &matrix);
    Ok(out)
}
