//! What a directory says of its picture: how samples are stored, and where.

use crate::decode::error::Fault;
use crate::decode::tiff::colours::Colours;
use crate::decode::tiff::compression::Compression;
use crate::decode::tiff::directory::Directory;
use crate::decode::tiff::samples::{Kind, Sample};

const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const BITS_PER_SAMPLE: u16 = 258;
const COMPRESSION: u16 = 259;
const PHOTOMETRIC: u16 = 262;
const FILL_ORDER: u16 = 266;
const STRIP_OFFSETS: u16 = 273;
const SAMPLES_PER_PIXEL: u16 = 277;
const ROWS_PER_STRIP: u16 = 278;
const STRIP_BYTE_COUNTS: u16 = 279;
const PLANAR_CONFIGURATION: u16 = 284;
const T4_OPTIONS: u16 = 292;
const PREDICTOR: u16 = 317;
const TILE_WIDTH: u16 = 322;
const TILE_HEIGHT: u16 = 323;
const TILE_OFFSETS: u16 = 324;
const TILE_BYTE_COUNTS: u16 = 325;
const EXTRA_SAMPLES: u16 = 338;
const SAMPLE_FORMAT: u16 = 339;
const Y_CB_CR_SUBSAMPLING: u16 = 530;

/// More strips or tiles than any writer makes of a picture.
const MOST_CHUNKS: usize = 1 << 18;
/// Strips may share data. A file whose strips all are the same large piece would occupy the decoder for
/// as long as it likes.
const MOST_OVERLAP: u64 = 4;

/// The layout of a picture.
pub(super) struct Layout {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) colours: Colours,
    pub(super) sample: Sample,
    /// Samples a pixel, with extra ones.
    pub(super) samples: usize,
    pub(super) planar: bool,
    pub(super) compression: Compression,
    pub(super) predictor: u64,
    pub(super) reversed_bits: bool,
    /// How much coarser colours are across and down, of YCbCr.
    pub(super) subsampling: [u8; 2],
    pub(super) chunks: Chunks,
}

/// The strips or tiles, row by row.
pub(super) struct Chunks {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) tiled: bool,
    offsets: Vec<u64>,
    lengths: Vec<u64>,
}

impl Layout {
    pub(super) fn of(directory: &Directory<'_>, file_bytes: usize) -> Result<Self, Fault> {
        let number = |tag, default| directory.number(tag).unwrap_or(default);
        let side = |tag| directory.number(tag).and_then(|n| u32::try_from(n).ok());
        let (Some(width), Some(height)) = (side(WIDTH), side(HEIGHT)) else {
            return Err(Fault::damaged("it does not say how large its picture is"));
        };
        let compression = Compression::of(number(COMPRESSION, 1), number(T4_OPTIONS, 0))?;
        let samples = directory.number(SAMPLES_PER_PIXEL);
        let samples = samples.unwrap_or_else(|| samples_by_others(directory, compression));
        let samples = usize::try_from(samples).ok();
        let samples = samples.filter(|n| (1..=64).contains(n));
        let samples = samples.ok_or_else(|| Fault::damaged("a pixel has too many samples"))?;
        let photometric = match directory.number(PHOTOMETRIC) {
            // Whatever it says, such a picture is YCbCr.
            _ if compression == Compression::OldJpeg && samples >= 3 => 6,
            Some(photometric) => photometric,
            None if samples >= 3 => 2,
            None => 0,
        };
        let colours = Colours::of(directory, photometric);
        let colours = colours.filter(|colours| colours.samples() <= samples);
        let colours = colours.ok_or_else(|| Fault::Unsupported {
            format: format!("TIFF of the kind {photometric} with {samples} samples a pixel"),
        })?;
        let kind = match number(SAMPLE_FORMAT, 1) {
            2 => Kind::Signed,
            3 => Kind::Float,
            _ => Kind::Unsigned,
        };
        let planar = number(PLANAR_CONFIGURATION, 1) == 2 && samples > 1;
        let mut subsampling = directory
            .get(Y_CB_CR_SUBSAMPLING)
            .into_iter()
            .flat_map(|values| values.numbers())
            .map(|n| n as u8)
            .filter(|n| matches!(n, 1 | 2 | 4));
        let mut next = || subsampling.next().unwrap_or(2);
        let layout = Self {
            width,
            height,
            sample: sample(directory, kind)?,
            samples,
            planar,
            compression,
            predictor: number(PREDICTOR, 1),
            reversed_bits: number(FILL_ORDER, 1) == 2,
            subsampling: match colours {
                Colours::YCbCr(_) => [next(), next()],
                _ => [1, 1],
            },
            colours,
            chunks: Chunks::of(directory, width, height),
        };
        layout.check(file_bytes)?;
        Ok(layout)
    }

    fn check(&self, file_bytes: usize) -> Result<(), Fault> {
        let chunks = &self.chunks;
        if chunks.width == 0 || chunks.height == 0 {
            return Err(Fault::damaged("its strips or tiles have no pixels"));
        }
        let shared = chunks.lengths.iter().fold(0, |sum: u64, &n| {
            sum.saturating_add(n.min(file_bytes as u64))
        });
        if self.count() > MOST_CHUNKS || shared > MOST_OVERLAP * file_bytes as u64 {
            return Err(Fault::damaged("it has too many strips or tiles"));
        }
        let has_long_palette = matches!(self.colours, Colours::Palette(_)) && self.sample.bits > 8;
        let is_coarse = self.subsampling != [1, 1] && !self.is_jpeg();
        if has_long_palette || is_coarse && (self.planar || self.sample.bits != 8) {
            return Err(Fault::Unsupported {
                format: format!("TIFF with {} bits of such colours", self.sample.bits),
            });
        }
        Ok(())
    }

    pub(super) fn across(&self) -> u32 {
        self.width.div_ceil(self.chunks.width.max(1))
    }

    pub(super) fn down(&self) -> u32 {
        self.height.div_ceil(self.chunks.height.max(1))
    }

    /// In how many parts samples are stored, one after the other.
    pub(super) fn planes(&self) -> usize {
        if self.planar { self.samples } else { 1 }
    }

    fn count(&self) -> usize {
        (self.across() as usize)
            .saturating_mul(self.down() as usize)
            .saturating_mul(self.planes())
    }

    /// The bytes of a row of a strip or tile, decompressed; of subsampled YCbCr, those of a row of units.
    pub(super) fn row_bytes(&self) -> usize {
        let width = self.chunks.width as usize;
        if self.is_subsampled() {
            let [across, down] = self.subsampling.map(usize::from);
            return width.div_ceil(across).saturating_mul(across * down + 2);
        }
        let samples = if self.planar { 1 } else { self.samples };
        width
            .saturating_mul(samples)
            .saturating_mul(self.sample.bits)
            .div_ceil(8)
    }

    pub(super) fn is_jpeg(&self) -> bool {
        matches!(self.compression, Compression::Jpeg | Compression::OldJpeg)
    }

    /// Whether a strip has units of several pixels that share their colours.
    pub(super) fn is_subsampled(&self) -> bool {
        self.subsampling != [1, 1] && !self.is_jpeg()
    }

    /// The rows of the strip or tile in this row of them.
    pub(super) fn rows(&self, down: u32) -> u32 {
        match self.chunks.tiled {
            true => self.chunks.height,
            false => (self.height - down * self.chunks.height).min(self.chunks.height),
        }
    }

    /// The data of a strip or tile; `None` if it is missing.
    pub(super) fn data<'a>(
        &self,
        file: &'a [u8],
        (across, down, plane): (u32, u32, usize),
    ) -> Option<&'a [u8]> {
        let in_plane = self.across() as usize * self.down() as usize;
        let index = plane * in_plane + down as usize * self.across() as usize + across as usize;
        let start = usize::try_from(*self.chunks.offsets.get(index)?).ok()?;
        let rest = file.get(start..)?;
        // Some writers leave the length out.
        let length = self.chunks.lengths.get(index).copied().filter(|&n| n > 0);
        let length = length.map_or(rest.len(), |n| usize::try_from(n).unwrap_or(usize::MAX));
        Some(&rest[..length.min(rest.len())])
    }

    /// The number of the extra sample that is opacity, and whether colours are multiplied by it.
    pub(super) fn opacity(&self, directory: &Directory<'_>) -> Option<(usize, bool)> {
        let first = self.colours.samples();
        if self.samples <= first {
            return None;
        }
        match directory.number(EXTRA_SAMPLES) {
            Some(1) => Some((first, true)),
            // 999 is Corel's.
            Some(2 | 999) => Some((first, false)),
            None if self.colours == Colours::Rgb && self.samples == 4 => Some((first, false)),
            _ => None,
        }
    }
}

/// The number of samples a pixel, where the tag for it is missing.
fn samples_by_others(directory: &Directory<'_>, compression: Compression) -> u64 {
    let bits = directory.get(BITS_PER_SAMPLE);
    let count = bits.map_or(1, |values| values.numbers().count() as u64);
    let is_coloured = matches!(directory.number(PHOTOMETRIC), Some(2 | 6));
    match count {
        0 | 1 if is_coloured && compression == Compression::OldJpeg => 3,
        count => count.max(1),
    }
}

fn sample(directory: &Directory<'_>, kind: Kind) -> Result<Sample, Fault> {
    let all: Vec<u64> = match directory.get(BITS_PER_SAMPLE) {
        Some(values) => values.numbers().collect(),
        None => vec![1],
    };
    let bits = all.first().copied().unwrap_or(1);
    let same = all.iter().all(|&other| other == bits);
    let readable = match kind {
        Kind::Unsigned => matches!(bits, 1..=16 | 24 | 32 | 64),
        Kind::Signed => matches!(bits, 8 | 16 | 32 | 64),
        Kind::Float => matches!(bits, 16 | 32 | 64),
    };
    match same && readable {
        true => Ok(Sample {
            kind,
            bits: bits as usize,
            little_endian: directory.little_endian,
        }),
        false => Err(Fault::Unsupported {
            format: format!("TIFF with samples of {all:?} bits"),
        }),
    }
}

impl Chunks {
    fn of(directory: &Directory<'_>, width: u32, height: u32) -> Self {
        let numbers = |tag| -> Vec<u64> {
            let values = directory.get(tag).map(|values| values.numbers());
            values.into_iter().flatten().collect()
        };
        let side = |tag| directory.number(tag).and_then(|n| u32::try_from(n).ok());
        let (offsets, lengths) = (numbers(TILE_OFFSETS), numbers(TILE_BYTE_COUNTS));
        match (side(TILE_WIDTH), side(TILE_HEIGHT)) {
            (Some(width), Some(height)) => Self {
                width,
                height,
                tiled: true,
                // Some writers call them strips.
                offsets: if offsets.is_empty() {
                    numbers(STRIP_OFFSETS)
                } else {
                    offsets
                },
                lengths: if lengths.is_empty() {
                    numbers(STRIP_BYTE_COUNTS)
                } else {
                    lengths
                },
            },
            _ => Self {
                width,
                height: side(ROWS_PER_STRIP).map_or(height, |n| n.min(height)),
                tiled: false,
                offsets: numbers(STRIP_OFFSETS),
                lengths: numbers(STRIP_BYTE_COUNTS),
            },
        }
    }
}
