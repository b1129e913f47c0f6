//! Videos: their first key frame, as a poster.
//!
//! The container is read here (`track`) rather than by a crate: re_mp4 reserves memory for as many
//! entries as a table claims to have. H.265 and AV1 are decoded as in HEIC and AVIF, H.264 by
//! `rust_h264`, and Motion JPEG like any JPEG.

mod boxes;
mod fragments;
mod h264;
#[cfg(feature = "heic")]
mod h265;
mod track;

use heifer::color::{ColorParams, frame_to_rgba_sized};
use heifer::heifer_hevc_dec::recon::Frame;
use image::ColorType;
use image::metadata::Orientation;

use crate::decode::budget::PICTURES;
use crate::decode::colour::{self, Alpha};
use crate::decode::error::Fault;
#[cfg(feature = "avif")]
use crate::decode::heif::av1;
use crate::decode::heif::{HDR_TRANSFERS, P3_PRIMARIES, chroma};
use crate::decode::limits::{Cost, Limits};
use crate::decode::raster::Loaded;
use crate::decode::video::track::KeyFrame;
use crate::decode::{icc, orientation};

/// Bytes per pixel that decoding takes besides the RGBA result: the decoder's frames with the motion
/// and the macroblocks of each, twice while slices are put together, and the planes.
const DECODER_BYTES: u64 = 18;
/// The sides of coded pictures are multiples of this.
const BLOCK: u64 = 64;
/// H.273: no matrix is given.
const UNSPECIFIED: u16 = 2;
/// H.273: the matrices of BT.709, for high definition, and of BT.601.
const HIGH_DEFINITION: u16 = 1;
const STANDARD_DEFINITION: u16 = 6;
/// Lines from which a picture is of high definition.
const HIGH_DEFINITION_LINES: u32 = 720;

/// Codecs whose key frame is a JPEG file.
const JPEG_CODECS: [&[u8; 4]; 2] = [b"jpeg", b"mjpa"];

/// A video's key frame that is a JPEG file, with the container's orientation.
pub(super) fn jpeg(bytes: &[u8]) -> Option<(&[u8], Orientation)> {
    let frame = track::key_frames(bytes).next()?;
    let is_jpeg = JPEG_CODECS.contains(&&frame.codec);
    is_jpeg.then_some((frame.sample, frame.orientation))
}

/// Decodes the first key frame.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Loaded, Fault> {
    let frame = track::key_frames(bytes).next();
    let frame = frame.ok_or_else(|| Fault::damaged("it has no picture that can be found"))?;
    let (width, height) = frame.size;
    limits.admit_size(width, height)?;
    // Blocks beyond the visible picture count too.
    let blocks = |side: u32| u64::from(side).next_multiple_of(BLOCK);
    let most_pixels = blocks(width) * blocks(height);
    let cost = Cost {
        file: 0,
        samples: most_pixels * 4,
        decoder: most_pixels * DECODER_BYTES,
        turned: orientation::swaps_sides(frame.orientation),
    };
    let peak = limits.admit(width, height, cost)?;
    let share = PICTURES.take(peak, limits.max_bytes);
    let decoded = match &frame.codec {
        b"avc1" | b"avc2" | b"avc3" => h264::decode(&frame, most_pixels)?,
        #[cfg(feature = "heic")]
        b"hvc1" | b"hev1" => h265::decode(&frame, most_pixels)?,
        #[cfg(feature = "avif")]
        b"av01" => {
            // The configuration has four bytes before its units.
            let units = frame.configuration.get(4..).unwrap_or_default();
            av1::decode([units, frame.sample].concat(), most_pixels)?
        }
        codec => {
            return Err(Fault::Unsupported {
                format: format!("a video with the codec {}", codec.escape_ascii()),
            });
        }
    };
    let decoded = chroma::at_every_pixel(decoded);
    let (rgb, (width, height)) = to_rgb(&frame, &decoded)?;
    let pixels = orientation::upright(width, height, rgb, frame.orientation)
        .ok_or_else(|| Fault::damaged("the number of its samples is wrong"))?;
    Ok(Loaded::new(pixels, true, share))
}

fn to_rgb(frame: &KeyFrame<'_>, decoded: &Frame) -> Result<(Vec<u8>, (u32, u32)), Fault> {
    let mut parameters = ColorParams::from_frame(decoded);
    if let Some(colours) = frame.colours {
        parameters.matrix = colours.matrix;
        parameters.full_range = colours.full_range.unwrap_or(parameters.full_range);
    }
    if parameters.matrix == UNSPECIFIED {
        parameters.matrix = match frame.size.1 < HIGH_DEFINITION_LINES {
            true => STANDARD_DEFINITION,
            false => HIGH_DEFINITION,
        };
    }
    let image = frame_to_rgba_sized::<u8>(decoded, parameters, frame.size.0, frame.size.1);
    let mut rgb = colour::to_rgb(image.data, ColorType::Rgba8, Alpha::Straight)?;
    let is_p3 = |colours: track::Colours| {
        colours.primaries == P3_PRIMARIES && !HDR_TRANSFERS.contains(&colours.transfer)
    };
    if frame.colours.is_some_and(is_p3) {
        icc::display_p3_to_srgb(&mut rgb);
    }
    Ok((rgb, (image.width, image.height)))
}

#[cfg(test)]
#[cfg(feature = "heic")]
mod tests;
