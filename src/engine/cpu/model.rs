//! A model on the CPU, behind the traits that all engines have.

use std::time::Duration;

use candle_core::{DType, Device};

use crate::clip::spec::{ImageSpec, Spec, TextSpec, TokensSpec};
use crate::clip::tokenizer::of_model::ModelTokenizer;
use crate::clip::tower::cbow::Cbow;
use crate::clip::weights::Weights;
use crate::clip::{Model, ModelError};
use crate::core::embedding::Embedding;
use crate::core::encoder::{EncodeError, ImageEncoder, Preprocessing, TextEncoder, embeddings};
use crate::core::on_demand::{OnDemand, TEXTS_IDLE};
use crate::core::pixels::Pixels;
use crate::engine::cpu::arenas::Arenas;
use crate::engine::cpu::convnet::efficientnet::EfficientNet;
use crate::engine::cpu::convnet::fastvit::FastVit;
use crate::engine::cpu::convnet::resnet::ResNet;
use crate::engine::cpu::load::{Kernels, Tensors};
use crate::engine::cpu::matmul::linear::Precision;
use crate::engine::cpu::simd::level::Level;
use crate::engine::cpu::transformer::text::Text;
use crate::engine::cpu::transformer::vit::Vit;

/// A model on the CPU, with this project's kernels.
pub struct CpuModel {
    spec: Spec,
    image: Image,
    text: TextSide,
    tokenizer: ModelTokenizer,
    weights: Weights,
}

enum Image {
    Vit(Box<Vit>),
    ResNet(Box<ResNet>),
    EfficientNet(Box<EfficientNet>),
    FastVit(Box<FastVit>),
}

enum TextSide {
    /// Dropped while only pictures come.
    Transformer(OnDemand<Text>),
    /// Small enough for candle's operations.
    Cbow(Cbow),
}

impl CpuModel {
    /// Packs the weights of `model`.
    ///
    /// With [`Precision::Fast`], the image tower's linear layers or convolutions use 8 bits on
    /// processors that gain from it. The text tower is always exact: labels are embedded only once,
    /// and an error in one would be in every photo's score.
    ///
    /// # Errors
    /// If the weights do not match the description.
    pub fn new(model: &Model, precision: Precision) -> Result<Self, ModelError> {
        let spec = model.spec.clone();
        let kernels = Kernels {
            level: Level::best(),
            precision,
        };
        let scratch = Arenas::new();
        let tensors = Tensors::new(model.weights(), &scratch);
        let (dim, preprocessing) = (spec.embed_dim, &spec.preprocessing);
        let visual = tensors.pp("visual");
        let image = match &spec.image {
            ImageSpec::Vit(vit) => {
                let vit = Vit::new(kernels, vit, dim, preprocessing, &visual)?;
                Image::Vit(Box::new(vit))
            }
            ImageSpec::ResNet(net) => {
                let net = ResNet::new(kernels, net, dim, preprocessing, &visual.vs)?;
                Image::ResNet(Box::new(net))
            }
            ImageSpec::FastVit(net) => {
                let net = FastVit::new(kernels, net, dim, preprocessing, &visual.vs)?;
                Image::FastVit(Box::new(net))
            }
            ImageSpec::EfficientNetLite(net) => {
                let level = kernels.level;
                let net = EfficientNet::new(level, net, dim, preprocessing, &visual.vs)?;
                Image::EfficientNet(Box::new(net))
            }
        };
        let text = match &spec.text {
            TextSpec::Transformer(text) => {
                // Once now, because it may be damaged.
                let text = Text::new(kernels.exact(), text, dim, &tensors)?;
                TextSide::Transformer(match &spec.tokens {
                    TokensSpec::Clip => OnDemand::made(text),
                    // Its tokenizer comes before it: parsing that beside it would be the most memory
                    // of all.
                    TokensSpec::File(_) => OnDemand::empty(),
                })
            }
            TextSpec::Cbow(text) => {
                let vs = model.var_builder(DType::F32, Device::Cpu).pp("cbow");
                TextSide::Cbow(Cbow::new(text, dim, vs)?)
            }
        };
        model.check_all_used()?;
        Ok(Self {
            tokenizer: ModelTokenizer::new(&spec),
            weights: model.weights().clone(),
            spec,
            image,
            text,
        })
    }

    /// Embeds texts given as token ids, `[SOS] … [EOS]` each, in order.
    ///
    /// # Errors
    /// If an id is not in the vocabulary.
    pub fn encode_ids(&self, ids: &[Vec<u32>]) -> Result<Vec<Embedding>, EncodeError> {
        for ids in ids {
            self.spec.text.check_ids(ids).map_err(error)?;
        }
        match &self.text {
            TextSide::Transformer(text) => {
                let text = text.get(|| self.read_text());
                let features = text.and_then(|text| in_pool(|| text.forward(ids)));
                embeddings(features.map_err(|e| error(e.to_string()))?)
            }
            // One by one: a product of many rows rounds differently from one of few, and a label's
            // vector must not depend on the other texts of a call.
            TextSide::Cbow(text) => {
                let features = ids
                    .iter()
                    .map(|ids| text.forward(&[ids])?.squeeze(0)?.to_vec1());
                let features: candle_core::Result<Vec<_>> = features.collect();
                embeddings(features.map_err(|e| error(e.to_string()))?)
            }
        }
    }
}

impl CpuModel {
    /// Reads the text Transformer again.
    fn read_text(&self) -> Result<Text, ModelError> {
        let TextSpec::Transformer(text) = &self.spec.text else {
            return Err(ModelError::Engine {
                reason: "the model has no text Transformer".to_owned(),
            });
        };
        let scratch = Arenas::new();
        let tensors = Tensors::new(&self.weights, &scratch);
        let kernels = Kernels {
            level: Level::best(),
            precision: Precision::Exact,
        };
        Text::new(kernels, text, self.spec.embed_dim, &tensors)
    }

    /// Drops what only texts need, if none came for `idle`.
    fn release_texts(&self, idle: Duration) {
        self.tokenizer.release(idle);
        if let TextSide::Transformer(text) = &self.text {
            text.release(idle);
        }
    }
}

/// Runs `compute` on a thread of the pool. Any other thread would sleep through every step that
/// threads share, and to wake it takes longer than many of these hundred steps.
fn in_pool<T: Send>(compute: impl FnOnce() -> T + Send) -> T {
    rayon::scope(|_| compute())
}

fn error(reason: String) -> EncodeError {
    EncodeError::Engine {
        device: "the CPU".to_owned(),
        reason,
    }
}

impl ImageEncoder for CpuModel {
    fn dimension(&self) -> usize {
        self.spec.embed_dim
    }

    fn preprocessing(&self) -> &Preprocessing {
        &self.spec.preprocessing
    }

    fn encode_images(&self, images: &[Pixels]) -> Result<Vec<Embedding>, EncodeError> {
        self.spec.preprocessing.check_sizes(images)?;
        self.release_texts(TEXTS_IDLE);
        embeddings(in_pool(|| match &self.image {
            Image::Vit(vit) => vit.forward(images),
            Image::ResNet(net) => net.forward(images),
            Image::EfficientNet(net) => net.forward(images),
            Image::FastVit(net) => net.forward(images),
        }))
    }
}

impl TextEncoder for CpuModel {
    fn dimension(&self) -> usize {
        self.spec.embed_dim
    }

    fn encode_texts(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        let ids = self.tokenizer.token_ids(texts);
        self.encode_ids(&ids.map_err(error)?)
    }
}
