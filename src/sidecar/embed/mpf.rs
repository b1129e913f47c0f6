//! The Multi-Picture Format (CIPA DC-007): an index of the pictures in one JPEG file, with their
//! places. Ultra HDR photos have their gain map this way.

use crate::sidecar::embed::patch::{Patch, moved};
use crate::sidecar::embed::tiff::Tiff;
use crate::sidecar::read::refusal::{Refusal, damaged};

const ENTRIES: u16 = 0xb002;
const ENTRY_BYTES: usize = 16;

/// A picture in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    /// Where its size stands; the offset is behind it.
    pub(super) entry_at: usize,
    /// In the file.
    pub(super) at: usize,
    pub(super) length: usize,
}

/// Reads the index whose header is at `header`. `None` if it is not one.
pub(super) fn pictures(bytes: &[u8], header: usize) -> Option<(Vec<Picture>, bool)> {
    let block = bytes.get(header..)?;
    let tiff = Tiff::read(block).ok()?;
    let entry = tiff.find(ENTRIES)?;
    let little = block.starts_with(b"II");
    let count = entry.length / ENTRY_BYTES;
    let pictures = (0..count).map(|i| {
        let at = entry.value_at + i * ENTRY_BYTES + 4;
        let length = tiff.number(at, 4)? as usize;
        let offset = tiff.number(at + 4, 4)? as usize;
        Some(Picture {
            entry_at: header + at,
            // The first picture is the file's, and has no offset.
            at: if offset == 0 { 0 } else { header + offset },
            length,
        })
    });
    Some((pictures.collect::<Option<_>>()?, little))
}

/// Patches that keep the index true after `patches`.
pub(super) fn patches(
    bytes: &[u8],
    header: usize,
    patches: &[Patch],
) -> Result<Vec<Patch>, Refusal> {
    let index = pictures(bytes, header);
    let (pictures, little) = index.ok_or_else(|| damaged("its index of pictures (MPF)"))?;
    let put = |number: usize| match (u32::try_from(number), little) {
        (Ok(number), true) => Ok(number.to_le_bytes().to_vec()),
        (Ok(number), false) => Ok(number.to_be_bytes().to_vec()),
        (Err(_), _) => Err(damaged("its index of pictures (MPF)")),
    };
    let base = moved(header, patches);
    let mut all = Vec::new();
    for picture in pictures {
        let end = picture.at.saturating_add(picture.length);
        if end > bytes.len() {
            return Err(damaged("its index of pictures (MPF)"));
        }
        let (new_at, new_end) = (moved(picture.at, patches), moved(end, patches));
        let mut place = put(if picture.length == 0 {
            0
        } else if picture.at == 0 {
            new_end
        } else {
            new_end - new_at
        })?;
        place.extend(put(match picture.at {
            0 => 0,
            _ => new_at - base,
        })?);
        all.push(Patch::trimmed(bytes, picture.entry_at, 8, place));
    }
    Ok(all)
}
