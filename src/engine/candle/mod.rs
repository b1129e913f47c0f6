//! A CLIP model, opened and ready to embed.

use std::path::Path;

use candle_core::{DType, Device, DeviceLocation, Tensor};

use crate::clip::error::ModelError;
use crate::clip::model::ClipParts;
use crate::clip::spec::{ClipConfig, TextConfig, VisionConfig};
use crate::clip::tower::{ImageTower, TextTower};
use crate::clip::{CpuEngine, LoadOptions};
use crate::core::embedding::Embedding;
use crate::core::encoder::{EncodeError, ImageEncoder, Preprocessing};
use crate::core::pixels::Pixels;
use crate::engine::cpu;
use crate::engine::cpu::{Arenas, Kernels, Level, Precision};

/// Pictures computed at once hold at most this many pixels in all (32 of 224×224), which bounds
/// the memory that the activations take.
const BATCH_PIXELS: usize = 32 * 224 * 224;

/// The most pictures computed at once on the CPU, which gains nothing from more: the weights are
/// put to use often enough, and a quarter of the memory is taken.
const MAX_CPU_BATCH: usize = 8;

/// The most pictures computed at once on other devices.
const MAX_DEVICE_BATCH: usize = 32;

/// The most texts computed at once.
const TEXT_BATCH: usize = 64;

/// The image side, on whichever engine.
enum Image {
    Candle(Box<ImageTower>),
    Vit(Box<cpu::Vit>),
    ResNet(Box<cpu::ResNet>),
}

/// The text side, on whichever engine.
enum Text {
    Candle(TextTower),
    Transformer(Box<cpu::Text>),
}

/// A CLIP model on a candle device, or on the CPU by kernels of our own.
pub struct ClipModel {
    config: ClipConfig,
    preprocessing: Preprocessing,
    image: Image,
    text: Text,
    logit_scale: f32,
    parameters: usize,
    dtype: DType,
    device: Device,
}

impl ClipModel {
    /// Opens the checkpoint at `path`, a file or a folder.
    ///
    /// # Errors
    /// Where the file is damaged, not one whole CLIP, or a variant that is not computed.
    pub fn open(path: &Path, options: &LoadOptions) -> Result<Self, ModelError> {
        let parts = ClipParts::open(path, options)?;
        let (dtype, device) = (options.dtype, options.device.clone());
        let vs = parts.var_builder(dtype, device.clone());
        let kernels = kernels(options);
        let scratch = Arenas::new();
        let tensors = cpu::Tensors::new(parts.weights(), &scratch);
        let image = match (kernels, &parts.config.vision) {
            (Some(kernels), VisionConfig::Vit(vit)) => {
                let vit =
                    cpu::Vit::new(kernels, vit, parts.config.embed_dim, &tensors.pp("visual"))?;
                Image::Vit(Box::new(vit))
            }
            (Some(kernels), VisionConfig::ResNet(net)) => {
                let dim = parts.config.embed_dim;
                let vs = vs.pp("visual");
                let net = cpu::ResNet::new(kernels, net, dim, &parts.preprocessing, &vs)?;
                Image::ResNet(Box::new(net))
            }
            (_, vision) => {
                let tower = ImageTower::new(vision, parts.config.embed_dim, vs.clone())?;
                Image::Candle(Box::new(tower))
            }
        };
        let text = match (kernels, &parts.config.text) {
            (Some(kernels), TextConfig::Transformer(text)) => {
                // Always exact: labels are embedded once, and a mistake in one of them would be
                // in every photo's score.
                let kernels = kernels.exact();
                Text::Transformer(Box::new(cpu::Text::new(
                    kernels,
                    text,
                    parts.config.embed_dim,
                    &tensors,
                )?))
            }
            (_, text) => Text::Candle(TextTower::new(text, parts.config.embed_dim, vs)?),
        };
        parts.check_all_used()?;
        drop(tensors);
        let ClipParts {
            config,
            preprocessing,
            logit_scale,
            parameters,
            ..
        } = parts;
        Ok(Self {
            config,
            preprocessing,
            image,
            text,
            logit_scale,
            parameters,
            dtype,
            device,
        })
    }

    /// The architecture.
    pub fn config(&self) -> &ClipConfig {
        &self.config
    }

    /// The architecture's name, such as `ViT-B/32`.
    pub fn architecture(&self) -> String {
        self.config.architecture()
    }

    /// How many numbers the model has learned.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// What similarities are multiplied with before the softmax: the inverse temperature, 100 in
    /// the published models.
    pub fn logit_scale(&self) -> f32 {
        self.logit_scale
    }

    /// Embeds texts given as token ids, `[SOS] … [EOS]` each, in order.
    pub fn encode_ids(&self, ids: &[Vec<u32>]) -> Result<Vec<Embedding>, EncodeError> {
        let text = &self.config.text;
        let (context, vocabulary) = (text.context_length(), text.vocabulary());
        for ids in ids {
            if ids.is_empty() || ids.len() > context {
                let count = ids.len();
                return Err(self.error(format!("a text of {count} tokens, not 1 to {context}")));
            }
            if let Some(id) = ids.iter().find(|id| **id as usize >= vocabulary) {
                return Err(self.error(format!(
                    "token {id} is none of the model's {vocabulary}: it has another tokenizer"
                )));
            }
        }
        let text = match &self.text {
            Text::Transformer(text) => {
                let rows = text.forward(ids);
                return normalised(rows);
            }
            Text::Candle(text) => text,
        };
        // Neighbours in length share a batch, so that little of it is padding.
        let mut order: Vec<usize> = (0..ids.len()).collect();
        order.sort_by_key(|i| ids.get(*i).map_or(0, Vec::len));
        let mut embeddings: Vec<(usize, Embedding)> = Vec::with_capacity(ids.len());
        for batch in order.chunks(TEXT_BATCH) {
            let texts: Vec<&[u32]> = batch
                .iter()
                .filter_map(|i| ids.get(*i).map(Vec::as_slice))
                .collect();
            let features = text.forward(&texts);
            let normalised = self.embeddings(features)?;
            embeddings.extend(batch.iter().copied().zip(normalised));
        }
        embeddings.sort_by_key(|(i, _)| *i);
        Ok(embeddings.into_iter().map(|(_, e)| e).collect())
    }

    /// `[images, 3, size, size]`, normalised.
    fn input(&self, images: &[Pixels]) -> candle_core::Result<Tensor> {
        let Preprocessing {
            size, mean, std, ..
        } = &self.preprocessing;
        let size = *size as usize;
        let mut values = Vec::with_capacity(images.len() * 3 * size * size);
        for image in images {
            for (channel, (mean, std)) in mean.iter().zip(std).enumerate() {
                let samples = image.data().iter().skip(channel).step_by(3);
                // In torch's order of operations, so that even the last bit agrees.
                values.extend(samples.map(|s| (f32::from(*s) / 255.0 - mean) / std));
            }
        }
        Tensor::from_vec(values, (images.len(), 3, size, size), &self.device)?.to_dtype(self.dtype)
    }

    fn embeddings(
        &self,
        features: candle_core::Result<Tensor>,
    ) -> Result<Vec<Embedding>, EncodeError> {
        let rows = features
            .and_then(|f| f.to_dtype(DType::F32)?.to_vec2::<f32>())
            .map_err(|e| self.error(e.to_string()))?;
        normalised(rows)
    }

    /// The engine's error, on the device by its name.
    pub(crate) fn error(&self, reason: String) -> EncodeError {
        let device = match self.device.location() {
            DeviceLocation::Cpu => "the CPU".to_owned(),
            DeviceLocation::Cuda { gpu_id } => format!("CUDA device {gpu_id}"),
            DeviceLocation::Metal { gpu_id } => format!("Metal device {gpu_id}"),
        };
        EncodeError::Engine { device, reason }
    }
}

impl std::fmt::Debug for ClipModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ClipModel({})", self.architecture())
    }
}

impl ImageEncoder for ClipModel {
    fn dimension(&self) -> usize {
        self.config.embed_dim
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
        let image = match &self.image {
            Image::Vit(vit) => return normalised(vit.forward(images, &self.preprocessing)),
            Image::ResNet(net) => return normalised(net.forward(images)),
            Image::Candle(image) => image,
        };
        let pixels = self.config.image_size * self.config.image_size;
        let most = if self.device.is_cpu() {
            MAX_CPU_BATCH
        } else {
            MAX_DEVICE_BATCH
        };
        let batch = (BATCH_PIXELS / pixels.max(1)).clamp(1, most);
        let mut embeddings = Vec::with_capacity(images.len());
        for images in images.chunks(batch) {
            let features = self.input(images).and_then(|x| image.forward(&x));
            embeddings.extend(self.embeddings(features)?);
        }
        Ok(embeddings)
    }
}

/// The kernels to use, unless it is candle that computes.
fn kernels(options: &LoadOptions) -> Option<Kernels> {
    let own = options.cpu != CpuEngine::Candle;
    (own && options.device.is_cpu() && options.dtype == DType::F32).then(|| Kernels {
        level: Level::best(),
        precision: match options.cpu {
            CpuEngine::Fast => Precision::Fast,
            CpuEngine::Exact | CpuEngine::Candle => Precision::Exact,
        },
    })
}

fn normalised(rows: Vec<Vec<f32>>) -> Result<Vec<Embedding>, EncodeError> {
    rows.into_iter()
        .map(|row| Embedding::normalised(row).ok_or(EncodeError::Degenerate))
        .collect()
}
