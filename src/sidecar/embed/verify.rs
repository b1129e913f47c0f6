//! Compares a changed photo with the old one, by a walker of its own: everything but the keywords'
//! places has to be byte-equal, in the same order.

use std::borrow::Cow;
use std::io::Cursor;
use std::iter;
use std::ops::Range;

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;

use crate::sidecar::edit::bytes::digest;
use crate::sidecar::embed::container::Container;
use crate::sidecar::embed::edit::Edit;
use crate::sidecar::embed::names::in_photoshop;
use crate::sidecar::embed::packet::Names;
use crate::sidecar::embed::tiff::Tiff;
use crate::sidecar::embed::{jpeg, mpf, names, tiff};
use crate::sidecar::read::embedded::Embedded;
use crate::sidecar::read::refusal::{Refusal, unsound};

/// The kind of EXIF data, of which Windows' keywords may change.
const EXIF: &str = "its EXIF data";
/// The kind of Photoshop's resources, of which IPTC keywords may change.
const RESOURCES: &str = "its IPTC data";

/// A part of a file that has to stay: its kind, and its bytes or what stands for them.
type Part<'b> = (String, Cow<'b, [u8]>);

/// Checks that a changed photo is the old one with the keywords of `edit`.
///
/// # Errors
/// [`Refusal::Unsound`] if anything else differs.
pub(crate) fn verify(
    old: &[u8],
    new: &[u8],
    container: Container,
    edit: &Edit,
) -> Result<(), Refusal> {
    if edit.patches.is_empty() && old == new {
        return Ok(());
    }
    let parts = |bytes| match container {
        Container::Jpeg => jpeg_parts(bytes),
        Container::Png => png_parts(bytes),
        Container::WebP => webp_parts(bytes),
        Container::Tiff => Some(Vec::new()),
    };
    let names = &edit.names;
    let before = parts(old).ok_or_else(|| unsound("the old file was not understood"))?;
    let after = parts(new).ok_or_else(|| unsound("it does not read back"))?;
    let pairs = before.iter().zip(&after);
    for (a, b) in pairs.filter(|(a, b)| a != b) {
        match a.0 == EXIF && b.0 == EXIF {
            true => tiff_is_same(&a.1, &b.1, &[tiff::WINDOWS], names)?,
            false if a.0 == RESOURCES && in_photoshop(&a.1, names).as_deref() == Some(&b.1) => {}
            false => return Err(unsound(&format!("{} differs", a.0))),
        }
    }
    if before.len() != after.len() {
        return Err(unsound("a part is missing or new"));
    }
    match container {
        Container::Jpeg if !same_pictures(old, new) => {
            return Err(unsound("its index of pictures leads elsewhere"));
        }
        Container::WebP if !same_header(old, new) => {
            return Err(unsound("its header says something else"));
        }
        Container::Tiff => tiff_is_same(old, new, &tiff::KEYWORDS, names)?,
        _ => {}
    }
    let xmp = Embedded::of_bytes(new).xmp.unwrap_or_default();
    let end = xmp.iter().rposition(|&byte| byte != 0);
    let packet = &xmp[..end.map_or(0, |at| at + 1)];
    match digest(packet) == edit.record.digest() {
        true => Ok(()),
        false => Err(unsound("its XMP does not read back")),
    }
}

fn part<'b>(kind: impl Into<String>, bytes: &'b [u8]) -> Part<'b> {
    (kind.into(), bytes.into())
}

/// The segments but XMP, then the scans and all behind them.
fn jpeg_parts(bytes: &[u8]) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    loop {
        let (&mark, after) = rest.split_first()?;
        if mark != 0xff {
            return None;
        }
        let (&marker, after) = after.split_first()?;
        match marker {
            0xff => {
                parts.push(part("a fill byte", &rest[..1]));
                rest = &rest[1..];
                continue;
            }
            0xda => {
                parts.push(part("the picture", rest));
                return Some(parts);
            }
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(*after.first_chunk()?));
        let segment = after.get(2..length)?;
        let name = format!("the segment {marker:02x}");
        if marker == 0xe1 && segment.starts_with(jpeg::XMP) {
            // What it is for.
        } else if marker == 0xe1 && segment.starts_with(jpeg::EXIF) {
            parts.push(part("the name of its EXIF data", segment.get(..6)?));
            parts.push(part(EXIF, segment.get(6..)?));
        } else if marker == 0xed && segment.starts_with(jpeg::PHOTOSHOP) {
            parts.push(part(RESOURCES, &segment[jpeg::PHOTOSHOP.len()..]));
        } else if marker == 0xe2 && segment.starts_with(jpeg::MPF) {
            let start = bytes.len() - after.len() + 2;
            parts.push((name, index_without_places(bytes, start, segment)?.into()));
        } else {
            parts.push(part(name, segment));
        }
        rest = after.get(length..)?;
    }
}

/// An index of pictures without their lengths and places, which are compared by what is there.
fn index_without_places(bytes: &[u8], start: usize, segment: &[u8]) -> Option<Vec<u8>> {
    let mut index = segment.to_vec();
    let (pictures, _) = mpf::pictures(bytes, start + jpeg::MPF.len())?;
    for picture in pictures {
        let at = picture.entry_at.checked_sub(start)?;
        index.get_mut(at..at + 8)?.fill(0);
    }
    Some(index)
}

/// Whether the indexes of both files lead to the same pictures.
fn same_pictures(old: &[u8], new: &[u8]) -> bool {
    let all = |bytes: &[u8]| {
        let (segments, _) = jpeg::segments(bytes).ok()?;
        let indexes = segments.iter().filter(|s| s.content.starts_with(jpeg::MPF));
        let pictures = indexes.filter(|s| s.marker == 0xe2).map(|s| {
            let (pictures, _) = mpf::pictures(bytes, s.start + jpeg::MPF.len())?;
            let pictures = pictures.into_iter().map(|picture| {
                let end = picture.at.checked_add(picture.length)?;
                let data = bytes.get(picture.at..end)?;
                // Of the first, which has the keywords, what is behind it counts.
                Some(match picture.at {
                    0 => (picture.length == 0, bytes[end..].to_vec()),
                    _ => (true, data.to_vec()),
                })
            });
            pictures.collect::<Option<Vec<_>>>()
        });
        pictures.collect::<Option<Vec<_>>>()
    };
    let empty_first = |index: &[(bool, Vec<u8>)]| index.first().is_some_and(|(empty, _)| *empty);
    match (all(old), all(new)) {
        (Some(old), Some(new)) => {
            // A first picture without a length says nothing of what is behind it.
            let kept = |all: Vec<Vec<(bool, Vec<u8>)>>| -> Vec<Vec<(bool, Vec<u8>)>> {
                let indexes = all.into_iter();
                let indexes = indexes.map(|i| if empty_first(&i) { i[1..].to_vec() } else { i });
                indexes.collect()
            };
            kept(old) == kept(new)
        }
        (None, None) => old == new,
        _ => false,
    }
}

/// The chunks but XMP, and what is behind them.
fn png_parts(bytes: &[u8]) -> Option<Vec<Part<'_>>> {
    let (signature, mut rest) = bytes.split_at_checked(8)?;
    let mut parts = vec![part("the signature", signature)];
    loop {
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let whole = rest.get(..length.checked_add(12)?)?;
        let (kind, data) = (whole.get(4..8)?, whole.get(8..8 + length)?);
        let name = format!("the chunk {}", String::from_utf8_lossy(kind));
        rest = &rest[whole.len()..];
        let is_xmp = kind == b"iTXt" && data.starts_with(b"XML:com.adobe.xmp\0");
        if is_xmp || kind == b"eXIf" {
            let mut crc = flate2::Crc::new();
            crc.update(&whole[4..8 + length]);
            // A wrong sum of the old file stays as long as its chunk does.
            let sum = u32::from_be_bytes(*whole.last_chunk()?);
            let is_sound = crc.sum() == sum;
            if !is_xmp {
                let block = data.strip_prefix(b"Exif\0\0").unwrap_or(data);
                parts.push(part(EXIF, block));
            } else if !is_sound {
                return None;
            }
            continue;
        }
        parts.push(part(name, whole));
        if kind == b"IEND" {
            parts.push(part("what is behind the picture", rest));
            return Some(parts);
        }
    }
}

/// The chunks but XMP, and what is behind them.
fn webp_parts(bytes: &[u8]) -> Option<Vec<Part<'_>>> {
    let mut parts = vec![
        part("the signature", bytes.get(..4)?),
        part("the signature", bytes.get(8..12)?),
    ];
    let size = u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?) as usize;
    let (inside, behind) = bytes.split_at_checked(size.checked_add(8)?)?;
    let mut rest = inside.get(12..)?;
    while !rest.is_empty() {
        let kind = rest.first_chunk::<4>()?;
        let length = u32::from_le_bytes(*rest.get(4..)?.first_chunk()?) as usize;
        let data = rest.get(8..)?.get(..length)?;
        let name = format!("the chunk {}", String::from_utf8_lossy(kind));
        match kind {
            b"XMP " | b"XMP\0" => {
                let padding = rest.get(8 + length..(8 + length).next_multiple_of(2))?;
                let is_zero = padding.iter().all(|&byte| byte == 0);
                is_zero.then_some(())?;
            }
            // `same_header` compares it.
            b"VP8X" => {}
            b"EXIF" => {
                let block = data.strip_prefix(b"Exif\0\0").unwrap_or(data);
                parts.push(part(EXIF, block));
            }
            _ => parts.push(part(name, rest.get(..(8 + length).next_multiple_of(2))?)),
        }
        rest = rest.get((8 + length).next_multiple_of(2)..)?;
    }
    parts.push(part("what is behind the picture", behind));
    Some(parts)
}

/// Whether the new header says what the old one said, and that there is XMP. A simple file has none;
/// its new one says what a decoder finds in the picture.
fn same_header(old: &[u8], new: &[u8]) -> bool {
    let header = |bytes: &[u8]| -> Option<Vec<u8>> {
        let rest = bytes.get(12..)?.strip_prefix(b"VP8X")?;
        Some(rest.get(..14)?.to_vec())
    };
    match (header(old), header(new)) {
        (Some(mut old), Some(new)) => {
            if let Some(flags) = old.get_mut(4) {
                *flags |= 0x04;
            }
            old == new
        }
        (None, Some(new)) => simple_header(old).is_some_and(|header| header == new),
        _ => false,
    }
}

/// The header of a simple file that gets XMP.
fn simple_header(file: &[u8]) -> Option<Vec<u8>> {
    let decoder = WebPDecoder::new(Cursor::new(file)).ok()?;
    let flags = match decoder.color_type().has_alpha() {
        true => 0x14,
        false => 0x04,
    };
    let mut header = vec![10, 0, 0, 0, flags, 0, 0, 0];
    let (width, height) = decoder.dimensions();
    for side in [width, height] {
        header.extend(&side.checked_sub(1)?.to_le_bytes()[..3]);
    }
    Some(header)
}

/// Checks that of a TIFF structure only the entries and values of the tags `ours` have changed, as
/// `names` says, and that what is new is behind the old end.
fn tiff_is_same(old: &[u8], new: &[u8], ours: &[u16], names: &Names) -> Result<(), Refusal> {
    let (before, after) = (Tiff::read(old)?, Tiff::read(new)?);
    let size = before.entry_bytes();
    let word = (size - 4) / 2;
    // The place of the first directory.
    let mut free: Vec<Range<usize>> = iter::once(word..2 * word).collect();
    for &tag in ours {
        let Some(entry) = before.find(tag) else {
            continue;
        };
        free.push(entry.at..entry.at + size);
        let in_place = after.find(tag).filter(|e| e.value_at == entry.value_at);
        free.extend(in_place.map(|e| e.value_at..e.value_at.saturating_add(e.length)));
    }
    let Some(head) = new.get(..old.len()) else {
        return Err(unsound("it is shorter"));
    };
    let mut pairs = old.iter().zip(head).enumerate();
    let strange = pairs.find(|(at, (a, b))| a != b && !free.iter().any(|r| r.contains(at)));
    if let Some((at, _)) = strange {
        return Err(unsound(&format!("byte {at} differs")));
    }
    behind_is_known(&after, ours, old.len(), new)?;
    let others = |tiff: &Tiff<'_>, bytes: &[u8]| -> Vec<Vec<u8>> {
        let entries = tiff.first.entries.iter();
        let entries = entries.filter(|e| !ours.contains(&e.tag));
        let entries = entries.map(|e| bytes[e.at..e.at + size].to_vec());
        let next = tiff.first.next_at;
        let next = bytes[next..next + word].to_vec();
        entries.chain([next]).collect()
    };
    if others(&before, old) != others(&after, new) {
        return Err(unsound("another tag differs"));
    }
    let keywords = ours.iter().filter(|tag| **tag != tiff::XMP);
    for &tag in keywords {
        let change = match tag {
            tiff::IPTC => names::in_iptc,
            tiff::PHOTOSHOP => names::in_photoshop,
            _ => names::in_windows,
        };
        let (value, found) = (before.value(tag), after.value(tag));
        let expected = value.map(|value| change(value, names).unwrap_or(value.to_vec()));
        // Zeros fill the last number of a list of them.
        let is_zero = |rest: &[u8]| rest.len() < 4 && rest.iter().all(|&byte| byte == 0);
        let is_it = match (&expected, found) {
            (Some(expected), Some(found)) => found.strip_prefix(&expected[..]).is_some_and(is_zero),
            (expected, found) => expected.is_none() && found.is_none(),
        };
        if !is_it || before.find(tag).map(|e| e.kind) != after.find(tag).map(|e| e.kind) {
            return Err(unsound("its IPTC or Windows keywords differ"));
        }
    }
    Ok(())
}

/// Checks that behind the byte `end` there are only the values of `ours`, the directory, and zeros.
fn behind_is_known(after: &Tiff<'_>, ours: &[u16], end: usize, new: &[u8]) -> Result<(), Refusal> {
    let (count, word) = match after.entry_bytes() {
        20 => (8, 8),
        _ => (2, 4),
    };
    let first = after.first.entries.first().map_or(0, |e| e.at);
    let entries = ours.iter().filter_map(|tag| after.find(*tag));
    let values = entries.map(|e| e.value_at..e.value_at.saturating_add(e.length));
    let mut known: Vec<_> = values.collect();
    known.push(first.saturating_sub(count)..after.first.next_at + word);
    let mut behind = new.iter().enumerate().skip(end);
    match behind.any(|(at, &byte)| byte != 0 && !known.iter().any(|range| range.contains(&at))) {
        true => Err(unsound("something else is behind its end")),
        false => Ok(()),
    }
}
