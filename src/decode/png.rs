//! PNG, row by row: an incomplete file shows what is there.
//!
//! Metadata is searched in all chunks, because programs that turn a photo put EXIF after the
//! pixels.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use image::ColorType;
use image::metadata::Orientation;

use crate::decode::colour::Alpha;
use crate::decode::error::Fault;
use crate::decode::limits::Limits;
use crate::decode::orientation;
use crate::decode::raster::{Header, Loaded, Rows, decode_into};

/// The memory that the decoder may allocate before there is a picture: for profiles, texts, and its
/// own buffers.
const HEADER_BYTES: usize = 8 << 20;
/// Metadata that inflates to more is ignored.
const METADATA_BYTES: u64 = 1 << 20;

/// Decodes a file with PNG's signature.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Loaded, Fault> {
    let allowed = png::Limits {
        bytes: HEADER_BYTES,
    };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), allowed);
    decoder.set_transformations(png::Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    let info = decoder.read_header_info().map_err(fault)?;
    let (width, height) = (info.width, info.height);
    limits.admit_size(width, height)?;
    let mut reader = decoder.read_info().map_err(fault)?;
    let (colour, bits) = reader.output_color_type();
    let colour = match (colour, bits) {
        (png::ColorType::Grayscale, png::BitDepth::Eight) => ColorType::L8,
        (png::ColorType::Grayscale, png::BitDepth::Sixteen) => ColorType::L16,
        (png::ColorType::GrayscaleAlpha, png::BitDepth::Eight) => ColorType::La8,
        (png::ColorType::GrayscaleAlpha, png::BitDepth::Sixteen) => ColorType::La16,
        (png::ColorType::Rgb, png::BitDepth::Eight) => ColorType::Rgb8,
        (png::ColorType::Rgb, png::BitDepth::Sixteen) => ColorType::Rgb16,
        (png::ColorType::Rgba, png::BitDepth::Eight) => ColorType::Rgba8,
        (png::ColorType::Rgba, png::BitDepth::Sixteen) => ColorType::Rgba16,
        _ => return Err(Fault::damaged("its colours are of an unknown kind")),
    };
    let header = Header {
        width,
        height,
        colour,
        alpha: Alpha::Straight,
        orientation: metadata(bytes),
        decoder_bytes: HEADER_BYTES as u64,
    };
    let profile = match colour.has_color() {
        true => reader.info().icc_profile.clone(),
        false => None,
    };
    let loaded = decode_into(&header, limits, |samples| {
        let rows = read_rows(&mut reader, &header, samples)?;
        if matches!(
            colour,
            ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16
        ) {
            for sample in samples.as_chunks_mut::<2>().0 {
                *sample = u16::from_be_bytes(*sample).to_ne_bytes();
            }
        }
        Ok(rows)
    })?;
    Ok(loaded.in_srgb(profile.as_deref()))
}

/// Reads the rows up to the first error, which counts only if there are too few.
fn read_rows(
    reader: &mut png::Reader<Cursor<&[u8]>>,
    header: &Header,
    samples: &mut [u8],
) -> Result<Rows, Fault> {
    let pixel = usize::from(header.colour.bytes_per_pixel());
    let stride = header.width as usize * pixel;
    let mut rows = 0_u32;
    loop {
        let row = match reader.next_interlaced_row() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(Rows::All),
            Err(error) => {
                return match rows {
                    0 => Err(fault(error)),
                    _ => Ok(Rows::First(rows.min(header.height))),
                };
            }
        };
        match row.interlace() {
            png::InterlaceInfo::Null(_) => {
                let at = rows as usize * stride;
                let (Some(out), Some(row)) =
                    (samples.get_mut(at..at + stride), row.data().get(..stride))
                else {
                    return Err(Fault::damaged("it has more rows than its header says"));
                };
                out.copy_from_slice(row);
                rows += 1;
            }
            // The first pass has every eighth row. What later passes lack stays coarse.
            png::InterlaceInfo::Adam7(info) => {
                png::splat_interlaced_row(samples, stride, row.data(), info, 8 * pixel as u8);
                rows = rows.saturating_add(8);
            }
        }
    }
}

fn fault(error: png::DecodingError) -> Fault {
    match error {
        png::DecodingError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Fault::Truncated
        }
        other => Fault::damaged(&other.to_string()),
    }
}

/// The orientation in any of the chunks: `eXIf` first, then ImageMagick's raw profiles, then XMP.
pub(super) fn metadata(bytes: &[u8]) -> Orientation {
    let (mut exif, mut raw, mut xmp) = (None, None, None);
    for (kind, data) in chunks(bytes) {
        match kind {
            b"eXIf" => exif = exif.or(Some(data)),
            b"iTXt" | b"zTXt" | b"tEXt" => match text(kind, data) {
                Some((b"XML:com.adobe.xmp", text)) => xmp = xmp.or(Some(text)),
                Some((b"Raw profile type exif" | b"Raw profile type APP1", text)) => {
                    raw = raw.or_else(|| raw_profile(&text));
                }
                _ => {}
            },
            _ => {}
        }
    }
    let found = exif.and_then(orientation::of_exif);
    let found = found.or_else(|| orientation::of_exif(raw.as_deref()?));
    found.unwrap_or_else(|| orientation::of_metadata(None, xmp.as_deref()))
}

/// The type and content of each chunk, up to the first invalid one.
pub(super) fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = bytes.get(8..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (kind, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (data, after) = after.split_at_checked(length)?;
        // The checksum.
        rest = after.get(4..).unwrap_or_default();
        Some((kind, data))
    })
}

/// Keyword and text of a textual chunk (PNG 3rd edition, 11.3.3), if the keyword is relevant.
fn text<'a>(kind: &[u8; 4], data: &'a [u8]) -> Option<(&'a [u8], Cow<'a, [u8]>)> {
    let end = memchr::memchr(0, data.get(..80.min(data.len()))?)?;
    let (keyword, rest) = (&data[..end], &data[end + 1..]);
    if !(keyword.starts_with(b"Raw profile type ") || keyword == b"XML:com.adobe.xmp") {
        return None;
    }
    let (compressed, text) = match kind {
        b"zTXt" => (true, rest.get(1..)?),
        b"iTXt" => {
            let compressed = *rest.first()? == 1;
            let language = rest.get(2..)?;
            let translated = &language[memchr::memchr(0, language)? + 1..];
            (
                compressed,
                &translated[memchr::memchr(0, translated)? + 1..],
            )
        }
        _ => (false, rest),
    };
    if !compressed {
        return Some((keyword, Cow::Borrowed(text)));
    }
    let mut unfolded = Vec::new();
    let inflated = flate2::read::ZlibDecoder::new(text).take(METADATA_BYTES);
    // The part before an error is still useful.
    let _ = { inflated }.read_to_end(&mut unfolded);
    Some((keyword, Cow::Owned(unfolded)))
}

/// Decodes ImageMagick's raw profile: a name, a length and hexadecimal digits in lines.
fn raw_profile(text: &[u8]) -> Option<Vec<u8>> {
    let mut words = text
        .split(u8::is_ascii_whitespace)
        .filter(|w| !w.is_empty());
    let (_name, _length) = (words.next()?, words.next()?);
    let digits: Vec<u8> = words.flatten().copied().collect();
    let digit = |d: u8| char::from(d).to_digit(16);
    let byte = |pair: &[u8; 2]| Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8);
    digits.as_chunks::<2>().0.iter().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// A picture with these chunks before the pixels and those after them.
    fn file(interlaced: bool, before: &[u8], after: &[u8]) -> Vec<u8> {
        // The crate's encoder writes no interlaced files, so this writes one by hand.
        let (width, height) = (8_u32, 16_u32);
        let mut rows = Vec::new();
        if interlaced {
            // Lines and samples per line, for each pass over 8×16 pixels.
            for (lines, samples) in [(2, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4), (8, 8)] {
                for _ in 0..lines {
                    rows.push(0);
                    rows.extend((0..samples).flat_map(|x| [x * 9, 80, 7]));
                }
            }
        } else {
            for y in 0..height {
                rows.push(0);
                rows.extend((0..width).flat_map(|x| [(x * y) as u8, 80, 7]));
            }
        }
        // Stored uncompressed, so that a cut leaves whole rows.
        let mut data = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::none());
        data.write_all(&rows).unwrap();
        let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
        header.extend([8, 2, 0, 0, u8::from(interlaced)]);
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        file.extend(chunk(b"IHDR", &header));
        file.extend(before);
        file.extend(chunk(b"IDAT", &data.finish().unwrap()));
        file.extend(after);
        file.extend(chunk(b"IEND", b""));
        file
    }

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(data);
        let length = (data.len() as u32).to_be_bytes();
        [&length, &kind[..], data, &crc.sum().to_be_bytes()].concat()
    }

    fn folded(data: &[u8]) -> Vec<u8> {
        let mut folded = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        folded.write_all(data).unwrap();
        folded.finish().unwrap()
    }

    fn size(file: &[u8]) -> (u32, u32) {
        let pixels = decode(file, &Limits::default()).unwrap().pixels;
        (pixels.width(), pixels.height())
    }

    #[test]
    fn every_chunk_that_turns_a_picture_does_so_wherever_it_stands() {
        let exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let digits: String = exif.iter().map(|byte| format!("{byte:02x}")).collect();
        let raw = format!(
            "\nexif\n      {}\n{}\n{}\n",
            exif.len(),
            &digits[..20],
            &digits[20..]
        );
        let xmp = b"<rdf:Description tiff:Orientation='6'/>";
        let chunks = [
            chunk(b"eXIf", exif),
            chunk(
                b"tEXt",
                &[b"Raw profile type exif\0", raw.as_bytes()].concat(),
            ),
            chunk(
                b"zTXt",
                &[b"Raw profile type APP1\0\0", &folded(raw.as_bytes())[..]].concat(),
            ),
            chunk(
                b"iTXt",
                &[b"XML:com.adobe.xmp\0\0\0\0\0", &xmp[..]].concat(),
            ),
            chunk(
                b"iTXt",
                &[b"XML:com.adobe.xmp\0\x01\0en\0\0", &folded(xmp)[..]].concat(),
            ),
        ];
        assert_eq!(size(&file(false, b"", b"")), (8, 16));
        for chunk in chunks {
            let name = String::from_utf8_lossy(&chunk[4..30]).into_owned();
            assert_eq!(size(&file(false, &chunk, b"")), (16, 8), "{name} before");
            assert_eq!(size(&file(false, b"", &chunk)), (16, 8), "{name} after");
            for cut in 8..chunk.len() {
                metadata(&[b"\x89PNG\r\n\x1a\n", &chunk[..cut]].concat());
            }
        }
    }

    #[test]
    fn a_cut_file_shows_the_rows_that_are_there() {
        for interlaced in [false, true] {
            let whole = file(interlaced, b"", b"");
            let full = decode(&whole, &Limits::default()).unwrap();
            assert!(full.complete);
            let (mut read, mut refused) = (0, 0);
            for cut in 60..whole.len() - 16 {
                match decode(&whole[..cut], &Limits::default()) {
                    Ok(found) if found.complete => {}
                    Ok(found) => {
                        read += 1;
                        let (ours, full) = (found.pixels.data(), full.pixels.data());
                        let rows = ours.chunks(24).zip(full.chunks(24));
                        let same = rows.take_while(|(ours, full)| ours == full).count();
                        assert!(interlaced || same >= 6, "cut at {cut}: {same} rows");
                    }
                    Err(fault) => {
                        refused += 1;
                        assert!(matches!(fault, Fault::Truncated), "cut at {cut}: {fault}");
                    }
                }
            }
            // The first pass of an interlaced file is a coarse picture of the whole.
            assert!(
                read > 20 && (interlaced || refused > 5),
                "{read} read, {refused} refused"
            );
        }
    }

    /// A profile that inflates to a gigabyte is ignored.
    #[test]
    fn a_profile_takes_no_more_than_its_allowance() {
        let mut profile = b"p\0\0".to_vec();
        profile.extend(folded(&vec![0; 64 << 20]));
        let started = std::time::Instant::now();
        assert_eq!(size(&file(false, &chunk(b"iCCP", &profile), b"")), (8, 16));
        assert!(started.elapsed().as_secs() < 5);
    }
}
