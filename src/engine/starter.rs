//! The starter model: a small dual encoder of this project's own, compiled into the program, so
//! that photos get tags before anything was downloaded.
//!
//! Its image side is EfficientNet-Lite1 with a projection, its text side CLIP's text encoder,
//! trained by `examples/train_starter` to land where the image side puts photographs of the text.

use crate::clip::error::ModelError;
use crate::clip::starter::{DIMENSION, IMAGE_CONFIG, StarterParts};
use crate::clip::tokenizer::Tokenizer;
use crate::clip::tower::TextTower;
use crate::core::embedding::Embedding;
use crate::core::encoder::{EncodeError, ImageEncoder, Preprocessing, TextEncoder};
use crate::core::pixels::Pixels;
use crate::engine::cpu::{EfficientNet, Level};

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
        Self::new(StarterParts::load()?)
    }

    /// Of other weights than those compiled in.
    pub fn new(parts: StarterParts) -> Result<Self, ModelError> {
        let vs = parts.var_builder();
        let StarterParts {
            preprocessing,
            text,
            ..
        } = parts;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use candle_core::{Device, Tensor};

    use super::*;
    use crate::clip::spec::efficientnet::{EfficientNetLite, FEATURES};
    use crate::clip::starter;
    use crate::clip::starter::IMAGE_SIZE;
    use crate::clip::starter::known_texts::LookupTextEncoder;

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
        let vs = parts.var_builder().pp("visual");
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
            let vs = parts.var_builder().pp("visual");
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

    #[test]
    fn known_texts_are_looked_up_and_the_others_computed() {
        let starter = Arc::new(Starter::load().unwrap());
        let known = starter::known_texts().unwrap();
        assert!(known.len() > 5000 && !known.is_empty());
        let dog = known.get(" Golden_Retriever ").unwrap();
        assert_eq!(dog.dimension(), starter::anchors().unwrap()[0].dimension());
        assert!(known.get("xqzzt of the seventh kind").is_none());
        let informed = LookupTextEncoder::new(starter.clone(), known);
        let texts = [
            "xqzzt of the seventh kind",
            "golden retriever",
            "a dog, a cat, a hat",
        ];
        let all = informed.encode_texts(&texts).unwrap();
        let computed = starter.encode_texts(&texts).unwrap();
        assert_eq!(all[0], computed[0]);
        assert_eq!(all[1], dog);
        assert_eq!(all[2], computed[2]);
        assert!(informed.encode_texts(&[]).unwrap().is_empty());
    }

    #[test]
    fn what_is_looked_up_is_what_the_encoder_learned() {
        let starter = Starter::load().unwrap();
        let known = starter::known_texts().unwrap();
        let mut texts: Vec<&str> = known.texts().collect();
        texts.sort_unstable();
        let texts: Vec<&str> = texts.into_iter().step_by(20).collect();
        let computed = starter.encode_texts(&texts).unwrap();
        let cosines = texts.iter().zip(&computed);
        let cosines = cosines.map(|(text, own)| known.get(text).unwrap().similarity(own));
        let mean = cosines.sum::<f32>() / texts.len() as f32;
        assert!(mean > 0.9, "{mean}");
    }
}
