//! WebP: RIFF chunks.

use std::io::{self, Read, Seek};

use crate::sidecar::read::embedded::bytes::{read, read_bytes, skip};
use crate::sidecar::read::embedded::contents::{Embedded, MAX_PARTS};
use crate::sidecar::read::embedded::tiff;

pub(super) fn read_webp(found: &mut Embedded, reader: &mut (impl Read + Seek)) -> io::Result<()> {
    for _ in 0..MAX_PARTS {
        let kind: [u8; 4] = read(reader)?;
        let length = u64::from(u32::from_le_bytes(read(reader)?));
        match &kind {
            // The first is standard; some programs write the second.
            b"XMP " | b"XMP\0" => found.take_xmp(read_bytes(reader, length)?),
            b"EXIF" => tiff::read_exif(found, &read_bytes(reader, length)?),
            _ => skip(reader, length)?,
        }
        skip(reader, length % 2)?;
    }
    Ok(())
}
