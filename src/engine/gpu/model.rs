//! A model on a graphics device, behind the traits that all engines have.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clip::Model;
use crate::clip::tokenizer::of_model::ModelTokenizer;
use crate::core::embedding::Embedding;
use crate::core::encoder;
use crate::core::encoder::{EncodeError, ImageEncoder, Preprocessing, TextEncoder};
use crate::core::on_demand::TEXTS_IDLE;
use crate::core::pixels::Pixels;
use crate::engine::gpu::device::adapter::AdapterInfo;
use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::kernel::Precision;
use crate::engine::gpu::loaded::Loaded;
use crate::engine::gpu::options::GpuOptions;
use crate::engine::gpu::program::Begun;
use crate::engine::gpu::program::profile::KernelTime;
use crate::engine::gpu::trace::Trace;

/// A CLIP model on a graphics device.
///
/// Two batches of pictures are in progress at a time: while one is computed, the next is uploaded
/// and the previous one read back. After a failure the device is closed; the next batch reopens it
/// and uploads the weights again. So a driver reset costs one batch, which the caller may repeat.
pub(crate) struct GpuModel {
    model: Arc<Model>,
    tokenizer: ModelTokenizer,
    options: GpuOptions,
    id: String,
    state: Mutex<State>,
    /// Held while a caller has pictures computed.
    pictures: Mutex<()>,
}

struct State {
    loaded: Option<Loaded>,
    adapter: AdapterInfo,
    precision: Precision,
    /// The number of batches begun, of pictures and texts.
    batches: u64,
    /// How often the device was reopened.
    openings: u64,
}

impl GpuModel {
    /// Opens the device, compiles the kernels and uploads the weights. If there is not enough
    /// memory for the largest batch, smaller ones are planned.
    ///
    /// # Errors
    /// If there is no such device, it does not have enough memory for the weights, or no kernel
    /// supports the model.
    pub(crate) fn open(model: Arc<Model>, options: GpuOptions) -> Result<Self> {
        let loaded = Loaded::open(&model, &options)?;
        let state = State {
            adapter: loaded.gpu.info.clone(),
            precision: loaded.gpu.precision,
            loaded: Some(loaded),
            batches: 0,
            openings: 0,
        };
        Ok(Self {
            tokenizer: ModelTokenizer::new(&model.spec),
            model,
            id: format!("gpu:{}", options.index),
            options,
            state: Mutex::new(state),
            pictures: Mutex::default(),
        })
    }

    /// The device, as named by `--device`.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The adapter in use.
    pub(crate) fn adapter(&self) -> AdapterInfo {
        self.state().adapter.clone()
    }

    /// Whether numbers are stored in 16 bits.
    pub(crate) fn is_half(&self) -> bool {
        self.state().precision == Precision::Half
    }

    /// The cost of the last batch of pictures.
    pub(crate) fn image_trace(&self) -> Option<Trace> {
        self.state().loaded.as_ref().map(|l| l.image.trace)
    }

    /// The cost of the last batch of texts.
    pub(crate) fn text_trace(&self) -> Option<Trace> {
        self.state().loaded.as_ref().map(|l| l.text.trace)
    }

    /// The time of each kernel of the last batch of pictures.
    ///
    /// # Errors
    /// If there was none, and any error of the device.
    pub(crate) fn profile_images(&self) -> Result<Vec<KernelTime>> {
        match &self.state().loaded {
            Some(loaded) => loaded.image.profile(&loaded.gpu),
            None => {
                let reason = "the device is closed".to_owned();
                Err(GpuError::Lost { reason })
            }
        }
    }

    /// Buffers on the device, and their bytes: weights and activations together.
    pub(crate) fn allocated(&self) -> Option<(u64, u64)> {
        self.state().loaded.as_ref().map(|l| l.gpu.allocated())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work`, which may begin a batch, on the device. Opens the device if it is closed, and
    /// closes it after a failure.
    fn on_device<T>(
        &self,
        state: &mut State,
        begins: bool,
        work: impl FnOnce(&mut Loaded, bool) -> Result<T>,
    ) -> std::result::Result<T, EncodeError> {
        let lose = begins && self.options.faults.lose_at_batch == Some(state.batches);
        state.batches += u64::from(begins);
        let result = match &mut state.loaded {
            Some(loaded) => work(loaded, lose),
            None => self.reopen().and_then(|mut loaded| {
                state.adapter = loaded.gpu.info.clone();
                state.openings += 1;
                loaded.opening = state.openings;
                work(state.loaded.insert(loaded), lose)
            }),
        };
        result.map_err(|error| {
            state.loaded = None;
            self.error(error.to_string())
        })
    }

    fn reopen(&self) -> Result<Loaded> {
        if self.options.faults.stays_lost {
            let reason = "it does not come back".to_owned();
            return Err(GpuError::Lost { reason });
        }
        Loaded::open(&self.model, &self.options)
    }

    fn error(&self, reason: String) -> EncodeError {
        EncodeError::Engine {
            device: self.id.clone(),
            reason,
        }
    }

    fn embeddings(
        &self,
        values: &[f32],
        width: usize,
    ) -> std::result::Result<Vec<Embedding>, EncodeError> {
        let dimension = self.model.spec.embed_dim;
        let rows = values.chunks_exact(width.max(1));
        encoder::embeddings(rows.map(|row| row.get(..dimension).unwrap_or_default().to_vec()))
    }

    /// Embeds texts given as token ids, in order.
    ///
    /// # Errors
    /// If an id is not in the vocabulary, or the device fails twice.
    pub(crate) fn encode_ids(
        &self,
        ids: &[Vec<u32>],
    ) -> std::result::Result<Vec<Embedding>, EncodeError> {
        let text = &self.model.spec.text;
        let relevant = ids.iter().map(|ids| {
            text.check_ids(ids)?;
            Ok(text.relevant(ids).into_owned())
        });
        let relevant: std::result::Result<Vec<_>, String> = relevant.collect();
        let relevant = relevant.map_err(|reason| self.error(reason))?;
        let mut embeddings = Vec::with_capacity(ids.len());
        let mut rest = relevant.as_slice();
        let mut retried = false;
        while !rest.is_empty() {
            let mut state = self.state();
            let done = self.on_device(&mut state, true, |loaded, lose| {
                let count = loaded.texts_at_once(rest);
                let batch = rest.get(..count).unwrap_or_default();
                let values = loaded.texts(batch, lose)?;
                Ok((count, values, loaded.text.output_width))
            });
            drop(state);
            match done {
                Ok((count, values, width)) => {
                    embeddings.extend(self.embeddings(&values, width)?);
                    rest = rest.get(count..).unwrap_or_default();
                    retried = false;
                }
                // Texts come a few at a time, so smaller batches would not help: after a loss, the
                // device is reopened for one more attempt.
                Err(EncodeError::Engine { .. }) if !retried => retried = true,
                Err(error) => return Err(error),
            }
        }
        Ok(embeddings)
    }
}

impl std::fmt::Debug for GpuModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GpuModel({})", self.id)
    }
}

impl ImageEncoder for GpuModel {
    fn dimension(&self) -> usize {
        self.model.spec.embed_dim
    }

    fn preprocessing(&self) -> &Preprocessing {
        &self.model.spec.preprocessing
    }

    fn encode_images(&self, images: &[Pixels]) -> std::result::Result<Vec<Embedding>, EncodeError> {
        self.model.spec.preprocessing.check_sizes(images)?;
        self.tokenizer.release(TEXTS_IDLE);
        // Texts may come between two batches, but not another caller's pictures, which would
        // overwrite ours in progress.
        let _pictures = self.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        let mut embeddings = Vec::with_capacity(images.len());
        let mut rest = images;
        let mut waiting: Option<(u64, Begun)> = None;
        while !rest.is_empty() || waiting.is_some() {
            let mut state = self.state();
            let begins = !rest.is_empty();
            let (count, begun, values) = self.on_device(&mut state, begins, |loaded, lose| {
                let count = loaded.images_at_once(images.len()).min(rest.len());
                let begun = match rest.get(..count) {
                    Some([]) | None => None,
                    Some(batch) => Some(loaded.begin_images(batch, lose)?),
                };
                let values = match &waiting {
                    Some((opening, begun)) if *opening == loaded.opening => {
                        let values = loaded.finish_images(begun)?;
                        Some((values, loaded.image.output_width))
                    }
                    Some(_) => {
                        let reason = "it was closed in between".to_owned();
                        return Err(GpuError::Lost { reason });
                    }
                    None => None,
                };
                Ok((count, begun, values))
            })?;
            waiting = begun.map(|begun| (state.openings, begun));
            drop(state);
            if let Some((values, width)) = values {
                embeddings.extend(self.embeddings(&values, width)?);
            }
            rest = rest.get(count..).unwrap_or_default();
        }
        Ok(embeddings)
    }
}

impl TextEncoder for GpuModel {
    fn dimension(&self) -> usize {
        self.model.spec.embed_dim
    }

    fn encode_texts(&self, texts: &[&str]) -> std::result::Result<Vec<Embedding>, EncodeError> {
        let ids = self.tokenizer.token_ids(texts);
        self.encode_ids(&ids.map_err(|reason| self.error(reason))?)
    }
}
