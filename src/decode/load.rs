//! A file to upright RGB.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read, Seek};
use std::path::Path;

use image::{ImageDecoder, ImageFormat, ImageReader};

use crate::core::pixels::Pixels;
use crate::decode::budget::{BUDGET, Share};
use crate::decode::colour::Alpha;
use crate::decode::error::{DecodeError, Fault};
use crate::decode::limits::{Cost, Limits};
use crate::decode::{colour, format, jpeg, orientation, tiff};

/// A picture, and the memory set aside for it.
pub(super) struct Loaded {
    pub pixels: Pixels,
    _share: Share<'static>,
}

/// Reads a picture of any supported format as upright 8-bit RGB.
///
/// The format is told by the content, whatever the file is called. EXIF (or else XMP) orientation
/// is applied; transparency is laid over white; 16-bit samples are scaled by 257; floating-point
/// samples are clamped to 0..=1 and given the sRGB curve; CMYK becomes RGB as in Pillow, without a
/// profile; of an animation, the first frame is taken.
///
/// # Errors
/// A [`DecodeError`] that names the file: it is missing, empty, not a picture, of an unsupported
/// format, truncated, damaged, or past `limits`.
pub fn load(path: &Path, limits: &Limits) -> Result<Pixels, DecodeError> {
    load_within_budget(path, limits).map(|loaded| loaded.pixels)
}

/// As [`load`], for those who go on to need memory in proportion to the picture.
pub(super) fn load_within_budget(path: &Path, limits: &Limits) -> Result<Loaded, DecodeError> {
    open(path, limits)
        .and_then(|file| contained(|| read(file, path, limits)))
        .map_err(|fault| DecodeError {
            path: path.to_owned(),
            fault,
        })
}

fn open(path: &Path, limits: &Limits) -> Result<File, Fault> {
    // Before opening: opening a pipe would wait for somebody to write to it.
    let metadata = std::fs::metadata(path).map_err(Fault::from_io)?;
    if !metadata.is_file() {
        return Err(Fault::NotAFile);
    }
    if metadata.len() == 0 {
        return Err(Fault::Empty);
    }
    if metadata.len() > limits.max_file_bytes {
        return Err(Fault::FileTooLarge {
            bytes: metadata.len(),
            limit: limits.max_file_bytes,
        });
    }
    File::open(path).map_err(Fault::from_io)
}

/// The file's bytes, for [`prepare_photo`](crate::decode::prepare_photo).
///
/// # Errors
/// A [`DecodeError`] that names the file: it is missing, not a file, empty, or larger than
/// [`Limits::max_file_bytes`]; or reading it failed.
pub fn read_file(path: &Path, limits: &Limits) -> Result<Vec<u8>, DecodeError> {
    let bytes = open(path, limits).and_then(|file| all_bytes(file, limits));
    bytes.map_err(|fault| DecodeError {
        path: path.to_owned(),
        fault,
    })
}

/// As [`read_file`], where the file is a JPEG by its first bytes.
pub(super) fn read_jpeg(path: &Path, limits: &Limits) -> Result<Option<Vec<u8>>, DecodeError> {
    let bytes = open(path, limits).and_then(|file| {
        let mut reader = BufReader::new(file);
        let head = reader.fill_buf().map_err(Fault::from_io)?;
        let is_jpeg = head.starts_with(&[0xFF, 0xD8, 0xFF]);
        is_jpeg.then(|| all_bytes(reader, limits)).transpose()
    });
    bytes.map_err(|fault| DecodeError {
        path: path.to_owned(),
        fault,
    })
}

/// No more than the limit, even of a file that grows.
fn all_bytes(reader: impl Read, limits: &Limits) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    reader
        .take(limits.max_file_bytes)
        .read_to_end(&mut bytes)
        .map_err(Fault::from_io)?;
    Ok(bytes)
}

/// As [`load_within_budget`], of a file that is in memory already and is called `name`.
pub(super) fn load_bytes(name: &Path, bytes: &[u8], limits: &Limits) -> Result<Loaded, Fault> {
    contained(|| match format::identify(bytes, name)? {
        ImageFormat::Jpeg => decode_jpeg(bytes, limits),
        _ => read(Cursor::new(bytes), name, limits),
    })
}

fn read(file: impl Read + Seek, path: &Path, limits: &Limits) -> Result<Loaded, Fault> {
    let mut reader = BufReader::new(file);
    let head = reader.fill_buf().map_err(Fault::from_io)?;
    let format = format::identify(head, path)?;
    let mut kind = Kind {
        format,
        alpha: Alpha::Straight,
        held: Held::default(),
    };
    match format {
        ImageFormat::Jpeg => {
            // Its decoder wants it whole, and so does the look at its markers.
            decode_jpeg(&all_bytes(reader, limits)?, limits)
        }
        ImageFormat::Tiff => {
            kind.alpha = tiff::alpha(&mut reader);
            reader.rewind().map_err(Fault::from_io)?;
            decode(reader, kind, limits)
        }
        // OpenEXR's technical introduction: colours are multiplied by alpha.
        ImageFormat::OpenExr => {
            kind.alpha = Alpha::Associated;
            decode(reader, kind, limits)
        }
        _ => decode(reader, kind, limits),
    }
}

fn decode_jpeg(bytes: &[u8], limits: &Limits) -> Result<Loaded, Fault> {
    let kind = Kind {
        format: ImageFormat::Jpeg,
        alpha: Alpha::Straight,
        held: Held {
            // Ours, and the decoder's copy.
            file: bytes.len() as u64 * 2,
            coefficients: jpeg::inspect(bytes)?.coefficient_bytes,
        },
    };
    decode(Cursor::new(bytes), kind, limits)
}

/// What is known of a file before its decoder sees it.
struct Kind {
    format: ImageFormat,
    alpha: Alpha,
    held: Held,
}

/// Bytes that only a JPEG takes.
#[derive(Default)]
struct Held {
    file: u64,
    coefficients: u64,
}

/// Runs other people's decoders. Their input is whatever lies in a photo folder, and for some
/// files they panic, where one photo's error is all that should come of it.
pub(super) fn contained<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    crate::core::panics::contained(work).unwrap_or_else(|reason| Err(Fault::Panic { reason }))
}

fn decode(input: impl BufRead + Seek, kind: Kind, limits: &Limits) -> Result<Loaded, Fault> {
    let Kind {
        format,
        alpha,
        held,
    } = kind;
    let mut reader = ImageReader::with_format(input, format);
    let mut decoder_limits = image::Limits::no_limits();
    decoder_limits.max_alloc = Some(limits.max_bytes);
    reader.limits(decoder_limits);
    let mut decoder = reader
        .into_decoder()
        .map_err(|error| Fault::from_image(error, (0, 0), limits.max_bytes))?;

    let (width, height) = decoder.dimensions();
    let samples = decoder.total_bytes();
    let orientation = orientation::orientation(&mut decoder, format);
    let cost = Cost {
        file: held.file,
        samples,
        decoder: match format {
            ImageFormat::Jpeg => held.coefficients,
            // Row by row.
            ImageFormat::Png | ImageFormat::Bmp | ImageFormat::Pnm | ImageFormat::Qoi => 0,
            // The others decode into a picture of their own and copy it.
            _ => samples,
        },
        turned: orientation::swaps_sides(orientation),
    };
    let peak = limits.admit(width, height, cost)?;
    let share = BUDGET.take(peak, limits.max_bytes);

    let mut buffer = Vec::new();
    let length = usize::try_from(samples).unwrap_or(usize::MAX);
    if buffer.try_reserve_exact(length).is_err() {
        return Err(Fault::TooMuchMemory {
            width,
            height,
            limit: limits.max_bytes,
        });
    }
    buffer.resize(length, 0);
    let colour = decoder.color_type();
    decoder
        .read_image(&mut buffer)
        .map_err(|error| Fault::from_image(error, (width, height), limits.max_bytes))?;
    let rgb = colour::to_rgb(buffer, colour, alpha)?;
    let pixels = orientation::upright(width, height, rgb, orientation)
        .ok_or_else(|| Fault::damaged("the number of its samples is wrong"))?;
    Ok(Loaded {
        pixels,
        _share: share,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::panics::contains_panics;

    #[test]
    fn a_panic_hook_can_tell_what_is_contained() {
        assert!(!contains_panics());
        let inside = contained(|| {
            // One within another: leaving it is not leaving both.
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
