//! The starter model: a small dual encoder of this project's own, compiled into the program, so
//! that photos get tags before anything was downloaded.
//!
//! Its image side is EfficientNet-Lite1 with a projection, its text side CLIP's text encoder,
//! trained by `examples/train_starter` to land where the image side puts photographs of the text.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;

use crate::clip::activation::Activation;
use crate::clip::config::{
    CbowConfig, EndOfText, TextConfig, TextTransformerConfig, TransformerConfig,
};
use crate::clip::efficientnet::EfficientNetLiteConfig;
use crate::clip::error::ModelError;
use crate::clip::tokenizer::Tokenizer;
use crate::clip::tower::TextTower;
use crate::core::embedding::Embedding;
use crate::core::encoder::{EncodeError, Fit, ImageEncoder, Preprocessing, TextEncoder};
use crate::core::pixels::Pixels;
use crate::engine::cpu::{EfficientNet, Level};
use crate::engine::known_texts::KnownTexts;

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

static WEIGHTS: &[u8] = include_bytes!("../../resources/starter/starter.safetensors");
static PLACES: &[u8] = include_bytes!("../../resources/starter/places.safetensors");
static ANCHORS: &[u8] = include_bytes!("../../resources/starter/anchors.safetensors");

/// The model, ready to embed.
pub struct Starter {
    preprocessing: Preprocessing,
    image: EfficientNet,
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

    /// Where photographs of the texts lie that the text side was trained on most.
    ///
    /// # Errors
    /// As [`Starter::load`].
    pub fn known_texts() -> Result<KnownTexts, ModelError> {
        KnownTexts::from_bytes(PLACES)
    }

    /// Size of the compiled-in weights, in bytes.
    pub fn size_bytes() -> usize {
        WEIGHTS.len() + PLACES.len() + ANCHORS.len()
    }

    /// BLAKE3 of the compiled-in weights (some ten milliseconds).
    pub fn fingerprint() -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(WEIGHTS).update(PLACES);
        hasher.finalize().into()
    }

    /// Reads the weights from the contents of a safetensors file: `visual.*` as
    /// [`EfficientNetLite`](crate::clip::efficientnet::EfficientNetLite) names them, `visual.proj.weight` `[1280, dim]`, `visual.proj.bias`
    /// `[dim]`, and the text tower as in a CLIP checkpoint, except that a table of token embeddings
    /// is quantised by row: `NAME.q8` (u8) and `NAME.scale` `[rows, 1]`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let StarterParts {
            preprocessing,
            text,
            tensors,
        } = StarterParts::from_bytes(bytes)?;
        let vs = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
        let (level, visual) = (Level::best(), vs.pp("visual"));
        Ok(Self {
            image: EfficientNet::new(level, &IMAGE_CONFIG, DIMENSION, &preprocessing, &visual)?,
            preprocessing,
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
        normalised(Ok(self.image.forward(images)))
    }
}

impl TextEncoder for Starter {
    fn dimension(&self) -> usize {
        DIMENSION
    }

    fn encode_texts(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        let mut embeddings = Vec::with_capacity(texts.len());
        // One by one: a product of many rows rounds otherwise than one of few, and no label's
        // vector may depend on which others are asked for with it.
        for text in texts {
            embeddings.extend(normalised(self.text_features(&[text]))?);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::efficientnet::{EfficientNetLite, FEATURES};

    /// Pictures with edges, slopes and noise.
    fn pictures(count: usize, size: usize) -> Vec<Pixels> {
        let sample = |image: usize, at: usize| {
            let (pixel, channel) = (at / 3, at % 3);
            let (y, x) = (pixel / size, pixel % size);
            let noise = (at * 2_654_435_761 + image * 97) >> 7 & 31;
            let edge = if (x / 11 + y / 7 + image).is_multiple_of(2) {
                120
            } else {
                0
            };
            (edge + noise + y * (40 + channel * 20) / size) as u8
        };
        (0..count)
            .map(|image| {
                let samples = (0..size * size * 3).map(|at| sample(image, at)).collect();
                Pixels::new(size as u32, size as u32, samples).unwrap()
            })
            .collect()
    }

    fn by_candle(parts: &StarterParts, images: &[Pixels], size: usize) -> Vec<Vec<f32>> {
        let (mean, std) = (parts.preprocessing.mean[0], parts.preprocessing.std[0]);
        let samples: Vec<f32> = images
            .iter()
            .flat_map(|image| image.data())
            .map(|s| (f32::from(*s) / 255.0 - mean) / std)
            .collect();
        let shape = (images.len(), size, size, 3);
        let x = Tensor::from_vec(samples, shape, &Device::Cpu).unwrap();
        let tensors = parts.tensors.clone();
        let vs = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu).pp("visual");
        let net = EfficientNetLite::new(&IMAGE_CONFIG, vs.clone()).unwrap();
        let projection = vs.get((FEATURES, DIMENSION), "proj.weight").unwrap();
        let centre = vs.get(DIMENSION, "proj.bias").unwrap();
        let features = net.forward(&x).unwrap().matmul(&projection).unwrap();
        let features = features.broadcast_add(&centre).unwrap();
        features.to_vec2().unwrap()
    }

    #[test]
    fn the_kernels_give_what_candle_gives() {
        let mut parts = StarterParts::load().unwrap();
        for (size, count) in [(IMAGE_SIZE, 2), (97, 9), (33, 5)] {
            parts.preprocessing.size = size;
            let images = pictures(count, size as usize);
            let expected = by_candle(&parts, &images, size as usize);
            let tensors = parts.tensors.clone();
            let vs = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu).pp("visual");
            for level in Level::available() {
                let own =
                    EfficientNet::new(level, &IMAGE_CONFIG, DIMENSION, &parts.preprocessing, &vs)
                        .unwrap();
                // Fewer threads than pictures, and more.
                for threads in [2, 7] {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
                    let pool = pool.build().unwrap();
                    let got = pool.install(|| own.forward(&images));
                    for (got, expected) in got.iter().zip(&expected) {
                        let largest = expected.iter().fold(0f32, |m, v| m.max(v.abs()));
                        for (g, e) in got.iter().zip(expected) {
                            assert!(
                                (g - e).abs() <= 1e-5 * largest.max(1.0),
                                "{level:?}, {size} pixels, {threads} threads: {g}, not {e}"
                            );
                        }
                    }
                    assert_eq!(got.len(), count);
                }
            }
        }
    }
}
