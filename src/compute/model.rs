//! A model on a graphics device, behind the traits that all engines have.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::AdapterInfo;
use super::builder::{Builder, Normalise, Product};
use super::convolution;
use super::error::{ComputeError, Result};
use super::faults::Faults;
use super::gpu::Gpu;
use super::kernel::Precision;
use super::pack::{fours, plain};
use super::plan::{ImageSpec, ModelSpec, Scope, TextSpec, Tokenise, Weights};
use super::program::{Input, Program, Rows, Shape};
use super::trace::Trace;
use super::transformer;
use super::tune;
use crate::embedding::Embedding;
use crate::encoder::{EncodeError, ImageEncoder, Preprocessing, TextEncoder};
use crate::pixels::Pixels;

/// Pictures computed at once hold at most this many pixels in all (32 of 224×224).
const BATCH_PIXELS: usize = 32 * 224 * 224;
/// The most pictures computed at once.
const MAX_IMAGES: usize = 32;
/// The most texts computed at once, and the most tokens of them all unless one alone has more.
const MAX_TEXTS: usize = 64;
const MAX_TOKENS: usize = 2048;

/// Where and how to compute.
#[derive(Clone, Copy, Debug, Default)]
pub struct GpuOptions {
    /// The adapter's number, as `device list` has it.
    pub index: usize,
    /// Whether 16-bit numbers may be stored, where the adapter has them.
    pub half: bool,
    /// For tests.
    pub faults: Faults,
}

/// A CLIP model that computes on a graphics device.
///
/// One batch is computed at a time. After a failure the device is closed, and the next batch
/// opens it anew and uploads the weights again: so a driver reset costs one batch, and the caller
/// may repeat it.
pub struct GpuModel {
    spec: ModelSpec,
    weights: Arc<dyn Weights>,
    tokeniser: Arc<dyn Tokenise>,
    options: GpuOptions,
    id: String,
    state: Mutex<State>,
}

struct State {
    loaded: Option<Loaded>,
    adapter: AdapterInfo,
    precision: Precision,
    /// Batches begun, of pictures and texts.
    batches: u64,
}

/// All that lives on the device. A texts' batch starts from token embeddings, which are looked up
/// on the host: a batch uses some hundred rows of a table that would take up to 200 MB there.
struct Loaded {
    // Dropped before the device.
    image: Program,
    text: Program,
    table: Vec<f32>,
    positions: Vec<f32>,
    starts: Vec<u32>,
    picks: Vec<u32>,
    image_rows: usize,
    pixels: Vec<u8>,
    gpu: Gpu,
}

impl GpuModel {
    /// Opens the device, compiles the kernels and uploads the weights. Where there is no room for
    /// the largest batch, smaller ones are planned for.
    ///
    /// # Errors
    /// Where there is no such device, it has no room for the weights, or the model is none that
    /// is computed here.
    pub fn open(
        spec: ModelSpec,
        weights: Arc<dyn Weights>,
        tokeniser: Arc<dyn Tokenise>,
        options: GpuOptions,
    ) -> Result<Self> {
        let loaded = Loaded::open(&spec, &*weights, &options)?;
        let state = State {
            adapter: loaded.gpu.info.clone(),
            precision: loaded.gpu.precision,
            loaded: Some(loaded),
            batches: 0,
        };
        Ok(Self {
            spec,
            weights,
            tokeniser,
            id: format!("gpu:{}", options.index),
            options,
            state: Mutex::new(state),
        })
    }

    /// The device, as `--device` calls it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The adapter that computes.
    pub fn adapter(&self) -> AdapterInfo {
        self.state().adapter.clone()
    }

    /// Whether 16-bit numbers are stored.
    pub fn is_half(&self) -> bool {
        self.state().precision == Precision::Half
    }

    /// What the last batch of pictures cost.
    pub fn image_trace(&self) -> Option<Trace> {
        self.state().loaded.as_ref().map(|l| l.image.trace)
    }

    /// What the last batch of texts cost.
    pub fn text_trace(&self) -> Option<Trace> {
        self.state().loaded.as_ref().map(|l| l.text.trace)
    }

    /// Buffers on the device, and their bytes: weights and activations together.
    pub fn allocated(&self) -> Option<(u64, u64)> {
        self.state().loaded.as_ref().map(|l| l.gpu.allocated())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` on the device, which is opened where it is closed and closed where it fails.
    fn on_device<T>(
        &self,
        state: &mut State,
        work: impl FnOnce(&mut Loaded, bool) -> Result<T>,
    ) -> std::result::Result<T, EncodeError> {
        let lose = self.options.faults.lose_at_batch == Some(state.batches);
        state.batches += 1;
        let result = match &mut state.loaded {
            Some(loaded) => work(loaded, lose),
            None => self.reopen().and_then(|loaded| {
                state.adapter = loaded.gpu.info.clone();
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
            return Err(ComputeError::Lost { reason });
        }
        Loaded::open(&self.spec, &*self.weights, &self.options)
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
        let dimension = self.spec.dimension;
        values
            .chunks_exact(width.max(1))
            .map(|row| {
                let row = row.get(..dimension).unwrap_or_default().to_vec();
                Embedding::normalised(row).ok_or(EncodeError::Degenerate)
            })
            .collect()
    }

    /// Embeds texts given as token ids, in order.
    ///
    /// # Errors
    /// Where an id is none of the model's, or the device fails twice.
    pub fn encode_ids(&self, ids: &[Vec<u32>]) -> std::result::Result<Vec<Embedding>, EncodeError> {
        let trimmed = ids
            .iter()
            .map(|ids| self.spec.text.trim(ids))
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(|reason| self.error(reason))?;
        let mut embeddings = Vec::with_capacity(ids.len());
        let mut rest = trimmed.as_slice();
        let mut retried = false;
        while !rest.is_empty() {
            let mut state = self.state();
            let done = self.on_device(&mut state, |loaded, lose| {
                let count = loaded.texts_at_once(rest, &self.spec.text);
                let batch = rest.get(..count).unwrap_or_default();
                let values = loaded.texts(batch, &self.spec.text, lose)?;
                Ok((count, values, loaded.text.output_width))
            });
            drop(state);
            match done {
                Ok((count, values, width)) => {
                    embeddings.extend(self.embeddings(&values, width)?);
                    rest = rest.get(count..).unwrap_or_default();
                    retried = false;
                }
                // Texts come a few at a time, so nobody makes their batches smaller: a lost
                // device is tried once more, opened anew.
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
        self.spec.dimension
    }

    fn preprocessing(&self) -> &Preprocessing {
        &self.spec.preprocessing
    }

    fn encode_images(&self, images: &[Pixels]) -> std::result::Result<Vec<Embedding>, EncodeError> {
        let expected = self.spec.preprocessing.size;
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
        let mut embeddings = Vec::with_capacity(images.len());
        let mut rest = images;
        while !rest.is_empty() {
            let mut state = self.state();
            let (count, values, width) = self.on_device(&mut state, |loaded, lose| {
                let count = rest
                    .len()
                    .min(loaded.image.items_at_once(&loaded.gpu))
                    .max(1);
                let batch = rest.get(..count).unwrap_or_default();
                let values = loaded.images(batch, lose)?;
                Ok((count, values, loaded.image.output_width))
            })?;
            drop(state);
            embeddings.extend(self.embeddings(&values, width)?);
            rest = rest.get(count..).unwrap_or_default();
        }
        Ok(embeddings)
    }
}

impl TextEncoder for GpuModel {
    fn dimension(&self) -> usize {
        self.spec.dimension
    }

    fn encode_texts(&self, texts: &[&str]) -> std::result::Result<Vec<Embedding>, EncodeError> {
        let ids = texts
            .iter()
            .map(|text| self.tokeniser.ids(text))
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(|reason| self.error(reason))?;
        self.encode_ids(&ids)
    }
}

impl TextSpec {
    fn vocabulary(&self) -> usize {
        match self {
            Self::Transformer { vocabulary, .. } | Self::Cbow { vocabulary, .. } => *vocabulary,
        }
    }

    /// The ids that matter: attention is causal, so nothing behind the end of a text reaches its
    /// feature; and of a bag of words only what lies between start and end counts.
    fn trim(&self, ids: &[u32]) -> std::result::Result<Vec<u32>, String> {
        let vocabulary = self.vocabulary();
        if let Some(id) = ids.iter().find(|id| **id as usize >= vocabulary) {
            return Err(format!(
                "token {id} is none of the model's {vocabulary}: it has another tokenizer"
            ));
        }
        let end = match self {
            Self::Transformer { end: Some(end), .. } => {
                ids.iter().position(|id| id == end).unwrap_or(0)
            }
            // The first of equals, as argmax has it.
            Self::Transformer { end: None, .. } | Self::Cbow { .. } => {
                let highest = ids.iter().max();
                let position = highest.and_then(|h| ids.iter().position(|id| id == h));
                position.unwrap_or(0)
            }
        };
        let kept = match self {
            Self::Transformer { context, .. } => {
                if ids.is_empty() || ids.len() > *context {
                    let count = ids.len();
                    return Err(format!("a text of {count} tokens, not 1 to {context}"));
                }
                ids.get(..=end)
            }
            Self::Cbow { .. } => match ids.get(1..end) {
                Some(words) if !words.is_empty() => Some(words),
                // An empty text is represented by its end, so that it has an embedding at all.
                _ => ids.get(end..=end),
            },
        };
        match kept {
            Some(kept) if !kept.is_empty() => Ok(kept.to_vec()),
            _ => Err("a text without tokens".to_owned()),
        }
    }
}

impl Loaded {
    fn open(spec: &ModelSpec, weights: &dyn Weights, options: &GpuOptions) -> Result<Self> {
        let precision = if options.half {
            Precision::Half
        } else {
            Precision::Full
        };
        let size = spec.preprocessing.size as usize;
        let mut images = (BATCH_PIXELS / (size * size).max(1)).clamp(1, MAX_IMAGES);
        loop {
            // A device that had no room is not trusted to have given all of it back.
            let gpu = Gpu::open(options.index, precision, &options.faults)?;
            match Self::load(gpu, spec, weights, images) {
                Err(ComputeError::OutOfMemory { .. }) if images > 1 => images /= 2,
                result => return result,
            }
        }
    }

    fn load(gpu: Gpu, spec: &ModelSpec, weights: &dyn Weights, images: usize) -> Result<Self> {
        let tile = tune::large_tile(&gpu)?;
        gpu.count_anew();
        let scope = Scope::new(weights);
        let size = spec.preprocessing.size as usize;
        let visual = scope.below("visual");
        let normalise = Normalise {
            mean: spec.preprocessing.mean,
            deviation: spec.preprocessing.std,
        };
        let dimension = spec.dimension;
        let image_rows = spec.image.tokens();
        let capacity = Shape {
            items: images,
            tokens: images * image_rows,
            longest: image_rows,
        };
        let mut builder = Builder::new(&gpu, capacity).tiles(tile);
        let (side, output) = match &spec.image {
            ImageSpec::Vit {
                patch,
                grid,
                transformer,
            } => {
                let place = (*patch, *grid);
                let b = &mut builder;
                let out = transformer::vit(b, &visual, place, transformer, normalise, dimension)?;
                (patch * grid, out)
            }
            ImageSpec::ResNet {
                layers,
                width,
                grid,
                heads,
            } => {
                let shape = (*layers, *width, *grid, *heads);
                let b = &mut builder;
                let out = convolution::resnet(b, &visual, shape, normalise, dimension)?;
                (grid * 32, out)
            }
            ImageSpec::Lite {
                stem,
                blocks,
                features,
            } => {
                let net = (*stem, blocks.as_slice(), *features);
                let b = &mut builder;
                let out = convolution::lite(b, &visual, size, net, normalise, dimension)?;
                (size, out)
            }
        };
        if side != size {
            let reason = format!("it takes pictures of {side} pixels, not {size}");
            return Err(ComputeError::Unsupported { reason });
        }
        let image = builder.finish(output)?;

        let (context, width) = match &spec.text {
            TextSpec::Transformer {
                context,
                transformer,
                ..
            } => (*context, transformer.width),
            TextSpec::Cbow { width, .. } => (1, *width),
        };
        let texts = (images * 2).min(MAX_TEXTS);
        let capacity = Shape {
            items: texts,
            tokens: context.max(MAX_TOKENS * texts / MAX_TEXTS),
            longest: context,
        };
        let mut builder = Builder::new(&gpu, capacity).tiles(tile);
        let (output, table, positions) = match &spec.text {
            TextSpec::Transformer {
                vocabulary,
                transformer,
                ..
            } => (
                transformer::text(&mut builder, &scope, transformer, dimension)?,
                scope.get("token_embedding.weight", &[*vocabulary, width])?,
                scope.get("positional_embedding", &[context, width])?,
            ),
            TextSpec::Cbow {
                vocabulary, bias, ..
            } => {
                let scope = scope.below("cbow");
                let projection = scope.get("projection.weight", &[dimension, width])?;
                let bias = bias
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
                let table = scope.get("token_embedding.weight", &[*vocabulary, width])?;
                (out, table, Vec::new())
            }
        };
        let text = builder.finish(output)?;
        Ok(Self {
            image,
            text,
            table,
            positions,
            starts: Vec::new(),
            picks: Vec::new(),
            image_rows,
            pixels: Vec::new(),
            gpu,
        })
    }

    fn images(&mut self, images: &[Pixels], lose: bool) -> Result<Vec<f32>> {
        self.pixels.clear();
        for image in images {
            let (pixels, _) = image.data().as_chunks::<3>();
            self.pixels
                .extend(pixels.iter().flat_map(|[r, g, b]| [*r, *g, *b, 255]));
        }
        let tokens = self.image_rows;
        let row = |i: usize| (i * tokens) as u32;
        self.starts.clear();
        self.starts.extend((0..=images.len()).map(row));
        self.picks.clear();
        self.picks.extend((0..images.len()).map(row));
        let shape = Shape {
            items: images.len(),
            tokens: images.len() * tokens,
            longest: tokens,
        };
        self.image.run(
            &self.gpu,
            shape,
            Input::Pixels(&self.pixels),
            (&self.starts, &self.picks),
            lose,
        )
    }

    /// How many of the texts fit into the next batch, at least one.
    fn texts_at_once(&self, texts: &[Vec<u32>], spec: &TextSpec) -> usize {
        let tokens = self.text.capacity.tokens;
        let items = self.text.items_at_once(&self.gpu);
        let mut room = match spec {
            TextSpec::Transformer { .. } => tokens,
            TextSpec::Cbow { .. } => usize::MAX,
        };
        let fit = texts.iter().take(items).take_while(|text| {
            let fits = text.len() <= room;
            room = room.saturating_sub(text.len());
            fits
        });
        fit.count().max(1)
    }

    fn texts(&mut self, texts: &[Vec<u32>], spec: &TextSpec, lose: bool) -> Result<Vec<f32>> {
        let width = match spec {
            TextSpec::Transformer { transformer, .. } => transformer.width,
            TextSpec::Cbow { width, .. } => *width,
        };
        let padded = fours(width) * 4;
        self.starts.clear();
        self.picks.clear();
        let mut rows = Vec::new();
        let mut tokens = 0;
        for ids in texts {
            self.starts.push(tokens as u32);
            match spec {
                TextSpec::Transformer { .. } => {
                    for (position, id) in ids.iter().enumerate() {
                        let start = rows.len();
                        let (id, table) = (*id as usize, &self.table);
                        let token = table.get(id * width..(id + 1) * width);
                        let place = position * width..(position + 1) * width;
                        let place = self.positions.get(place).unwrap_or_default();
                        let sum = token.unwrap_or_default().iter().zip(place);
                        rows.extend(sum.map(|(t, p)| t + p));
                        rows.resize(start + padded, 0.0);
                    }
                    tokens += ids.len();
                }
                TextSpec::Cbow { .. } => {
                    let start = rows.len();
                    rows.resize(start + padded, 0.0);
                    let share = 1.0 / ids.len().max(1) as f32;
                    for id in ids {
                        let row = self.table.get(*id as usize * width..).unwrap_or_default();
                        let line = rows.get_mut(start..).unwrap_or_default();
                        for (to, from) in line.iter_mut().zip(row.iter().take(width)) {
                            *to += from * share;
                        }
                    }
                    tokens += 1;
                }
            }
            self.picks.push((tokens as u32).saturating_sub(1));
        }
        self.starts.push(tokens as u32);
        let shape = Shape {
            items: texts.len(),
            tokens,
            longest: texts.iter().map(Vec::len).max().unwrap_or(1),
        };
        self.text.run(
            &self.gpu,
            shape,
            Input::Rows(&rows),
            (&self.starts, &self.picks),
            lose,
        )
    }
}

impl ImageSpec {
    /// Rows of a picture's sequence, where it has one.
    fn tokens(&self) -> usize {
        match self {
            Self::Vit { grid, .. } | Self::ResNet { grid, .. } => grid * grid + 1,
            Self::Lite { .. } => 1,
        }
    }
}
