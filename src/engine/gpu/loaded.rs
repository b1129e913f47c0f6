//! A model's programs and tables on an open device.

use crate::core::pixels::Pixels;
use crate::engine::gpu::device::Gpu;
use crate::engine::gpu::device::adapter::AdapterKind;
use crate::engine::gpu::error::{GpuError, Result};
use crate::engine::gpu::kernel::Precision;
use crate::engine::gpu::kernel::pack::{fours, plain};
use crate::engine::gpu::kernel::tile::Tiles;
use crate::engine::gpu::model::GpuOptions;
use crate::engine::gpu::network::convolution;
use crate::engine::gpu::network::transformer;
use crate::engine::gpu::plan::{ImageSpec, ModelSpec, Scope, TextSpec, Weights};
use crate::engine::gpu::program::builder::Builder;
use crate::engine::gpu::program::operands::{Normalise, Product};
use crate::engine::gpu::program::{Begun, IN_FLIGHT, Input, Program, Rows, Shape};
use crate::engine::gpu::tune;

/// Pictures computed at once hold at most this many pixels in all (32 of 224×224).
const BATCH_PIXELS: usize = 32 * 224 * 224;
/// The most pictures computed at once.
const MAX_IMAGES: usize = 32;
/// Batches are not made smaller than this for the sake of having two: the device would idle.
const SMALLEST_SHARE: usize = 8;
/// The most texts computed at once, and the most tokens of them all unless one alone has more.
const MAX_TEXTS: usize = 64;
const MAX_TOKENS: usize = 2048;

/// All that lives on the device. A texts' batch starts from token embeddings, which are looked up
/// on the host: a batch uses some hundred rows of a table that would take up to 200 MB there.
pub(crate) struct Loaded {
    // Dropped before the device.
    pub image: Program,
    pub text: Program,
    table: Vec<f32>,
    positions: Vec<f32>,
    starts: Vec<u32>,
    picks: Vec<u32>,
    image_rows: usize,
    pixels: Vec<u8>,
    /// How often the device had been opened anew before: batches of another opening are lost.
    pub opening: u64,
    pub gpu: Gpu,
}

impl Loaded {
    pub fn open(spec: &ModelSpec, weights: &dyn Weights, options: &GpuOptions) -> Result<Self> {
        let precision = if options.half {
            Precision::Half
        } else {
            Precision::Full
        };
        let size = spec.preprocessing.size as usize;
        let mut images = (BATCH_PIXELS / (size * size).max(1)).clamp(1, MAX_IMAGES);
        loop {
            // A device that had no room is not trusted to have given all of it back.
            let (gpu, tiles) = open(options, precision)?;
            gpu.count_anew();
            match Self::load(gpu, spec, weights, (images, tiles)) {
                Err(GpuError::OutOfMemory { .. }) if images > 1 => images /= 2,
                result => return result,
            }
        }
    }

    fn load(
        gpu: Gpu,
        spec: &ModelSpec,
        weights: &dyn Weights,
        (images, tiles): (usize, Tiles),
    ) -> Result<Self> {
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
        let mut builder = Builder::new(&gpu, capacity).tiles(tiles);
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
            return Err(GpuError::Unsupported { reason });
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
        let mut builder = Builder::new(&gpu, capacity).tiles(tiles);
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
            opening: 0,
            gpu,
        })
    }

    /// Begins a batch of pictures; [`Loaded::finish_images`] has its values.
    pub fn begin_images(&mut self, images: &[Pixels], lose: bool) -> Result<Begun> {
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
        self.image.begin(
            &self.gpu,
            shape,
            Input::Pixels(&self.pixels),
            (&self.starts, &self.picks),
            lose,
        )
    }

    pub fn finish_images(&mut self, begun: &Begun) -> Result<Vec<f32>> {
        self.image.finish(&self.gpu, begun)
    }

    /// How many of `count` pictures a batch should have: where there are enough, they are cut into
    /// several, so that one is uploaded while another is computed.
    pub fn images_at_once(&self, count: usize) -> usize {
        let most = self.image.capacity.items;
        let share = match self.gpu.info.kind {
            // It has no cores but those that upload.
            AdapterKind::Software => count,
            _ => count.div_ceil(IN_FLIGHT).max(SMALLEST_SHARE),
        };
        share.min(most).max(1)
    }

    /// How many of the texts fit into the next batch, at least one.
    pub fn texts_at_once(&self, texts: &[Vec<u32>], spec: &TextSpec) -> usize {
        let tokens = self.text.capacity.tokens;
        let items = self.text.capacity.items;
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

    pub fn texts(&mut self, texts: &[Vec<u32>], spec: &TextSpec, lose: bool) -> Result<Vec<f32>> {
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

/// The device, and the tiles that suit it. Where it fails, it may be at cooperative matrices, and it
/// is opened again without them: only a driver knows what it makes of those.
fn open(options: &GpuOptions, precision: Precision) -> Result<(Gpu, Tiles)> {
    let attempt = |cooperative| {
        let gpu = Gpu::open(options.index, precision, cooperative, &options.faults)?;
        let tiles = tune::tiles(&gpu, options.tiles.as_deref())?;
        Ok((gpu, tiles))
    };
    match attempt(true) {
        // They are of 16-bit numbers.
        Err(error)
            if precision == Precision::Half && !matches!(error, GpuError::NoAdapter { .. }) =>
        {
            attempt(false)
        }
        result => result,
    }
}
