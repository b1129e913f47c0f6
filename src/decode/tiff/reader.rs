//! Reads strips and tiles into a picture.

use image::ColorType;

use crate::decode::error::Fault;
use crate::decode::raster::Rows;
use crate::decode::tiff::colours::Colours;
use crate::decode::tiff::compression::{Compression, Shape};
use crate::decode::tiff::directory::Directory;
use crate::decode::tiff::layout::Layout;
use crate::decode::tiff::samples::Kind;
use crate::decode::tiff::{compression, grey, jpeg, samples};

/// How the picture is put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// 8-bit levels.
    Levels,
    /// Floating-point colours.
    Floats,
    /// Greys in a range that only all of them show.
    WideGrey,
}

impl Output {
    pub(super) fn of(layout: &Layout) -> Self {
        let wide = match layout.sample.kind {
            Kind::Float => true,
            Kind::Signed => layout.sample.bits > 8,
            Kind::Unsigned => layout.sample.bits > 16,
        };
        match layout.colours {
            Colours::Rgb if layout.sample.kind == Kind::Float => Self::Floats,
            Colours::Grey { .. } if wide => Self::WideGrey,
            _ => Self::Levels,
        }
    }
}

/// Reads strips or tiles into the picture.
pub(super) struct Reader<'a> {
    pub(super) file: &'a [u8],
    pub(super) directory: &'a Directory<'a>,
    pub(super) layout: &'a Layout,
    /// The number of the sample that is opacity.
    pub(super) opacity: Option<usize>,
    pub(super) output: Output,
}

impl Reader<'_> {
    pub(super) fn colour(&self) -> ColorType {
        match (self.output, self.opacity) {
            (Output::Levels, None) => ColorType::Rgb8,
            (Output::Levels, Some(_)) => ColorType::Rgba8,
            (Output::Floats, None) => ColorType::Rgb32F,
            (Output::Floats, Some(_)) => ColorType::Rgba32F,
            (Output::WideGrey, _) => ColorType::L8,
        }
    }

    pub(super) fn decoder_bytes(&self) -> u64 {
        let layout = self.layout;
        let rows = u64::from(layout.chunks.height);
        let jpeg = match layout.compression {
            Compression::OldJpeg => Some((layout.width, layout.height)),
            Compression::Jpeg => Some((layout.chunks.width, layout.chunks.height)),
            _ => None,
        };
        let chunk = match jpeg {
            // The decoder's planes, its RGB, and a copy of its file.
            Some(size) => with_blocks(size).saturating_mul(10),
            // The strip as stored may be changed before it is read.
            None => (layout.row_bytes() as u64)
                .saturating_mul(rows)
                .saturating_mul(layout.planes() as u64 + 1),
        };
        let greys = match self.output {
            Output::WideGrey => u64::from(layout.width) * u64::from(layout.height) * 4,
            _ => 0,
        };
        chunk.saturating_add(greys)
    }

    pub(super) fn read(&self, out: &mut [u8]) -> Result<Rows, Fault> {
        let layout = self.layout;
        if layout.compression == Compression::OldJpeg
            && let Some(rows) = self.read_whole_jpeg(out)
        {
            return Ok(rows);
        }
        let mut greys = match self.output {
            Output::WideGrey => vec![0_f32; out.len()],
            _ => Vec::new(),
        };
        let mut complete = layout.height;
        'rows: for down in 0..layout.down() {
            for across in 0..layout.across() {
                let there = match layout.is_jpeg() {
                    true => self.read_jpeg(across, down, out)?,
                    false => self.read_chunk(across, down, out, &mut greys)?,
                };
                let top = down * layout.chunks.height;
                let wanted = layout.chunks.height.min(layout.height - top);
                if there < wanted {
                    complete = top + there;
                    break 'rows;
                }
            }
        }
        if self.output == Output::WideGrey {
            let inverted = layout.colours == Colours::Grey { inverted: true };
            grey::to_levels(&greys, inverted, layout.sample, out);
        }
        Ok(match complete == layout.height {
            true => Rows::All,
            false => Rows::First(complete),
        })
    }

    /// Reads a strip or tile, and returns how many of its rows are there.
    fn read_chunk(
        &self,
        across: u32,
        down: u32,
        out: &mut [u8],
        greys: &mut [f32],
    ) -> Result<u32, Fault> {
        let layout = self.layout;
        let rows = layout.rows(down) as usize;
        let row_bytes = layout.row_bytes();
        let (vertical, unit_rows) = match layout.is_subsampled() {
            true => (
                usize::from(layout.subsampling[1]),
                rows.div_ceil(usize::from(layout.subsampling[1])),
            ),
            false => (1, rows),
        };
        let mut there = rows;
        let mut planes = Vec::with_capacity(layout.planes());
        for plane in 0..layout.planes() {
            let Some(data) = layout.data(self.file, (across, down, plane)) else {
                return Ok(0);
            };
            let mut bytes = vec![0; row_bytes * unit_rows];
            let found = self.decompress(data, &mut bytes);
            there = there.min(found / row_bytes.max(1) * vertical);
            let samples = if layout.planar { 1 } else { layout.samples };
            if layout.predictor != 1 {
                for row in bytes.chunks_exact_mut(row_bytes.max(1)) {
                    samples::undo_predictor(layout.predictor, row, layout.sample, samples);
                }
            }
            planes.push(bytes);
        }
        if layout.is_subsampled() {
            planes = planes
                .iter()
                .map(|units| self.expand(units, rows))
                .collect();
        }
        self.place(across, down, &planes, there.min(rows), out, greys);
        Ok(there.min(rows) as u32)
    }

    fn decompress(&self, data: &[u8], out: &mut [u8]) -> usize {
        let layout = self.layout;
        let shape = Shape {
            width: layout.chunks.width as usize,
            row_bytes: layout.row_bytes(),
        };
        if !layout.reversed_bits {
            return compression::decompress(layout.compression, data, shape, out);
        }
        let mut reversed = data.to_vec();
        compression::reverse_bits(&mut reversed);
        compression::decompress(layout.compression, &reversed, shape, out)
    }

    /// Gives every pixel of subsampled YCbCr its own colours (TIFF 6.0, section 21).
    fn expand(&self, units: &[u8], rows: usize) -> Vec<u8> {
        let layout = self.layout;
        let width = layout.chunks.width as usize;
        let [across, down] = layout.subsampling.map(usize::from);
        let unit_bytes = across * down + 2;
        let mut pixels = vec![0; width * rows * 3];
        for (at, unit) in units.chunks_exact(unit_bytes).enumerate() {
            let columns = width.div_ceil(across);
            let (left, top) = (at % columns * across, at / columns * down);
            for (index, &y) in unit[..across * down].iter().enumerate() {
                let (x, row) = (left + index % across, top + index / across);
                if x < width && row < rows {
                    let pixel = (row * width + x) * 3;
                    let (cb, cr) = (unit[unit_bytes - 2], unit[unit_bytes - 1]);
                    pixels[pixel..pixel + 3].copy_from_slice(&[y, cb, cr]);
                }
            }
        }
        pixels
    }

    /// Puts rows of a strip or tile where they belong.
    fn place(
        &self,
        across: u32,
        down: u32,
        planes: &[Vec<u8>],
        rows: usize,
        out: &mut [u8],
        greys: &mut [f32],
    ) {
        let layout = self.layout;
        let row_bytes = match layout.is_subsampled() {
            true => layout.chunks.width as usize * 3,
            false => layout.row_bytes(),
        };
        let width = layout.width as usize;
        let left = across as usize * layout.chunks.width as usize;
        let columns = (width - left).min(layout.chunks.width as usize);
        let pixel_bytes = usize::from(self.colour().bytes_per_pixel());
        let top = down as usize * layout.chunks.height as usize;
        let shown = rows.min((layout.height as usize).saturating_sub(top));
        for row in 0..shown {
            let parts: Vec<&[u8]> = planes
                .iter()
                .map(|plane| &plane[row * row_bytes..(row + 1) * row_bytes])
                .collect();
            let at = (top + row) * width + left;
            if self.output == Output::WideGrey {
                let greys = &mut greys[at..at + columns];
                let samples = if layout.planar { 1 } else { layout.samples };
                for (x, grey) in greys.iter_mut().enumerate() {
                    *grey = layout.sample.value(parts[0], x * samples);
                }
                continue;
            }
            let out = &mut out[at * pixel_bytes..(at + columns) * pixel_bytes];
            match self.output {
                Output::Floats => self.place_floats(&parts, out, pixel_bytes / 4),
                _ => self.place_levels(&parts, out, pixel_bytes),
            }
        }
    }

    fn place_floats(&self, parts: &[&[u8]], out: &mut [u8], samples: usize) {
        for (x, pixel) in out.chunks_exact_mut(samples * 4).enumerate() {
            for (index, sample) in pixel.chunks_exact_mut(4).enumerate() {
                let (part, index) = self.part(parts, x, index);
                let value = self.layout.sample.value(part, index);
                sample.copy_from_slice(&value.to_ne_bytes());
            }
        }
    }

    fn place_levels(&self, parts: &[&[u8]], out: &mut [u8], pixel_bytes: usize) {
        let layout = self.layout;
        let colours = layout.colours.samples();
        let plain = layout.sample.bits == 8 && !layout.planar && layout.samples == 3;
        if plain && layout.colours == Colours::Rgb && pixel_bytes == 3 {
            let length = out.len().min(parts[0].len());
            out[..length].copy_from_slice(&parts[0][..length]);
            return;
        }
        let is_palette = matches!(layout.colours, Colours::Palette(_));
        let mut levels = [0; 4];
        for (x, pixel) in out.chunks_exact_mut(pixel_bytes).enumerate() {
            for (sample, level) in levels.iter_mut().enumerate().take(colours) {
                let (part, index) = self.part(parts, x, sample);
                *level = match is_palette {
                    true => layout.sample.raw(part, index).min(255) as u8,
                    false => layout.sample.level(part, index),
                };
            }
            pixel[..3].copy_from_slice(&layout.colours.rgb(&levels[..colours]));
            if let (Some(sample), [_, _, _, opacity]) = (self.opacity, pixel) {
                let (part, index) = self.part(parts, x, sample);
                *opacity = layout.sample.level(part, index);
            }
        }
    }

    /// The row and the place in it of a sample.
    fn part<'r>(&self, parts: &[&'r [u8]], x: usize, sample: usize) -> (&'r [u8], usize) {
        match self.layout.planar {
            true => (parts.get(sample).copied().unwrap_or_default(), x),
            false => (
                parts.first().copied().unwrap_or_default(),
                x * self.layout.samples + sample,
            ),
        }
    }

    /// Reads a strip or tile that is a JPEG, and returns how many of its rows are there.
    fn read_jpeg(&self, across: u32, down: u32, out: &mut [u8]) -> Result<u32, Fault> {
        let layout = self.layout;
        // The decoder makes RGB of four inks, and takes them as inverted.
        let readable = matches!(layout.samples, 1 | 3) && !layout.planar;
        if !readable || layout.sample.bits != 8 {
            return Err(Fault::Unsupported {
                format: "TIFF with a JPEG of this kind".to_owned(),
            });
        }
        let Some(data) = layout.data(self.file, (across, down, 0)) else {
            return Ok(0);
        };
        let size = (layout.chunks.width, layout.rows(down));
        let components = if layout.samples >= 3 { 3 } else { 1 };
        let file = match (layout.compression, &layout.colours) {
            (Compression::OldJpeg, _) => {
                let subsampling = layout.subsampling;
                jpeg::old_file(
                    self.file,
                    self.directory,
                    data,
                    size,
                    subsampling,
                    components,
                )
                .ok_or_else(|| Fault::damaged("the tables of its JPEG are missing"))?
            }
            (_, Colours::YCbCr(_)) => jpeg::file(self.directory, data, jpeg::Stored::YCbCr),
            _ => jpeg::file(self.directory, data, jpeg::Stored::AsIs),
        };
        let decoded = jpeg::decode(&file, with_blocks(size))?;
        let left = across * layout.chunks.width;
        let top = down * layout.chunks.height;
        Ok(self.place_jpeg(&decoded, (left, top), size, out))
    }

    /// Reads a picture that is one JPEG of the old kind, wherever its strips are said to be.
    fn read_whole_jpeg(&self, out: &mut [u8]) -> Option<Rows> {
        let size = (self.layout.width, self.layout.height);
        let file = jpeg::whole_old_file(self.file, self.directory)?;
        let decoded = jpeg::decode(&file, with_blocks(size)).ok()?;
        if decoded.size.0 < size.0 || decoded.size.1 < size.1 {
            return None;
        }
        self.place_jpeg(&decoded, (0, 0), size, out);
        Some(Rows::All)
    }

    /// Puts a JPEG where it belongs, and returns how many rows it has there.
    fn place_jpeg(
        &self,
        decoded: &jpeg::Decoded,
        (left, top): (u32, u32),
        size: (u32, u32),
        out: &mut [u8],
    ) -> u32 {
        let layout = self.layout;
        let columns = (layout.width - left).min(size.0).min(decoded.size.0) as usize;
        let rows = (layout.height - top).min(size.1).min(decoded.size.1);
        let pixel_bytes = usize::from(self.colour().bytes_per_pixel());
        for row in 0..rows as usize {
            let from = &decoded.rgb[row * decoded.size.0 as usize * 3..];
            let at = (top as usize + row) * layout.width as usize + left as usize;
            let to = &mut out[at * pixel_bytes..(at + columns) * pixel_bytes];
            for (to, from) in to
                .chunks_exact_mut(pixel_bytes)
                .zip(from.as_chunks::<3>().0)
            {
                let rgb = match (layout.compression, &layout.colours) {
                    (Compression::OldJpeg, colours) => colours.rgb(from),
                    (_, colours @ Colours::Grey { .. }) => colours.rgb(&from[..1]),
                    (_, colours @ Colours::Lab { .. }) => colours.rgb(from),
                    _ => *from,
                };
                to[..3].copy_from_slice(&rgb);
                to[3..].fill(255);
            }
        }
        rows
    }
}

/// The most pixels of a JPEG of this size: blocks at its edges may be coded whole.
fn with_blocks((width, height): (u32, u32)) -> u64 {
    (u64::from(width) + 64).saturating_mul(u64::from(height) + 64)
}
