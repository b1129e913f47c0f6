//! The starter model: a small dual encoder of this project, built into the program, so that photos
//! get tags before anything is downloaded.
//!
//! Its image tower is EfficientNet-Lite1 with a projection, its text tower one of CLIP's text
//! encoders. `examples/train_starter` trains the text tower to match the image tower's embeddings
//! of photographs.

pub(crate) mod known_texts;

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};

pub use crate::clip::starter::known_texts::ZERO;

use crate::clip::error::ModelError;
use crate::clip::model::Model;
use crate::clip::spec::activation::Activation;
use crate::clip::spec::efficientnet::EfficientNetLiteSpec;
use crate::clip::spec::{
    CbowSpec, EndOfText, ImageSpec, Spec, TextAttention, TextSpec, TextTransformerSpec, TokensSpec,
    TransformerSpec,
};
use crate::clip::starter::known_texts::KnownTexts;
use crate::core::embedding::Embedding;
use crate::core::encoder::{Filter, Fit, Preprocessing};

/// Length of the starter's embeddings.
pub const DIMENSION: usize = 512;
/// Width and height of its input, in pixels.
pub(crate) const IMAGE_SIZE: u32 = 240;
/// The image tower's architecture.
pub const IMAGE_SPEC: EfficientNetLiteSpec = EfficientNetLiteSpec::LITE1;
/// Width of an attention head of the text tower.
pub const HEAD_WIDTH: usize = 64;
static WEIGHTS: &[u8] = include_bytes!("../../../resources/starter/starter.safetensors");
static PLACES: &[u8] = include_bytes!("../../../resources/starter/places.safetensors");
static ANCHORS: &[u8] = include_bytes!("../../../resources/starter/anchors.safetensors");

/// The places of photographs of the 1000 classes that the image tower was trained to distinguish:
/// the classifier's rows, centred and projected like the photos. Unit length.
///
/// # Errors
/// Only if the program was built with the wrong weights.
pub fn anchors() -> Result<Vec<Embedding>, ModelError> {
    let mut tensors = candle_core::safetensors::load_buffer(ANCHORS, &Device::Cpu)?;
    let missing = || ModelError::Missing {
        tensor: "anchors".into(),
    };
    let anchors = tensors.remove("anchors").ok_or_else(missing)?;
    let rows: Vec<Vec<f32>> = anchors.to_dtype(DType::F32)?.to_vec2()?;
    let anchors: Vec<Embedding> = rows.into_iter().filter_map(Embedding::normalised).collect();
    Ok(anchors)
}

/// The places of photographs of the texts that the text tower was mostly trained on.
///
/// # Errors
/// As [`anchors`].
pub(crate) fn known_texts() -> Result<KnownTexts, ModelError> {
    KnownTexts::from_bytes(PLACES)
}

/// The size of the built-in weights, in bytes.
pub(crate) fn size_bytes() -> usize {
    WEIGHTS.len() + PLACES.len() + ANCHORS.len()
}

/// BLAKE3 of the built-in weights (takes some ten milliseconds).
pub(crate) fn fingerprint() -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(WEIGHTS).update(PLACES);
    hasher.finalize().into()
}

/// Loads the model from the built-in weights (takes some ten milliseconds).
///
/// # Errors
/// As [`anchors`].
pub(crate) fn model() -> Result<Model, ModelError> {
    model_from_bytes(WEIGHTS)
}

/// Loads the model from the contents of a safetensors file: `visual.*` as `spec::efficientnet`
/// names them, and the text tower as in a CLIP checkpoint, except that a table of token embeddings
/// is quantised by row: `NAME.q8` (u8) and `NAME.scale` `[rows, 1]`.
///
/// # Errors
/// If the file has another content.
pub fn model_from_bytes(bytes: &[u8]) -> Result<Model, ModelError> {
    let mut tensors = candle_core::safetensors::load_buffer(bytes, &Device::Cpu)?;
    dequantise(&mut tensors)?;
    let spec = Spec {
        embed_dim: DIMENSION,
        preprocessing: Preprocessing {
            size: IMAGE_SIZE,
            fit: Fit::CentreCrop,
            filter: Filter::Bicubic,
            // The published checkpoint uses (sample - 127) / 128.
            mean: [127.0 / 255.0; 3],
            std: [128.0 / 255.0; 3],
        },
        image: ImageSpec::EfficientNetLite(IMAGE_SPEC),
        text: text_spec(&tensors)?,
        tokens: TokensSpec::Clip,
    };
    Ok(Model::in_memory(spec, tensors))
}

/// Replaces every quantised table with its values.
fn dequantise(tensors: &mut HashMap<String, Tensor>) -> candle_core::Result<()> {
    let tables: Vec<String> = tensors
        .keys()
        .filter_map(|name| name.strip_suffix(".q8").map(str::to_owned))
        .collect();
    for name in tables {
        let bytes = tensors.remove(&format!("{name}.q8"));
        let scale = tensors.remove(&format!("{name}.scale"));
        if let (Some(bytes), Some(scale)) = (bytes, scale) {
            let centred = (bytes.to_dtype(DType::F32)? - f64::from(ZERO))?;
            let values = centred.broadcast_mul(&scale.to_dtype(DType::F32)?)?;
            tensors.insert(name, values);
        }
    }
    Ok(())
}

/// Infers the text tower's architecture from the tensors.
fn text_spec(tensors: &HashMap<String, Tensor>) -> Result<TextSpec, ModelError> {
    let dims = |name: &str| match tensors.get(name).map(Tensor::dims) {
        Some([a, b]) => Ok((*a, *b)),
        _ => Err(ModelError::Missing {
            tensor: name.to_owned(),
        }),
    };
    if let Ok((vocabulary, width)) = dims("cbow.token_embedding.weight") {
        let bias = tensors.contains_key("cbow.projection.bias");
        return Ok(TextSpec::Cbow(CbowSpec {
            vocabulary,
            width,
            bias,
        }));
    }
    let (vocabulary, width) = dims("token_embedding.weight")?;
    let (context_length, _) = dims("positional_embedding")?;
    let (mlp_width, _) = dims("transformer.resblocks.0.mlp.c_fc.weight")?;
    let layers = (0..)
        .take_while(|i| tensors.contains_key(&format!("transformer.resblocks.{i}.ln_1.weight")))
        .count();
    Ok(TextSpec::Transformer(transformer(
        vocabulary,
        context_length,
        width,
        layers,
        mlp_width,
    )))
}

fn transformer(
    vocabulary: usize,
    context_length: usize,
    width: usize,
    layers: usize,
    mlp_width: usize,
) -> TextTransformerSpec {
    TextTransformerSpec {
        vocabulary,
        context_length,
        attention: TextAttention::Causal(EndOfText::Highest),
        projection_bias: false,
        transformer: TransformerSpec {
            width,
            layers,
            heads: width / HEAD_WIDTH,
            mlp_width,
            activation: Activation::Gelu,
            layer_norm_eps: 1e-5,
        },
    }
}
