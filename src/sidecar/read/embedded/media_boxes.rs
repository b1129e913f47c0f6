//! ISO base media (HEIC, AVIF, CR3, JPEG 2000) and JPEG XL: boxes at the top of the file.

use std::io::{self, Read, Seek, SeekFrom};

use crate::sidecar::read::embedded::bytes::{read, read_bytes, skip};
use crate::sidecar::read::embedded::contents::{Embedded, MAX_PARTS};
use crate::sidecar::read::embedded::heif_items;
use crate::sidecar::read::embedded::tiff;

const XMP: [u8; 16] = [
    0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8, 0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac,
];

pub(super) fn read_boxes(found: &mut Embedded, reader: &mut (impl Read + Seek)) -> io::Result<()> {
    reader.seek(SeekFrom::Start(0))?;
    for _ in 0..MAX_PARTS {
        let length = u64::from(u32::from_be_bytes(read(reader)?));
        let kind: [u8; 4] = read(reader)?;
        let (length, head) = match length {
            // To the end of the file.
            0 => break,
            1 => (u64::from_be_bytes(read(reader)?), 16),
            _ => (length, 8),
        };
        let Some(content) = length.checked_sub(head) else {
            break;
        };
        match &kind {
            b"uuid" if content >= 16 => {
                let uuid: [u8; 16] = read(reader)?;
                match uuid == XMP {
                    true => found.take_xmp(read_bytes(reader, content - 16)?),
                    false => skip(reader, content - 16)?,
                }
            }
            b"meta" => {
                let description = read_bytes(reader, content)?;
                let end = reader.stream_position()?;
                heif_items::read_items(found, &description, reader)?;
                reader.seek(SeekFrom::Start(end))?;
            }
            // JPEG XL's.
            b"xml " => found.take_xmp(read_bytes(reader, content)?),
            b"Exif" if content >= 4 => {
                let data = read_bytes(reader, content)?;
                tiff::read_exif(found, &data[4..]);
            }
            _ => skip(reader, content)?,
        }
    }
    Ok(())
}
