//! A model's towers as lists of kernels.

pub(crate) mod cbow;
pub(crate) mod efficientnet;
pub(crate) mod fastvit;
pub(crate) mod map;
pub(crate) mod resnet;
pub(crate) mod scope;
pub(crate) mod transformer;
pub(crate) mod vit;

use crate::clip::Model;
use crate::clip::spec::{ImageSpec, TextSpec};
use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::network::scope::Scope;
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::operands::{Normalise, Value};

/// The image tower, from pixels to features.
pub(crate) fn image(builder: &mut Builder, model: &Model) -> Result<Value> {
    let spec = &model.spec;
    let (dimension, size) = (spec.embed_dim, spec.preprocessing.size as usize);
    let scope = Scope::new(model).below("visual");
    let normalise = Normalise {
        mean: spec.preprocessing.mean,
        deviation: spec.preprocessing.std,
    };
    let side = match &spec.image {
        // What is left of a patch at the right and below is not seen.
        ImageSpec::Vit(vit) if size / vit.patch_size.max(1) == vit.grid => size,
        ImageSpec::Vit(vit) => vit.patch_size * vit.grid,
        ImageSpec::ResNet(net) => net.grid * 32,
        ImageSpec::FastVit(_) | ImageSpec::EfficientNetLite(_) => size,
    };
    if side != size {
        let reason = format!("it takes pictures of {side} pixels, not {size}");
        return Err(GpuError::Unsupported { reason });
    }
    match &spec.image {
        ImageSpec::Vit(vit) => vit::vit(builder, &scope, (vit, size), normalise, dimension),
        ImageSpec::ResNet(net) => resnet::resnet(builder, &scope, net, normalise, dimension),
        ImageSpec::FastVit(net) => {
            fastvit::fastvit(builder, &scope, (net, size), normalise, dimension)
        }
        ImageSpec::EfficientNetLite(net) => {
            efficientnet::efficientnet_lite(builder, &scope, size, net, normalise, dimension)
        }
    }
}

/// The text tower, from the rows of `TokenRows` to features.
pub(crate) fn text(builder: &mut Builder, model: &Model) -> Result<Value> {
    let (scope, dimension) = (Scope::new(model), model.spec.embed_dim);
    match &model.spec.text {
        TextSpec::Transformer(text) => transformer::text(builder, &scope, text, dimension),
        TextSpec::Cbow(text) => cbow::cbow(builder, &scope.below("cbow"), text, dimension),
    }
}
