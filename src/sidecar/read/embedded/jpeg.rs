//! JPEG (ITU T.81, B.1.1): reads markers with lengths up to the image data.

use std::io::{self, Read, Seek, SeekFrom};

use crate::sidecar::read::embedded::bytes::{read, read_bytes};
use crate::sidecar::read::embedded::contents::{Embedded, MAX_PARTS};
use crate::sidecar::read::embedded::tiff;
use crate::sidecar::read::size::MAX_SIDECAR_BYTES;

pub(crate) const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
pub(crate) const EXTENDED_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const EXIF: &[u8] = b"Exif\0\0";
pub(crate) const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
/// Photoshop resources; usually a few kilobytes.
const MAX_RESOURCE_BYTES: usize = 1 << 20;

pub(super) fn read_jpeg(
    found: &mut Embedded,
    reader: &mut (impl Read + Seek),
    start: u64,
) -> io::Result<()> {
    let mut parts = Parts::default();
    let result = segments(found, &mut parts, reader, start);
    found.take_iptc(&parts.resources);
    found.extended_xmp = parts.extended_xmp(found.xmp.as_deref());
    result
}

fn segments(
    found: &mut Embedded,
    parts: &mut Parts,
    reader: &mut (impl Read + Seek),
    start: u64,
) -> io::Result<()> {
    reader.seek(SeekFrom::Start(start))?;
    for _ in 0..MAX_PARTS {
        let [mark, marker] = read(reader)?;
        if mark != 0xff {
            break;
        }
        match marker {
            // Padding before a marker.
            0xff => {
                reader.seek_relative(-1)?;
                continue;
            }
            // Restart markers and TEM have no length.
            0x01 | 0xd0..=0xd8 => continue,
            // The picture, or the end.
            0xd9 | 0xda => break,
            _ => {}
        }
        let length = u16::from_be_bytes(read(reader)?);
        let Some(length) = length.checked_sub(2) else {
            break;
        };
        if !matches!(marker, 0xe1 | 0xed) {
            reader.seek_relative(i64::from(length))?;
            continue;
        }
        let segment = read_bytes(reader, u64::from(length))?;
        if let Some(packet) = segment.strip_prefix(XMP) {
            found.take_xmp(packet.to_vec());
        } else if let Some(part) = segment.strip_prefix(EXTENDED_XMP) {
            parts.add_extended(part);
        } else if segment.starts_with(EXIF) {
            tiff::read_exif(found, &segment);
        } else if let Some(part) = segment.strip_prefix(PHOTOSHOP)
            && parts.resources.len() + part.len() < MAX_RESOURCE_BYTES
        {
            // A block too long for one segment continues in the next.
            parts.resources.extend_from_slice(part);
        }
    }
    Ok(())
}

/// Data that spans several segments.
#[derive(Default)]
struct Parts {
    resources: Vec<u8>,
    extended: Vec<Chunk>,
    extended_bytes: usize,
}

/// A part of an extended packet (XMP specification part 3, section 1.1.3.1).
struct Chunk {
    /// The digest of the whole packet, named by the main packet.
    guid: [u8; 32],
    length: u32,
    offset: u32,
    data: Vec<u8>,
}

impl Parts {
    fn add_extended(&mut self, part: &[u8]) {
        let Some((guid, rest)) = part.split_first_chunk::<32>() else {
            return;
        };
        let Some((head, data)) = rest.split_first_chunk::<8>() else {
            return;
        };
        let [l0, l1, l2, l3, o0, o1, o2, o3] = *head;
        self.extended_bytes += data.len();
        if self.extended_bytes as u64 <= MAX_SIDECAR_BYTES {
            self.extended.push(Chunk {
                guid: *guid,
                length: u32::from_be_bytes([l0, l1, l2, l3]),
                offset: u32::from_be_bytes([o0, o1, o2, o3]),
                data: data.to_vec(),
            });
        }
    }

    /// Returns the extended packet that the main one names, if it is complete. Programs that change
    /// only the main packet leave parts of an older one behind.
    fn extended_xmp(&self, main: Option<&[u8]>) -> Option<Vec<u8>> {
        let main = main?;
        let names = |guid: &[u8; 32]| main.windows(guid.len()).any(|part| part == guid);
        let guid = self
            .extended
            .iter()
            .map(|c| c.guid)
            .find(|guid| names(guid))?;
        let mut chunks: Vec<&Chunk> = self.extended.iter().filter(|c| c.guid == guid).collect();
        chunks.sort_by_key(|chunk| chunk.offset);
        let mut packet = Vec::new();
        for chunk in &chunks {
            if chunk.offset as usize == packet.len() {
                packet.extend_from_slice(&chunk.data);
            }
        }
        let is_whole = chunks.iter().all(|c| c.length as usize == packet.len());
        is_whole.then_some(packet)
    }
}
