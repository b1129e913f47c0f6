//! TIFF (6.0, with its supplements) and BigTIFF: the first picture.
//!
//! `directory` reads tags, `layout` what they say of the picture, `compression`, `ccitt` and `jpeg`
//! undo what packs a strip or a tile, `samples` unpacks numbers, `colours` and
//! `grey` make them RGB, and `reader` puts all of it together.

mod ccitt;
mod colours;
mod compression;
mod directory;
mod grey;
mod jpeg;
mod layout;
mod reader;
mod samples;

use image::metadata::Orientation;

use crate::decode::colour::Alpha;
use crate::decode::error::Fault;
use crate::decode::limits::Limits;
use crate::decode::raster::{Header, Loaded, decode_into};
use crate::decode::tiff::directory::Directory;
use crate::decode::tiff::layout::Layout;
use crate::decode::tiff::reader::{Output, Reader};

const ORIENTATION: u16 = 274;
/// ICC.1, annex B.3.
const ICC_PROFILE: u16 = 34675;

/// Decodes a file with TIFF's signature.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Loaded, Fault> {
    let directory = Directory::first(bytes);
    let directory = directory.ok_or_else(|| Fault::damaged("it has no directory"))?;
    let layout = Layout::of(&directory, bytes.len())?;
    limits.admit_size(layout.width, layout.height)?;
    let orientation = directory
        .number(ORIENTATION)
        .and_then(|n| u8::try_from(n).ok());
    let orientation = orientation.and_then(Orientation::from_exif);
    let opacity = layout.opacity(&directory);
    let reader = Reader {
        file: bytes,
        directory: &directory,
        opacity: opacity.map(|(sample, _)| sample),
        output: Output::of(&layout),
        layout: &layout,
    };
    let header = Header {
        width: layout.width,
        height: layout.height,
        colour: reader.colour(),
        alpha: match opacity {
            Some((_, true)) => Alpha::Associated,
            _ => Alpha::Straight,
        },
        orientation: orientation.unwrap_or(Orientation::NoTransforms),
        decoder_bytes: reader.decoder_bytes(),
    };
    let profile = directory.get(ICC_PROFILE).map(|profile| profile.bytes());
    let profile = profile.filter(|_| layout.colours.is_rgb());
    let loaded = decode_into(&header, limits, |samples| reader.read(samples))?;
    Ok(loaded.in_srgb(profile))
}

#[cfg(test)]
mod jpeg_tests;
#[cfg(test)]
mod tests;
