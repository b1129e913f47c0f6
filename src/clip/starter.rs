//! The starter model: a small dual encoder of this project's own, compiled into the program, so
//! that photos get tags before anything was downloaded.
//!
//! Its image side is EfficientNet-Lite1 with a projection, its text side CLIP's text encoder,
//! trained by `examples/train_starter` to land where the image side puts photographs of the text.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use rayon::prelude::*;

use super::activation::Activation;
use super::config::{CbowConfig, EndOfText, TextConfig, TextTransformerConfig, TransformerConfig};
use super::efficientnet::{EfficientNetLite, EfficientNetLiteConfig, FEATURES};
use super::error::ModelError;
use super::tokenizer::Tokenizer;
use super::tower::TextTower;
use crate::embedding::Embedding;
use crate::encoder::{EncodeError, Fit, ImageEncoder, Preprocessing, TextEncoder};
use crate::pixels::Pixels;

/// Length of the starter's embeddings.
pub const DIMENSION: usize = 512;
/// Width and height of its input, in pixels.
pub const IMAGE_SIZE: u32 = 240;
/// The image side's architecture.
pub const IMAGE_CONFIG: EfficientNetLiteConfig = EfficientNetLiteConfig::LITE1;
/// Width of an attention head of the text side.
pub const HEAD_WIDTH: usize = 64;
/// Bytes of a quantised row stand for `(byte - ZERO) * scale`.
pub const ZERO: u8 = 128;

/// Pictures computed at once by one thread: enough that the matrix products are efficient, few
/// enough that the activations stay in cache.
const IMAGE_BATCH: usize = 2;
const TEXT_BATCH: usize = 64;

static WEIGHTS: &[u8] = include_bytes!("../../resources/starter/starter.safetensors");
static ANCHORS: &[u8] = include_bytes!("../../resources/starter/anchors.safetensors");

/// The model, ready to embed.
pub struct Starter {
    preprocessing: Preprocessing,
    image: EfficientNetLite,
    projection: Tensor,
    centre: Tensor,
    text: TextTower,
}

impl Starter {
    /// Unpacks the weights that are compiled in (some ten milliseconds).
    ///
    /// # Errors
    /// Only where the program was built with other weights than the code was written for.
    pub fn load() -> Result<Self, ModelError> {
        Self::from_bytes(WEIGHTS)
    }

    /// Where photographs of each of the 1000 classes lie that the image side was trained to tell
    /// apart: the classifier's rows, centred and projected like the photos. Unit length.
    ///
    /// # Errors
    /// As [`Starter::load`].
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

    /// Size of the compiled-in weights, in bytes.
    pub fn size_bytes() -> usize {
        WEIGHTS.len() + ANCHORS.len()
    }

    /// BLAKE3 of the compiled-in weights (some ten milliseconds).
    pub fn fingerprint() -> [u8; 32] {
        blake3::hash(WEIGHTS).into()
    }

    /// Reads the weights from the contents of a safetensors file: `visual.*` as
    /// [`EfficientNetLite`] names them, `visual.proj.weight` `[1280, dim]`, `visual.proj.bias`
    /// `[dim]`, and the text tower as in a CLIP checkpoint, except that a table of token embeddings
    /// is quantised by row: `NAME.q8` (u8) and `NAME.scale` `[rows, 1]`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let StarterParts {
            preprocessing,
            text,
            tensors,
        } = StarterParts::from_bytes(bytes)?;
        let vs = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
        let visual = vs.pp("visual");
        Ok(Self {
            preprocessing,
            image: EfficientNetLite::new(&IMAGE_CONFIG, visual.clone())?,
            projection: visual.get((FEATURES, DIMENSION), "proj.weight")?,
            centre: visual.get(DIMENSION, "proj.bias")?,
            text: TextTower::new(&text, DIMENSION, vs)?,
        })
    }

    /// Which text encoder the weights are for, such as `Transformer, 3 layers of width 256`.
    pub fn text_architecture(&self) -> String {
        match &self.text {
            TextTower::Transformer(_) => "Transformer".into(),
            TextTower::Cbow(_) => "bag of words".into(),
        }
    }

    fn features(&self, images: &[Pixels]) -> candle_core::Result<Vec<Vec<f32>>> {
        let size = self.preprocessing.size as usize;
        let (mean, std) = (self.preprocessing.mean[0], self.preprocessing.std[0]);
        let mut samples = Vec::with_capacity(images.len() * size * size * 3);
        for image in images {
            let scaled = image
                .data()
                .iter()
                .map(|s| (f32::from(*s) / 255.0 - mean) / std);
            samples.extend(scaled);
        }
        let x = Tensor::from_vec(samples, (images.len(), size, size, 3), &Device::Cpu)?;
        let features = self.image.forward(&x)?.matmul(&self.projection)?;
        features.broadcast_add(&self.centre)?.to_vec2()
    }

    fn text_features(&self, texts: &[&str]) -> candle_core::Result<Vec<Vec<f32>>> {
        let tokenizer = Tokenizer::clip();
        let ids: Vec<Vec<u32>> = texts
            .iter()
            .map(|text| tokenizer.encode(text, Tokenizer::CONTEXT_LENGTH))
            .collect();
        self.text.forward(&ids)?.to_vec2()
    }
}

/// What the starter is made of, for engines other than this one.
pub struct StarterParts {
    /// What pictures it takes.
    pub preprocessing: Preprocessing,
    /// The text side's architecture; the image side's is [`IMAGE_CONFIG`].
    pub text: TextConfig,
    tensors: HashMap<String, Tensor>,
}

impl StarterParts {
    /// Unpacks the weights that are compiled in.
    ///
    /// # Errors
    /// As [`Starter::load`].
    pub fn load() -> Result<Self, ModelError> {
        Self::from_bytes(WEIGHTS)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let mut tensors = candle_core::safetensors::load_buffer(bytes, &Device::Cpu)?;
        dequantise(&mut tensors)?;
        Ok(Self {
            preprocessing: Preprocessing {
                size: IMAGE_SIZE,
                fit: Fit::CentreCrop,
                // The published checkpoint's (sample - 127) / 128.
                mean: [127.0 / 255.0; 3],
                std: [128.0 / 255.0; 3],
            },
            text: text_config(&tensors)?,
            tensors,
        })
    }

    /// The tensor `name`, named as [`Starter::from_bytes`] says, in row-major order.
    ///
    /// # Errors
    /// Where there is none, or it has another shape than `shape`.
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let tensor = self.tensors.get(name).ok_or_else(|| ModelError::Missing {
            tensor: name.to_owned(),
        })?;
        if tensor.dims() != shape {
            let reason = format!("it has shape {:?}, not {shape:?}", tensor.dims());
            return Err(ModelError::tensor(name, reason));
        }
        Ok(tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?)
    }
}

impl ImageEncoder for Starter {
    fn dimension(&self) -> usize {
        DIMENSION
    }

    fn preprocessing(&self) -> &Preprocessing {
        &self.preprocessing
    }

    fn encode_images(&self, images: &[Pixels]) -> Result<Vec<Embedding>, EncodeError> {
        let expected = self.preprocessing.size;
        for image in images {
            let (width, height) = (image.width(), image.height());
            if (width, height) != (expected, expected) {
                return Err(EncodeError::Size {
                    expected,
                    width,
                    height,
                });
            }
        }
        let batches: Vec<Vec<Embedding>> = images
            .par_chunks(IMAGE_BATCH)
            .map(|batch| normalised(self.features(batch)))
            .collect::<Result<_, _>>()?;
        Ok(batches.into_iter().flatten().collect())
    }
}

impl TextEncoder for Starter {
    fn dimension(&self) -> usize {
        DIMENSION
    }

    fn encode_texts(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        let mut embeddings = Vec::with_capacity(texts.len());
        for batch in texts.chunks(TEXT_BATCH) {
            embeddings.extend(normalised(self.text_features(batch))?);
        }
        Ok(embeddings)
    }
}

fn normalised(rows: candle_core::Result<Vec<Vec<f32>>>) -> Result<Vec<Embedding>, EncodeError> {
    rows.map_err(|e| EncodeError::Engine {
        device: "the CPU".into(),
        reason: e.to_string(),
    })?
    .into_iter()
    .map(|row| Embedding::normalised(row).ok_or(EncodeError::Degenerate))
    .collect()
}

/// Replaces every quantised table by its values.
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

/// Reads the text side's architecture off the tensors.
fn text_config(tensors: &HashMap<String, Tensor>) -> Result<TextConfig, ModelError> {
    let dims = |name: &str| match tensors.get(name).map(Tensor::dims) {
        Some([a, b]) => Ok((*a, *b)),
        _ => Err(ModelError::Missing {
            tensor: name.to_owned(),
        }),
    };
    if let Ok((vocabulary, width)) = dims("cbow.token_embedding.weight") {
        let bias = tensors.contains_key("cbow.projection.bias");
        return Ok(TextConfig::Cbow(CbowConfig {
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
    Ok(TextConfig::Transformer(transformer(
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
) -> TextTransformerConfig {
    TextTransformerConfig {
        vocabulary,
        context_length,
        end_of_text: EndOfText::Highest,
        transformer: TransformerConfig {
            width,
            layers,
            heads: width / HEAD_WIDTH,
            mlp_width,
            activation: Activation::Gelu,
            layer_norm_eps: 1e-5,
        },
    }
}
