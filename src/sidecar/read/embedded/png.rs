//! PNG: XMP in an iTXt chunk (XMP specification part 3, section 1.1.5), EXIF in its own chunk, and
//! the hexadecimal “raw profiles” in which ImageMagick writes both, and IPTC.

use std::io::{self, Read, Seek, SeekFrom};

use crate::sidecar::read::embedded::bytes::{inflate, read, read_bytes};
use crate::sidecar::read::embedded::contents::{Embedded, MAX_PARTS};
use crate::sidecar::read::embedded::{jpeg, tiff};
use crate::sidecar::read::size::MAX_SIDECAR_BYTES;

pub(super) fn read_png(found: &mut Embedded, reader: &mut (impl Read + Seek)) -> io::Result<()> {
    reader.seek(SeekFrom::Start(8))?;
    let mut profiles = Vec::new();
    let result = chunks(found, &mut profiles, reader);
    // The standard's place takes precedence over the older convention, wherever it is.
    for (name, profile) in profiles {
        match name.as_str() {
            "xmp" => found.take_xmp(profile),
            "iptc" | "8bim" => found.take_iptc(&profile),
            _ => match profile.strip_prefix(jpeg::XMP) {
                Some(packet) => found.take_xmp(packet.to_vec()),
                None => tiff::read_exif(found, &profile),
            },
        }
    }
    result
}

fn chunks(
    found: &mut Embedded,
    profiles: &mut Vec<(String, Vec<u8>)>,
    reader: &mut (impl Read + Seek),
) -> io::Result<()> {
    for _ in 0..MAX_PARTS {
        let length = u64::from(u32::from_be_bytes(read(reader)?));
        let kind: [u8; 4] = read(reader)?;
        let is_wanted = matches!(&kind, b"iTXt" | b"zTXt" | b"tEXt" | b"eXIf");
        if &kind == b"IEND" {
            break;
        }
        if !is_wanted || length > MAX_SIDECAR_BYTES {
            reader.seek_relative(i64::try_from(length).unwrap_or(i64::MAX - 4) + 4)?;
            continue;
        }
        let chunk = read_bytes(reader, length)?;
        reader.seek_relative(4)?;
        if &kind == b"eXIf" {
            tiff::read_exif(found, &chunk);
            continue;
        }
        let Some((keyword, rest)) = split_at_zero(&chunk) else {
            continue;
        };
        let is_xmp = keyword == b"XML:com.adobe.xmp";
        let profile = keyword
            .strip_prefix(b"Raw profile type ")
            .filter(|_| profiles.len() < 16);
        if !is_xmp && profile.is_none() {
            continue;
        }
        let text = match &kind {
            b"iTXt" => international(rest),
            // One byte names the compression, and there is only one kind.
            b"zTXt" => rest.get(1..).and_then(inflate),
            _ => Some(rest.to_vec()),
        };
        match (text, profile) {
            (Some(text), None) => found.take_xmp(text),
            (Some(text), Some(name)) => {
                let name = String::from_utf8_lossy(name).to_ascii_lowercase();
                profiles.extend(unhex(&text).map(|profile| (name, profile)));
            }
            (None, _) => {}
        }
    }
    Ok(())
}

fn split_at_zero(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|&byte| byte == 0)?;
    Some((bytes.get(..at)?, bytes.get(at + 1..)?))
}

/// The text of an iTXt chunk after its keyword: compression, language, translation, text.
fn international(rest: &[u8]) -> Option<Vec<u8>> {
    let [compressed, _, rest @ ..] = rest else {
        return None;
    };
    let (_, rest) = split_at_zero(rest)?;
    let (_, text) = split_at_zero(rest)?;
    match compressed {
        0 => Some(text.to_vec()),
        _ => inflate(text),
    }
}

/// The bytes of a raw profile: a line end, its name and its length on lines, then pairs of digits.
fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.strip_prefix(b"\n")?.splitn(3, |&byte| byte == b'\n');
    let (_, length, digits) = (lines.next()?, lines.next()?, lines.next()?);
    let length: usize = std::str::from_utf8(length).ok()?.trim().parse().ok()?;
    let digits = digits.iter().filter(|byte| !byte.is_ascii_whitespace());
    let digits: Option<Vec<u8>> = digits
        .map(|&byte| char::from(byte).to_digit(16).map(|digit| digit as u8))
        .collect();
    let bytes: Vec<u8> = digits?
        .chunks_exact(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect();
    (bytes.len() == length).then_some(bytes)
}
