//! A model's programs and tables on an open device.

use crate::clip::Model;
use crate::clip::spec::TextSpec;
use crate::core::pixels::Pixels;
use crate::engine::gpu::device::Gpu;
use crate::engine::gpu::device::adapter::AdapterKind;
use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::kernel::Precision;
use crate::engine::gpu::kernel::tile::Variants;
use crate::engine::gpu::network;
use crate::engine::gpu::options::GpuOptions;
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::shape::Shape;
use crate::engine::gpu::program::{Begun, IN_FLIGHT, Input, Program};
use crate::engine::gpu::tokens::TokenRows;
use crate::engine::gpu::tune;

/// The most pictures computed at once, if they have 224×224 pixels: fewer larger ones.
const MAX_IMAGES: usize = 32;
/// The same on a card with its own memory, which a small batch does not keep busy.
const MAX_IMAGES_DISCRETE: usize = 64;
/// The size of a picture that these numbers are for.
const USUAL_PIXELS: usize = 224 * 224;
/// Batches are not split below this size, or the device would idle.
const SMALLEST_SHARE: usize = 8;
/// The most texts computed at once, and the most tokens of all, unless a single text has more.
const MAX_TEXTS: usize = 64;
const MAX_TOKENS: usize = 2048;

/// Everything on the device, and the token table, which stays on the host.
pub(crate) struct Loaded {
    // Dropped before the device.
    pub(crate) image: Program,
    pub(crate) text: Program,
    table: TokenRows,
    spec: TextSpec,
    starts: Vec<u32>,
    picks: Vec<u32>,
    image_rows: usize,
    /// How often the device had been reopened before: batches of an earlier opening are lost.
    pub(crate) opening: u64,
    pub(crate) gpu: Gpu,
}

impl Loaded {
    pub(crate) fn open(model: &Model, options: &GpuOptions) -> Result<Self> {
        let precision = if options.half {
            Precision::Half
        } else {
            Precision::Full
        };
        let size = model.spec.preprocessing.size as usize;
        let mut most = None;
        loop {
            // If memory ran out, the device may not have released all of it, so it is reopened.
            let (gpu, variants) = open(options, precision)?;
            gpu.count_anew();
            let images = most.unwrap_or_else(|| most_images(gpu.info.kind, size));
            match Self::load(gpu, model, (images, variants)) {
                Err(GpuError::OutOfMemory { .. }) if images > 1 => most = Some(images / 2),
                result => return result,
            }
        }
    }

    fn load(gpu: Gpu, model: &Model, (images, variants): (usize, Variants)) -> Result<Self> {
        let image_rows = model.spec.image_tokens();
        let capacity = Shape {
            items: images,
            tokens: images * image_rows,
            longest: image_rows,
        };
        let mut builder = Builder::new(&gpu, capacity).variants(variants);
        let output = network::image(&mut builder, model)?;
        let image = builder.finish(output)?;

        let table = TokenRows::new(model)?;
        let texts = (images * 2).min(MAX_TEXTS);
        let context = table.context();
        let capacity = Shape {
            items: texts,
            tokens: context.max(MAX_TOKENS * texts / MAX_TEXTS),
            longest: context,
        };
        let mut builder = Builder::new(&gpu, capacity).variants(variants);
        let output = network::text(&mut builder, model)?;
        let text = builder.finish(output)?;
        Ok(Self {
            image,
            text,
            table,
            spec: model.spec.text.clone(),
            starts: Vec::new(),
            picks: Vec::new(),
            image_rows,
            opening: 0,
            gpu,
        })
    }

    /// Begins a batch of pictures; [`Loaded::finish_images`] returns its values.
    pub(crate) fn begin_images(&mut self, images: &[Pixels], lose: bool) -> Result<Begun> {
        let pictures: Vec<&[u8]> = images.iter().map(Pixels::data).collect();
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
        self.image.begin(
            &self.gpu,
            shape,
            Input::Pictures(&pictures),
            (&self.starts, &self.picks),
            lose,
        )
    }

    pub(crate) fn finish_images(&mut self, begun: &Begun) -> Result<Vec<f32>> {
        self.image.finish(&self.gpu, begun)
    }

    /// The size of a batch for `count` pictures: if there are enough, they are split into several
    /// batches, so that one is uploaded while another is computed.
    pub(crate) fn images_at_once(&self, count: usize) -> usize {
        let most = self.image.capacity.items;
        let share = match self.gpu.info.kind {
            // It has no other cores than those that upload.
            AdapterKind::Software => count,
            _ => count.div_ceil(IN_FLIGHT).max(SMALLEST_SHARE),
        };
        share.min(most).max(1)
    }

    /// The number of texts in the next batch, at least one.
    pub(crate) fn texts_at_once(&self, texts: &[Vec<u32>]) -> usize {
        let Shape {
            items, mut tokens, ..
        } = self.text.capacity;
        let fit = texts.iter().take(items).take_while(|ids| {
            let rows = self.table.rows(ids);
            let fits = rows <= tokens;
            tokens = tokens.saturating_sub(rows);
            fits
        });
        fit.count().max(1)
    }

    pub(crate) fn texts(&mut self, texts: &[Vec<u32>], lose: bool) -> Result<Vec<f32>> {
        self.starts.clear();
        self.picks.clear();
        let mut rows = Vec::new();
        let mut tokens = 0;
        for ids in texts {
            self.starts.push(tokens as u32);
            self.table.append(ids, &mut rows)?;
            self.picks.push((tokens + self.spec.feature(ids)) as u32);
            tokens += self.table.rows(ids);
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

/// The most pictures of `size`×`size` pixels computed at once.
fn most_images(kind: AdapterKind, size: usize) -> usize {
    let most = match kind {
        AdapterKind::Discrete => MAX_IMAGES_DISCRETE,
        _ => MAX_IMAGES,
    };
    (most * USUAL_PIXELS / (size * size).max(1)).clamp(1, most)
}

/// Opens the device, with the best variants of kernels. If it fails, cooperative matrices may be the reason, and
/// it is reopened without them, because only the driver knows how it handles those.
fn open(options: &GpuOptions, precision: Precision) -> Result<(Gpu, Variants)> {
    let attempt = |cooperative| {
        let gpu = Gpu::open(options.index, precision, cooperative, &options.faults)?;
        let variants = tune::variants(&gpu, options.variants.as_deref())?;
        Ok((gpu, variants))
    };
    match attempt(true) {
        // They need 16-bit numbers.
        Err(error)
            if precision == Precision::Half && !matches!(error, GpuError::NoAdapter { .. }) =>
        {
            attempt(false)
        }
        result => result,
    }
}
