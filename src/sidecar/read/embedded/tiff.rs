//! TIFF 6.0, and EXIF, which has the same structure: reads the tags of the first directory.

use std::io::{self, Read, Seek, SeekFrom};

use crate::core::text::clean;
use crate::sidecar::read::embedded::bytes::{read, read_bytes};
use crate::sidecar::read::embedded::contents::Embedded;
use crate::sidecar::read::size::MAX_SIDECAR_BYTES;

const XMP: u16 = 700;
const IPTC: u16 = 33723;
const PHOTOSHOP: u16 = 34377;
/// Windows' keywords: UTF-16, low byte first, separated by semicolons.
const XP_KEYWORDS: u16 = 40094;
/// Photoshop resources and IPTC data; usually a few kilobytes.
const MAX_IPTC_BYTES: u64 = 1 << 20;

/// Reads EXIF data, with or without the six letters before it.
pub(super) fn read_exif(found: &mut Embedded, data: &[u8]) {
    let data = data.strip_prefix(b"Exif\0\0").unwrap_or(data);
    // Damage ends it; what was found before counts.
    let _ = read_tiff(found, &mut io::Cursor::new(data));
}

pub(super) fn read_tiff(found: &mut Embedded, reader: &mut (impl Read + Seek)) -> io::Result<()> {
    reader.seek(SeekFrom::Start(0))?;
    let start: [u8; 8] = read(reader)?;
    let little = start[0] == b'I';
    let short = |pair: [u8; 2]| match little {
        true => u16::from_le_bytes(pair),
        false => u16::from_be_bytes(pair),
    };
    let long = |four: [u8; 4]| match little {
        true => u32::from_le_bytes(four),
        false => u32::from_be_bytes(four),
    };
    let magic = short([start[2], start[3]]);
    // Olympus and Panasonic use other numbers in place of 42; BigTIFF has twice as long numbers.
    let is_big = magic == 43;
    if !is_big && ![42, 0x4f52, 0x5352, 0x55].contains(&magic) {
        return Ok(());
    }
    let longer = |eight: [u8; 8]| match little {
        true => u64::from_le_bytes(eight),
        false => u64::from_be_bytes(eight),
    };
    let (directory, word) = match is_big {
        true => (longer(read(reader)?), 8),
        false => (u64::from(long([start[4], start[5], start[6], start[7]])), 4),
    };
    reader.seek(SeekFrom::Start(directory))?;
    let count = match is_big {
        true => longer(read(reader)?).min(u64::from(u16::MAX)),
        false => u64::from(short(read(reader)?)),
    };
    let mut parts = Vec::new();
    for _ in 0..count {
        let [t0, t1, k0, k1] = read(reader)?;
        let (count, value, place) = match is_big {
            true => {
                let (count, value) = (longer(read(reader)?), read::<8>(reader)?);
                (count, value.to_vec(), longer(value))
            }
            false => {
                let (count, value) = (long(read(reader)?), read::<4>(reader)?);
                (u64::from(count), value.to_vec(), u64::from(long(value)))
            }
        };
        let tag = short([t0, t1]);
        let unit = match short([k0, k1]) {
            1 | 2 | 6 | 7 => 1,
            3 => 2,
            4 | 9 | 13 => 4,
            _ => continue,
        };
        let Some(length) = count.checked_mul(unit) else {
            continue;
        };
        let limit = match tag {
            XMP => MAX_SIDECAR_BYTES,
            IPTC | PHOTOSHOP | XP_KEYWORDS => MAX_IPTC_BYTES,
            _ => continue,
        };
        if tag == XP_KEYWORDS && length <= word {
            // So short a value is in the entry itself.
            take_windows(found, value.get(..length as usize).unwrap_or_default());
        } else if (word + 1..=limit).contains(&length) && parts.len() < 8 {
            parts.push((tag, place, length));
        }
    }
    for (tag, offset, length) in parts {
        reader.seek(SeekFrom::Start(offset))?;
        let bytes = read_bytes(reader, length)?;
        match tag {
            XMP => found.take_xmp(bytes),
            IPTC | PHOTOSHOP => found.take_iptc(&bytes),
            _ => take_windows(found, &bytes),
        }
    }
    Ok(())
}

fn take_windows(found: &mut Embedded, bytes: &[u8]) {
    let units = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let units: Vec<u16> = units.take_while(|&unit| unit != 0).collect();
    let text = String::from_utf16_lossy(&units);
    if found.windows.is_empty() {
        let names = text.split(';').map(clean).filter(|name| !name.is_empty());
        found.windows = names.collect();
    }
}
