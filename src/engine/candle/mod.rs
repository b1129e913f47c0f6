//! CLIP with candle's own operations: the reference for the other engines, and the only way to CUDA
//! and to candle's Metal kernels. Training uses the same towers.

use candle_core::{DType, Device, DeviceLocation, Tensor};

use crate::clip::spec::Spec;
use crate::clip::tokenizer::of_model::ModelTokenizer;
use crate::clip::tower::{ImageTower, TextTower};
use crate::clip::{Model, ModelError};
use crate::core::embedding::Embedding;
use crate::core::encoder::{EncodeError, ImageEncoder, Preprocessing, TextEncoder, embeddings};
use crate::core::on_demand::TEXTS_IDLE;
use crate::core::pixels::Pixels;

/// The most pixels of all pictures in a batch (32 of 224×224), which limits the memory for
/// activations.
const BATCH_PIXELS: usize = 32 * 224 * 224;

/// The most pictures of a batch on the CPU. More would gain nothing, because the weights are
/// already reused enough, and fewer activations take a quarter of the memory.
const MAX_CPU_BATCH: usize = 8;

/// The most pictures of a batch on other devices.
const MAX_DEVICE_BATCH: usize = 32;

/// The most texts of a batch.
const TEXT_BATCH: usize = 64;

/// A CLIP model on a candle device.
pub struct CandleModel {
    spec: Spec,
    image: ImageTower,
    text: TextTower,
    tokenizer: ModelTokenizer,
    dtype: DType,
    device: Device,
}

impl CandleModel {
    /// Reads the towers of `model` to `device`, to compute in `dtype`.
    ///
    /// # Errors
    /// If the weights do not match the description, or candle has no code for it.
    pub fn new(model: &Model, dtype: DType, device: Device) -> Result<Self, ModelError> {
        let (spec, vs) = (model.spec.clone(), model.var_builder(dtype, device.clone()));
        let image = ImageTower::new(&spec.image, spec.embed_dim, vs.clone())?;
        let text = TextTower::over(&spec.text, spec.embed_dim, model.weights(), vs)?;
        model.check_all_used()?;
        Ok(Self {
            tokenizer: ModelTokenizer::new(&spec),
            spec,
            image,
            text,
            dtype,
            device,
        })
    }

    /// Embeds texts given as token ids, `[SOS] … [EOS]` each, in order.
    ///
    /// # Errors
    /// If an id is not in the vocabulary, or candle fails.
    pub fn encode_ids(&self, ids: &[Vec<u32>]) -> Result<Vec<Embedding>, EncodeError> {
        for ids in ids {
            let checked = self.spec.text.check_ids(ids);
            checked.map_err(|reason| self.error(reason))?;
        }
        // Texts of similar length share a batch, which keeps padding low.
        let mut order: Vec<usize> = (0..ids.len()).collect();
        order.sort_by_key(|i| ids.get(*i).map_or(0, Vec::len));
        let mut found: Vec<(usize, Embedding)> = Vec::with_capacity(ids.len());
        for batch in order.chunks(TEXT_BATCH) {
            let texts: Vec<&[u32]> = batch
                .iter()
                .filter_map(|i| ids.get(*i).map(Vec::as_slice))
                .collect();
            let features = self.embeddings(self.text.forward(&texts))?;
            found.extend(batch.iter().copied().zip(features));
        }
        found.sort_by_key(|(i, _)| *i);
        Ok(found.into_iter().map(|(_, e)| e).collect())
    }

    /// `[images, 3, size, size]`, normalised.
    fn input(&self, images: &[Pixels]) -> candle_core::Result<Tensor> {
        let Preprocessing {
            size, mean, std, ..
        } = &self.spec.preprocessing;
        let size = *size as usize;
        let mut values = Vec::with_capacity(images.len() * 3 * size * size);
        for image in images {
            for (channel, (mean, std)) in mean.iter().zip(std).enumerate() {
                let samples = image.data().iter().skip(channel).step_by(3);
                // In torch's order of operations, so that results agree to the last bit.
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
        embeddings(rows)
    }

    /// The engine's error, with the device's name.
    fn error(&self, reason: String) -> EncodeError {
        let device = match self.device.location() {
            DeviceLocation::Cpu => "the CPU".to_owned(),
            DeviceLocation::Cuda { gpu_id } => format!("CUDA device {gpu_id}"),
            DeviceLocation::Metal { gpu_id } => format!("Metal device {gpu_id}"),
        };
        EncodeError::Engine { device, reason }
    }
}

impl ImageEncoder for CandleModel {
    fn dimension(&self) -> usize {
        self.spec.embed_dim
    }

    fn preprocessing(&self) -> &Preprocessing {
        &self.spec.preprocessing
    }

    fn encode_images(&self, images: &[Pixels]) -> Result<Vec<Embedding>, EncodeError> {
        self.spec.preprocessing.check_sizes(images)?;
        self.tokenizer.release(TEXTS_IDLE);
        let side = self.spec.preprocessing.size as usize;
        let most = if self.device.is_cpu() {
            MAX_CPU_BATCH
        } else {
            MAX_DEVICE_BATCH
        };
        let batch = (BATCH_PIXELS / (side * side).max(1)).clamp(1, most);
        let mut found = Vec::with_capacity(images.len());
        for images in images.chunks(batch) {
            let features = self.input(images).and_then(|x| self.image.forward(&x));
            found.extend(self.embeddings(features)?);
        }
        Ok(found)
    }
}

impl TextEncoder for CandleModel {
    fn dimension(&self) -> usize {
        self.spec.embed_dim
    }

    fn encode_texts(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        let ids = self.tokenizer.token_ids(texts);
        self.encode_ids(&ids.map_err(|reason| self.error(reason))?)
    }
}
