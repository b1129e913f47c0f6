//! BMP of Windows and of OS/2.
//!
//! Written here because bitmaps in the wild break the rules that the image crate insists on: several
//! planes, run lengths past the end of a line or stored from the top, headers of OS/2 and of odd
//! lengths, palettes longer than their pixels can name.

use image::ColorType;
use image::metadata::Orientation;

use crate::decode::colour::Alpha;
use crate::decode::error::Fault;
use crate::decode::limits::Limits;
use crate::decode::numbers;
use crate::decode::raster::{Header, Loaded, Rows, decode_into};

/// The bytes of the file header, which the picture's header follows.
const FILE_HEADER: usize = 14;
/// Lengths of the picture's header: the oldest, that of Windows 3, those with masks for colours, and for
/// opacity.
const CORE: u32 = 12;
const INFO: u32 = 40;
const WITH_MASKS: u32 = 52;
const WITH_ALPHA: u32 = 56;
/// Of OS/2 2, which has other kinds of compression.
const OS2: u32 = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Plain,
    /// Runs of pixels of so many bits.
    Runs,
}

/// A bitmap's header.
struct Bitmap {
    width: u32,
    height: u32,
    from_top: bool,
    bits: usize,
    packing: Packing,
    palette: Vec<[u8; 3]>,
    /// Red, green, blue, opacity.
    masks: [u32; 4],
    /// The position of the pixels.
    at: usize,
}

/// Decodes a file with BMP's signature.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Loaded, Fault> {
    let bitmap = Bitmap::read(bytes)?;
    let header = Header {
        width: bitmap.width,
        height: bitmap.height,
        colour: match bitmap.masks[3] {
            0 => ColorType::Rgb8,
            _ => ColorType::Rgba8,
        },
        alpha: Alpha::Straight,
        orientation: Orientation::NoTransforms,
        decoder_bytes: match bitmap.packing {
            Packing::Plain => 0,
            Packing::Runs => u64::from(bitmap.width) * u64::from(bitmap.height),
        },
    };
    decode_into(&header, limits, |samples| {
        match bitmap.packing {
            Packing::Plain => bitmap.read_rows(bytes, samples)?,
            Packing::Runs => bitmap.read_runs(bytes, samples)?,
        }
        if header.colour == ColorType::Rgba8 {
            keep_visible(samples);
        }
        Ok(Rows::All)
    })
}

/// Some writers give opacity and leave it 0 throughout.
fn keep_visible(samples: &mut [u8]) {
    if samples.chunks_exact(4).all(|pixel| pixel[3] == 0) {
        samples.chunks_exact_mut(4).for_each(|pixel| pixel[3] = 255);
    }
}

impl Bitmap {
    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let short = |at| number(bytes, at, 2).ok_or(Fault::Truncated);
        let long = |at| number(bytes, at, 4).ok_or(Fault::Truncated);
        let length = long(FILE_HEADER)?;
        let field = |at: usize| match at + 4 <= length as usize {
            true => long(FILE_HEADER + at),
            false => Ok(0),
        };
        let (width, height, bits, compression) = match length {
            CORE => (short(18)? as i32, short(20)? as i32, short(24)?, 0),
            16.. => (long(18)? as i32, long(22)? as i32, short(28)?, field(16)?),
            _ => return Err(Fault::damaged("its header is too short")),
        };
        if width <= 0 {
            return Err(Fault::damaged("its width is not valid"));
        }
        let is_os2 = length == OS2 || length < INFO;
        let (packing, has_masks) = match (compression, bits) {
            (0, 1 | 2 | 4 | 8 | 16 | 24 | 32) => (Packing::Plain, false),
            (1, 8) | (2, 4) => (Packing::Runs, false),
            (4, 24) if is_os2 => (Packing::Runs, false),
            (3 | 6, 16 | 32) if !is_os2 => (Packing::Plain, true),
            _ => {
                return Err(Fault::Unsupported {
                    format: format!("BMP of {bits} bits with the compression {compression}"),
                });
            }
        };
        let masks_at = FILE_HEADER + INFO as usize;
        let mut palette_at = FILE_HEADER.saturating_add(length as usize);
        let mut masks = match bits {
            16 => [0x7C00, 0x3E0, 0x1F, 0],
            _ => [0xFF_0000, 0xFF00, 0xFF, 0],
        };
        if has_masks {
            masks[..3].copy_from_slice(&[
                long(masks_at)?,
                long(masks_at + 4)?,
                long(masks_at + 8)?,
            ]);
            if length >= WITH_ALPHA || compression == 6 {
                masks[3] = long(masks_at + 12)?;
            }
            if length < WITH_MASKS {
                palette_at += if compression == 6 { 16 } else { 12 };
            }
        }
        let used = field(32)? as usize;
        let entries = match bits {
            1..=8 if used == 0 => 1 << bits,
            1..=8 => used,
            _ => 0,
        };
        let entry_bytes = if length == CORE { 3 } else { 4 };
        let there = bytes.get(palette_at..).unwrap_or_default();
        let palette: Vec<_> = there
            .chunks_exact(entry_bytes)
            .take(entries.min(256))
            .map(|entry| [entry[2], entry[1], entry[0]])
            .collect();
        let given = long(10)? as usize;
        let at = match given >= FILE_HEADER + CORE as usize && given < bytes.len() {
            true => given,
            false => palette_at.saturating_add(entries.saturating_mul(entry_bytes)),
        };
        Ok(Self {
            width: width.unsigned_abs(),
            height: height.unsigned_abs(),
            from_top: height < 0,
            bits: bits as usize,
            packing,
            palette,
            masks,
            at,
        })
    }

    /// The row of the picture for a row of the file.
    fn row(&self, stored: usize) -> usize {
        match self.from_top {
            true => stored,
            false => self.height as usize - 1 - stored,
        }
    }

    fn entry(&self, index: usize) -> [u8; 3] {
        self.palette.get(index).copied().unwrap_or_default()
    }

    fn read_rows(&self, bytes: &[u8], samples: &mut [u8]) -> Result<(), Fault> {
        let width = self.width as usize;
        let row_bytes = (width * self.bits).div_ceil(32) * 4;
        let pixel_bytes = if self.masks[3] == 0 { 3 } else { 4 };
        let masks = self.masks.map(Mask::of);
        for stored in 0..self.height as usize {
            let at = self.at + stored * row_bytes;
            // The filling of the last row may be missing.
            let needed = (width * self.bits).div_ceil(8);
            let row = bytes.get(at..at + needed).ok_or(Fault::Truncated)?;
            let start = self.row(stored) * width * pixel_bytes;
            let out = &mut samples[start..start + width * pixel_bytes];
            for (x, pixel) in out.chunks_exact_mut(pixel_bytes).enumerate() {
                let rgba = match self.bits {
                    24 => [row[x * 3 + 2], row[x * 3 + 1], row[x * 3], 0],
                    16 | 32 => {
                        let length = self.bits / 8;
                        let value = number(row, x * length, length).unwrap_or(0);
                        [0, 1, 2, 3].map(|i| masks[i].level(value))
                    }
                    bits => {
                        let shift = 8 - bits - x * bits % 8;
                        let index = row[x * bits / 8] >> shift & ((1_u16 << bits) - 1) as u8;
                        let [r, g, b] = self.entry(usize::from(index));
                        [r, g, b, 0]
                    }
                };
                pixel.copy_from_slice(&rgba[..pixel_bytes]);
            }
        }
        Ok(())
    }

    /// Runs of equal pixels, pixels one by one, and jumps. What lies past the end of a line or of the
    /// picture is left out; pixels that are jumped over have the palette's first colour.
    fn read_runs(&self, bytes: &[u8], samples: &mut [u8]) -> Result<(), Fault> {
        let (width, height) = (self.width as usize, self.height as usize);
        let background = if self.bits == 24 {
            [0; 3]
        } else {
            self.entry(0)
        };
        samples.as_chunks_mut::<3>().0.fill(background);
        let mut data = bytes.get(self.at..).unwrap_or_default().iter().copied();
        let (mut x, mut y) = (0_usize, 0_usize);
        let mut put = |x: usize, y: usize, rgb: [u8; 3]| {
            if x < width && y < height {
                let at = (self.row(y) * width + x) * 3;
                samples[at..at + 3].copy_from_slice(&rgb);
            }
        };
        while y < height {
            let (Some(count), Some(value)) = (data.next(), data.next()) else {
                break;
            };
            match (count, value) {
                (0, 0) => (x, y) = (0, y + 1),
                (0, 1) => return Ok(()),
                (0, 2) => {
                    let (Some(right), Some(down)) = (data.next(), data.next()) else {
                        break;
                    };
                    (x, y) = (x + usize::from(right), y + usize::from(down));
                }
                (0, pixels) => {
                    let pixels = usize::from(pixels);
                    let length = (pixels * self.bits).div_ceil(8);
                    let part: Vec<u8> = data.by_ref().take(length.next_multiple_of(2)).collect();
                    for i in 0..pixels {
                        let Some(rgb) = self.pixel(&part, i) else {
                            break;
                        };
                        put(x + i, y, rgb);
                    }
                    x += pixels;
                }
                (count, value) => {
                    let mut part = vec![value];
                    if self.bits == 24 {
                        part.extend(data.by_ref().take(2));
                    }
                    for i in 0..usize::from(count) {
                        // Pixels of four bits alternate.
                        let index = if self.bits == 4 { i % 2 } else { 0 };
                        let Some(rgb) = self.pixel(&part, index) else {
                            break;
                        };
                        put(x + i, y, rgb);
                    }
                    x += usize::from(count);
                }
            }
        }
        // With fewer lines, nobody could say what the picture shows.
        match y * 3 < height {
            true => Err(Fault::Truncated),
            false => Ok(()),
        }
    }

    /// The pixel at `index` of packed ones.
    fn pixel(&self, part: &[u8], index: usize) -> Option<[u8; 3]> {
        Some(match self.bits {
            4 => {
                let byte = part.get(index / 2)?;
                let shift = if index.is_multiple_of(2) { 4 } else { 0 };
                self.entry(usize::from(byte >> shift & 15))
            }
            8 => self.entry(usize::from(*part.get(index)?)),
            _ => match part.get(index * 3..index * 3 + 3)? {
                [b, g, r] => [*r, *g, *b],
                _ => return None,
            },
        })
    }
}

/// The bits of a number that are one colour.
#[derive(Clone, Copy)]
struct Mask {
    shift: u32,
    most: u32,
}

impl Mask {
    fn of(mask: u32) -> Self {
        let shift = mask.trailing_zeros().min(31);
        Self {
            shift,
            most: mask >> shift,
        }
    }

    /// The nearest of 256 levels.
    fn level(self, value: u32) -> u8 {
        let most = u64::from(self.most);
        match most {
            0 => 0,
            _ => ((u64::from(value >> self.shift & self.most) * 255 + most / 2) / most) as u8,
        }
    }
}

/// The number of up to four bytes at `at`, the lowest first.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    u32::try_from(numbers::number(bytes, true, at, length)?).ok()
}

#[cfg(test)]
mod tests;
