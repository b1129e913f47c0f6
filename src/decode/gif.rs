//! GIF's first frame, row by row: an incomplete file shows what is there.

use std::io::Cursor;

use image::ColorType;
use image::metadata::Orientation;

use crate::decode::colour::Alpha;
use crate::decode::error::Fault;
use crate::decode::limits::Limits;
use crate::decode::raster::{Header, Loaded, Rows, decode_into};

/// The memory that the decoder may allocate besides the picture.
const DECODER_BYTES: u64 = 8 << 20;

/// Decodes a file with GIF's signature. The canvas around the frame is transparent.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Loaded, Fault> {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    options.allow_unknown_blocks(true);
    if let Some(limit) = std::num::NonZeroU64::new(DECODER_BYTES) {
        options.set_memory_limit(gif::MemoryLimit::Bytes(limit));
    }
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(fault)?;
    let header = Header {
        width: u32::from(decoder.width()),
        height: u32::from(decoder.height()),
        colour: ColorType::Rgba8,
        alpha: Alpha::Straight,
        orientation: Orientation::NoTransforms,
        decoder_bytes: DECODER_BYTES,
    };
    decode_into(&header, limits, |samples| {
        let Some(frame) = decoder.next_frame_info().map_err(fault)? else {
            return Err(Fault::damaged("it has no frame"));
        };
        let frame = Frame {
            left: usize::from(frame.left),
            top: usize::from(frame.top),
            height: usize::from(frame.height),
            interlaced: frame.interlaced,
        };
        let mut row = vec![0; decoder.line_length()];
        let width = header.width as usize * 4;
        for (there, (y, stands_for)) in frame.rows().enumerate() {
            match decoder.fill_buffer(&mut row) {
                Ok(true) => {}
                Ok(false) => return Ok(frame.extent(there)),
                Err(error) if there == 0 => return Err(fault(error)),
                Err(_) => return Ok(frame.extent(there)),
            }
            for y in (y..y + stands_for).take_while(|&y| y < frame.height) {
                let at = (frame.top + y).saturating_mul(width);
                let Some(line) = samples.get_mut(at..at + width) else {
                    break;
                };
                let part = line.get_mut(frame.left * 4..).unwrap_or_default();
                let length = part.len().min(row.len());
                part[..length].copy_from_slice(&row[..length]);
            }
        }
        Ok(Rows::All)
    })
}

/// The position of the frame on the canvas, in pixels.
struct Frame {
    left: usize,
    top: usize,
    height: usize,
    interlaced: bool,
}

impl Frame {
    /// The rows in the file's order, each with the number of rows that it stands for until the
    /// others arrive (GIF89a, appendix E).
    fn rows(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let passes: &[(usize, usize, usize)] = match self.interlaced {
            true => &[(0, 8, 8), (4, 8, 4), (2, 4, 2), (1, 2, 1)],
            false => &[(0, 1, 1)],
        };
        let height = self.height;
        passes.iter().flat_map(move |&(first, step, stands_for)| {
            (first..height).step_by(step).map(move |y| (y, stands_for))
        })
    }

    /// How much of the canvas the first `there` rows of the file cover.
    fn extent(&self, there: usize) -> Rows {
        let rows = if self.interlaced { there * 8 } else { there };
        Rows::First((self.top + rows.min(self.height)) as u32)
    }
}

fn fault(error: gif::DecodingError) -> Fault {
    let message = error.to_string();
    match error {
        gif::DecodingError::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Fault::Truncated
        }
        _ if message.ends_with("Unexpected End of File") => Fault::Truncated,
        _ => Fault::damaged(&message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(interlaced: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        let palette: Vec<u8> = (0..=255).flat_map(|v| [v, 255 - v, v / 2]).collect();
        let mut encoder = gif::Encoder::new(&mut bytes, 32, 48, &palette).unwrap();
        // Noise, so that every row takes bytes.
        let pixels: Vec<u8> = (0..32 * 48_u32)
            .map(|i| ((i * 2_654_435) >> 7) as u8)
            .collect();
        let mut frame = gif::Frame::from_indexed_pixels(32, 48, pixels, None);
        frame.interlaced = interlaced;
        encoder.write_frame(&frame).unwrap();
        drop(encoder);
        bytes
    }

    #[test]
    fn rows_are_where_the_image_crate_puts_them() {
        for interlaced in [false, true] {
            let bytes = file(interlaced);
            let ours = decode(&bytes, &Limits::default()).unwrap();
            let theirs = image::load_from_memory(&bytes).unwrap().to_rgb8();
            assert!(ours.complete && ours.pixels.data() == theirs.as_raw().as_slice());
        }
    }

    #[test]
    fn a_cut_file_shows_the_rows_that_are_there() {
        for interlaced in [false, true] {
            let bytes = file(interlaced);
            let (mut read, mut refused) = (0, 0);
            for cut in (800..bytes.len()).step_by(13) {
                match decode(&bytes[..cut], &Limits::default()) {
                    Ok(found) => read += usize::from(!found.complete),
                    Err(fault) => {
                        refused += 1;
                        assert!(matches!(fault, Fault::Truncated), "{fault}");
                    }
                }
            }
            assert!(read > 20 && refused > 0, "{read} read, {refused} refused");
        }
    }
}
