//! Prepares a photo's bytes for the encoder and for display.

use std::path::Path;

use image::codecs::jpeg::JpegEncoder;

use crate::core::encoder::Preprocessing;
use crate::core::pixels::Pixels;
use crate::decode::budget::PICTURES;
use crate::decode::error::{DecodeError, Fault};
use crate::decode::file::read_file;
use crate::decode::format::Format;
use crate::decode::jpeg::Facts;
use crate::decode::limits::Limits;
use crate::decode::load::Stored;
use crate::decode::scaled::{Job, Missing};
use crate::decode::view::View;
use crate::decode::{fit, heif, icc, jpeg, load};

/// The detail that a scaled decode keeps: twice the encoder's input, on the shorter side.
const OVERSAMPLING: u32 = 2;
/// JPEG quality of thumbnails, of 100.
const THUMBNAIL_QUALITY: u8 = 82;

/// The wanted results.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The encoder's preprocessing.
    pub preprocessing: &'a Preprocessing,
    /// The longer side of a thumbnail in pixels; `None` for no thumbnail.
    pub thumbnail_edge: Option<u32>,
    /// Whether the picture may be decoded at a fraction of its size.
    pub scaling: Scaling,
}

/// Whether a picture may be decoded at a fraction of its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// If the format allows it (JPEG), and at least twice the encoder's input and all of the
    /// thumbnail remain.
    Allowed,
    /// Every pixel is decoded.
    Never,
}

/// A photo, ready for the encoder and for display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The encoder's square: `size`×`size` pixels.
    pub square: Pixels,
    /// The whole picture, upright; its longer side is [`Wanted::thumbnail_edge`], or its own if
    /// that is smaller.
    pub(crate) thumbnail: Option<Pixels>,
    /// Width of the whole picture, upright, in pixels.
    pub(crate) width: u32,
    /// Height of the whole picture, upright, in pixels.
    pub(crate) height: u32,
    /// Whether the file was complete; missing parts are grey.
    pub(crate) complete: bool,
}

/// Prepares a file in memory.
///
/// `name` names the file in errors.
///
/// # Errors
/// As [`load`](crate::decode::load()).
pub fn prepare_photo(
    name: &Path,
    bytes: &[u8],
    wanted: &Wanted<'_>,
    limits: &Limits,
) -> Result<Prepared, DecodeError> {
    judge(name, bytes, wanted, limits).map_err(|fault| DecodeError {
        path: name.to_owned(),
        fault,
    })
}

/// [`load`](crate::decode::load()), then [`fit`](crate::decode::fit()): the file's picture for the
/// encoder.
///
/// # Errors
/// As [`load`](crate::decode::load()).
pub fn prepare(
    path: &Path,
    preprocessing: &Preprocessing,
    limits: &Limits,
) -> Result<Pixels, DecodeError> {
    let bytes = read_file(path, limits)?;
    prepare_bytes(path, &bytes, preprocessing, limits)
}

/// Like [`prepare`], for a file in memory called `name`.
///
/// # Errors
/// As [`load`](crate::decode::load()).
pub(crate) fn prepare_bytes(
    name: &Path,
    bytes: &[u8],
    preprocessing: &Preprocessing,
    limits: &Limits,
) -> Result<Pixels, DecodeError> {
    let wanted = Wanted {
        preprocessing,
        thumbnail_edge: None,
        scaling: Scaling::Allowed,
    };
    prepare_photo(name, bytes, &wanted, limits).map(|prepared| prepared.square)
}

/// Encodes the thumbnail as a JPEG file; `None` for a picture without pixels, or too large for
/// JPEG.
pub(crate) fn encode_thumbnail(thumbnail: &Pixels) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, THUMBNAIL_QUALITY)
        .encode(
            thumbnail.data(),
            thumbnail.width(),
            thumbnail.height(),
            image::ExtendedColorType::Rgb8,
        )
        .ok()?;
    Some(bytes)
}

fn judge(
    name: &Path,
    bytes: &[u8],
    wanted: &Wanted<'_>,
    limits: &Limits,
) -> Result<Prepared, Fault> {
    let stored = load::stored(name, bytes, limits)?;
    if wanted.scaling == Scaling::Allowed && matches!(stored.format, Format::Jpeg | Format::Raw) {
        let facts = jpeg::inspect(stored.bytes)?;
        // If scaled decoding fails for any reason, even a panic, the decoder of whole pictures
        // judges the file.
        let scaled = load::contained(|| Ok(scaled(&stored, &facts, wanted, limits)));
        if let Ok(Some(prepared)) = scaled {
            return Ok(prepared);
        }
    }
    if stored.format == Format::Heif
        && wanted.scaling == Scaling::Allowed
        && let Ok(Some(prepared)) = load::contained(|| Ok(of_thumbnail(bytes, wanted)))
    {
        return Ok(prepared);
    }
    // The memory is reserved until the full-size picture is dropped.
    let loaded = load::load_stored(&stored, limits)?;
    let view = View::of_whole(&loaded.pixels);
    Ok(Prepared {
        square: fit(&loaded.pixels, wanted.preprocessing),
        thumbnail: wanted.thumbnail_edge.and_then(|edge| view.thumbnail(edge)),
        width: loaded.pixels.width(),
        height: loaded.pixels.height(),
        complete: loaded.complete,
    })
}

/// Uses a phone's embedded thumbnail if it is large enough for the encoder and has half the wanted
/// thumbnail's edge at least, so that it is not visibly soft. Decoding the picture would take a
/// hundred times as long.
fn of_thumbnail(bytes: &[u8], wanted: &Wanted<'_>) -> Option<Prepared> {
    let (pixels, (width, height)) = heif::thumbnail(bytes, wanted.preprocessing.size)?;
    let wanted_edge = wanted.thumbnail_edge.unwrap_or(0).min(width.max(height));
    if pixels.width().max(pixels.height()) < wanted_edge / 2 {
        return None;
    }
    let view = View::of_whole(&pixels);
    Some(Prepared {
        square: fit(&pixels, wanted.preprocessing),
        thumbnail: wanted.thumbnail_edge.and_then(|edge| view.thumbnail(edge)),
        width,
        height,
        complete: true,
    })
}

/// `None` if the picture must be decoded whole.
fn scaled(
    stored: &Stored<'_>,
    facts: &Facts<'_>,
    wanted: &Wanted<'_>,
    limits: &Limits,
) -> Option<Prepared> {
    let job = Job::new(stored.bytes).ok()?;
    let (width, height) = job.size();
    let eighths = eighths(width, height, wanted)?;
    limits.admit_scaled(width, height).ok()?;
    let peak = job.bytes(eighths).ok()?;
    if peak > limits.max_bytes {
        return None;
    }
    let share = PICTURES.take(peak, limits.max_bytes);
    let allowed = match facts.ended {
        true => Missing::Nothing,
        false => Missing::Data,
    };
    let mut decoded = job.decode(eighths, allowed).ok()?;
    if let Some(profile) = facts.profile() {
        icc::to_srgb(decoded.pixels.data_mut(), &profile);
    }
    let view = View {
        pixels: &decoded.pixels,
        width,
        height,
        eighths,
        orientation: stored.orientation(facts),
    };
    let (width, height) = view.upright_size();
    let thumbnail = match wanted.thumbnail_edge {
        Some(edge) => Some(view.thumbnail(edge)?),
        None => None,
    };
    let square = view.square(wanted.preprocessing)?;
    drop(share);
    Some(Prepared {
        square,
        thumbnail,
        width,
        height,
        complete: decoded.complete,
    })
}

/// The smallest sufficient scale, less than the whole.
fn eighths(width: u32, height: u32, wanted: &Wanted<'_>) -> Option<u32> {
    let (shorter, longer) = (width.min(height), width.max(height));
    let square = wanted.preprocessing.size.checked_mul(OVERSAMPLING)?;
    let thumbnail = wanted.thumbnail_edge.unwrap_or(0).min(longer);
    [1, 2, 4].into_iter().find(|&eighths| {
        let scaled = |side: u32| (u64::from(side) * u64::from(eighths) / 8) as u32;
        scaled(shorter) >= square && scaled(longer) >= thumbnail
    })
}

#[cfg(test)]
mod tests;
