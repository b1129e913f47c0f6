//! Decodes a file to upright RGB.

use std::io::Cursor;
use std::path::Path;

use image::metadata::Orientation;
use image::{ImageDecoder, ImageFormat, ImageReader};

use crate::core::pixels::Pixels;
use crate::decode::budget::PICTURES;
use crate::decode::colour::Alpha;
use crate::decode::error::{DecodeError, Fault};
use crate::decode::file::read_file;
use crate::decode::format::Format;
use crate::decode::jpeg::Facts;
#[cfg(feature = "jxl")]
use crate::decode::jxl;
use crate::decode::limits::{Cost, Limits};
use crate::decode::raster::{Loaded, decode_by};
use crate::decode::scaled::{Job, Missing};
#[cfg(feature = "videos")]
use crate::decode::video;
use crate::decode::{bmp, format, gif, heif, jpeg, orientation, png, raw, tiff};

/// Reads a picture of any supported format as upright 8-bit RGB.
///
/// The content determines the format, whatever the file's name. EXIF (or else XMP) orientation is
/// applied; transparency is laid over white; 16-bit samples are divided by 257; floating-point
/// colours are clamped to 0..=1 and given the sRGB curve; CMYK becomes RGB as in Pillow, without a
/// profile. Of an animation, the first frame is used; of a TIFF, the first page; of a camera's raw
/// file, the largest JPEG in it; of a video, if `limits` admit videos, the first key frame. In an
/// incomplete JPEG, PNG, GIF or TIFF with at least a third of its lines, the rest is grey.
///
/// # Errors
/// A [`DecodeError`] that names the file: it is missing, empty, not a picture, of an unsupported
/// format, truncated, damaged, or past `limits`.
pub fn load(path: &Path, limits: &Limits) -> Result<Pixels, DecodeError> {
    let bytes = read_file(path, limits)?;
    let loaded = load_bytes(path, &bytes, limits);
    loaded
        .map(|loaded| loaded.pixels)
        .map_err(|fault| DecodeError {
            path: path.to_owned(),
            fault,
        })
}

/// Like [`load`], for a file in memory called `name`.
///
/// # Errors
/// As [`load`], without the file's name.
pub(crate) fn load_whole(name: &Path, bytes: &[u8], limits: &Limits) -> Result<Pixels, Fault> {
    load_bytes(name, bytes, limits).map(|loaded| loaded.pixels)
}

/// Like [`load`], for a file in memory called `name`, for callers that then need memory in
/// proportion to the picture.
pub(super) fn load_bytes(name: &Path, bytes: &[u8], limits: &Limits) -> Result<Loaded, Fault> {
    load_stored(&stored(name, bytes, limits)?, limits)
}

/// Like [`load_bytes`], for an identified file.
pub(super) fn load_stored(stored: &Stored<'_>, limits: &Limits) -> Result<Loaded, Fault> {
    let bytes = stored.bytes;
    contained(|| match stored.format {
        Format::Jpeg | Format::Raw => decode_jpeg(stored, limits),
        Format::Png => png::decode(bytes, limits),
        Format::Gif => gif::decode(bytes, limits),
        Format::Heif => heif::decode(bytes, limits),
        #[cfg(feature = "jxl")]
        Format::Jxl => jxl::decode(bytes, limits),
        #[cfg(not(feature = "jxl"))]
        Format::Jxl => Err(Fault::Unsupported {
            format: "JPEG XL".to_owned(),
        }),
        #[cfg(feature = "videos")]
        Format::Video => video::decode(bytes, limits),
        #[cfg(not(feature = "videos"))]
        Format::Video => Err(unread_video()),
        Format::Tiff => tiff::decode(bytes, limits),
        Format::WebP => decode_as(ImageFormat::WebP, bytes, limits),
        Format::Bmp => bmp::decode(bytes, limits),
        Format::Pnm => decode_as(ImageFormat::Pnm, bytes, limits),
    })
}

/// The part of a file to decode.
pub(super) struct Stored<'a> {
    pub(crate) format: Format,
    pub(crate) bytes: &'a [u8],
    /// The orientation from the file around it, if any.
    orientation: Option<Orientation>,
}

impl Stored<'_> {
    /// The orientation of a JPEG with these facts.
    pub(super) fn orientation(&self, facts: &Facts<'_>) -> Orientation {
        self.orientation
            .unwrap_or_else(|| orientation::of_metadata(facts.exif, facts.xmp))
    }
}

/// Identifies the content, and finds the picture in a raw file.
pub(super) fn stored<'a>(
    name: &Path,
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<Stored<'a>, Fault> {
    if bytes.is_empty() {
        return Err(Fault::Empty);
    }
    let format = format::identify(bytes, name)?;
    if format == Format::Video {
        return stored_video(bytes, limits);
    }
    if format != Format::Raw {
        return Ok(Stored {
            format,
            bytes,
            orientation: None,
        });
    }
    match raw::preview(bytes) {
        Some((preview, orientation)) => Ok(Stored {
            format,
            bytes: preview,
            orientation: Some(orientation),
        }),
        None => Err(Fault::Unsupported {
            format: "camera raw without a JPEG preview".to_owned(),
        }),
    }
}

fn unread_video() -> Fault {
    Fault::Unsupported {
        format: "a video or another media container".to_owned(),
    }
}

fn stored_video<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Stored<'a>, Fault> {
    if !limits.videos {
        return Err(unread_video());
    }
    #[cfg(feature = "videos")]
    {
        let jpeg = contained(|| Ok(video::jpeg(bytes)))?;
        if let Some((bytes, orientation)) = jpeg {
            return Ok(Stored {
                format: Format::Jpeg,
                bytes,
                orientation: Some(orientation),
            });
        }
    }
    Ok(Stored {
        format: Format::Video,
        bytes,
        orientation: None,
    })
}

/// The decoder of whole pictures handles every file with an end, except those that it garbles.
fn decode_jpeg(stored: &Stored<'_>, limits: &Limits) -> Result<Loaded, Fault> {
    let bytes = stored.bytes;
    let facts = jpeg::inspect(bytes)?;
    let orientation = stored.orientation(&facts);
    if facts.ended && !facts.separate_scans {
        return decode_sound_jpeg(bytes, &facts, orientation, limits);
    }
    let own = Job::new(bytes).and_then(|job| {
        let cost = job.bytes(8)?;
        Ok((job, cost))
    });
    let Ok((job, cost)) = own else {
        return match facts.ended {
            true => decode_sound_jpeg(bytes, &facts, orientation, limits),
            false => Err(Fault::Truncated),
        };
    };
    let (width, height) = job.size();
    let cost = Cost {
        file: 0,
        samples: cost,
        decoder: 0,
        turned: orientation::swaps_sides(orientation),
    };
    let peak = limits.admit(width, height, cost)?;
    let share = PICTURES.take(peak, limits.max_bytes);
    let decoded = job.decode(8, Missing::Data).map_err(|_| Fault::Truncated)?;
    let rgb = decoded.pixels.into_data();
    let pixels = orientation::upright(width, height, rgb, orientation)
        .ok_or_else(|| Fault::damaged("the number of its samples is wrong"))?;
    let loaded = Loaded::new(pixels, decoded.complete, share);
    Ok(loaded.in_srgb(facts.profile().as_deref()))
}

fn decode_sound_jpeg(
    bytes: &[u8],
    facts: &Facts<'_>,
    orientation: Orientation,
    limits: &Limits,
) -> Result<Loaded, Fault> {
    let decoder = reader(ImageFormat::Jpeg, bytes, limits)?;
    // The decoder copies the file.
    let held = facts.coefficient_bytes + bytes.len() as u64;
    decode_by(decoder, Alpha::Straight, orientation, held, limits)
}

/// Decodes with a decoder of the image crate.
fn decode_as(format: ImageFormat, bytes: &[u8], limits: &Limits) -> Result<Loaded, Fault> {
    let mut decoder = reader(format, bytes, limits)?;
    let orientation = orientation::of_decoder(&mut decoder);
    let decoder_bytes = match format {
        // Row by row.
        ImageFormat::Pnm => 0,
        // The others decode into their own picture and copy it.
        _ => decoder.total_bytes(),
    };
    decode_by(decoder, Alpha::Straight, orientation, decoder_bytes, limits)
}

fn reader<'a>(
    format: ImageFormat,
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<impl image::ImageDecoder + 'a, Fault> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut decoder_limits = image::Limits::no_limits();
    decoder_limits.max_alloc = Some(limits.max_bytes);
    reader.limits(decoder_limits);
    reader
        .into_decoder()
        .map_err(|error| Fault::from_image(error, (0, 0), limits.max_bytes))
}

/// Runs third-party decoders. Their input is whatever is in a photo folder, and their panics must
/// become errors of one photo.
pub(super) fn contained<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    crate::core::panics::contained(work).unwrap_or_else(|reason| Err(Fault::Panic { reason }))
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::panics::contains_panics;

    #[test]
    fn a_panic_hook_can_tell_what_is_contained() {
        assert!(!contains_panics());
        let inside = contained(|| {
            // Leaving a nested call does not leave the outer one.
            let _ = contained::<()>(|| panic!("a decoder's, as tested"));
            Ok(contains_panics())
        });
        assert!(inside.unwrap());
        assert!(!contains_panics());
    }

    #[test]
    fn a_panicking_decoder_is_an_error() {
        let fault = contained::<()>(|| panic!("index {} out of range", 7)).unwrap_err();
        assert!(fault.to_string().contains("index 7 out of range"));
        let fault = contained::<()>(|| panic!("oops")).unwrap_err();
        assert!(fault.to_string().contains("oops"));
    }

    #[test]
    fn files_that_are_no_pictures() {
        let dir = tempfile::tempdir().unwrap();
        let limits = Limits::default();
        let write = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            load(&path, &limits).unwrap_err().fault
        };
        assert!(matches!(write("zero.jpg", b""), Fault::Empty));
        assert!(matches!(write("text.jpg", b"hello"), Fault::Unknown));
        let folder = load(dir.path(), &limits).unwrap_err();
        assert!(matches!(folder.fault, Fault::NotAFile));
        let absent = load(&dir.path().join("absent.png"), &limits).unwrap_err();
        assert!(matches!(absent.fault, Fault::NotFound));
        assert!(absent.to_string().contains("absent.png"));
        let small = Limits {
            max_file_bytes: 4,
            ..limits
        };
        let large = load(&dir.path().join("text.jpg"), &small).unwrap_err();
        assert!(matches!(
            large.fault,
            Fault::FileTooLarge { bytes: 5, limit: 4 }
        ));
    }
}
