//! WebP (RFC 9649): XMP is a chunk, and a simple file first gets the header that lists such chunks.

use crate::sidecar::embed::changes::Changes;
use crate::sidecar::embed::patch::{Patch, apply, in_order};
use crate::sidecar::embed::tiff;
use crate::sidecar::read::refusal::{Refusal, damaged};

/// Where the first chunk is.
const FIRST: usize = 12;
/// Flags of the header.
pub(super) const HAS_XMP: u8 = 0x04;
const HAS_ALPHA: u8 = 0x10;
const HEADER_BYTES: usize = 10;
const MOST_CHUNKS: usize = 1_000_000;

/// A chunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk<'b> {
    /// Where its name is.
    pub(super) at: usize,
    pub(super) kind: [u8; 4],
    pub(super) data: &'b [u8],
}

impl Chunk<'_> {
    /// Behind its padding.
    pub(super) fn end(&self) -> usize {
        self.at + 8 + self.data.len().next_multiple_of(2)
    }

    /// Some programs write the second name.
    pub(super) fn is_xmp(&self) -> bool {
        matches!(&self.kind, b"XMP " | b"XMP\0")
    }
}

/// Reads the chunks. Returns them, and where they end.
pub(super) fn chunks(bytes: &[u8]) -> Result<(Vec<Chunk<'_>>, usize), Refusal> {
    let size = bytes.get(4..8).and_then(|size| size.first_chunk::<4>());
    let size = size.map_or(0, |size| u32::from_le_bytes(*size) as usize);
    let end = size + 8;
    if size % 2 == 1 || end > bytes.len() {
        return Err(damaged("its length is not what it says"));
    }
    let mut chunks = Vec::new();
    let mut at = FIRST;
    while at < end {
        let head = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>());
        let Some(&[k0, k1, k2, k3, l0, l1, l2, l3]) = head else {
            return Err(damaged("a chunk that is cut off"));
        };
        let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        let data = bytes.get(at + 8..).and_then(|rest| rest.get(..length));
        let chunk = Chunk {
            at,
            kind: [k0, k1, k2, k3],
            data: data.ok_or_else(|| damaged("a chunk that is cut off"))?,
        };
        if chunk.end() > end || chunks.len() > MOST_CHUNKS {
            return Err(damaged("a chunk that is cut off"));
        }
        at = chunk.end();
        chunks.push(chunk);
    }
    Ok((chunks, end))
}

/// The packet of a WebP.
pub(super) fn packet(bytes: &[u8]) -> Result<Option<&[u8]>, Refusal> {
    let (chunks, _) = chunks(bytes)?;
    if chunks.iter().any(|c| &c.kind == b"C2PA") {
        return Err(Refusal::Signed { what: "C2PA" });
    }
    let mut packets = chunks.iter().filter(|c| c.is_xmp());
    match (packets.next(), packets.next()) {
        (Some(_), Some(_)) => {
            let what = "it has two XMP packets, of which programs read either";
            Err(Refusal::Form { what })
        }
        (packet, _) => Ok(packet.map(|c| c.data)),
    }
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Result<Vec<u8>, Refusal> {
    let Ok(length) = u32::try_from(data.len()) else {
        let (bytes, limit) = (data.len(), u32::MAX as usize);
        return Err(Refusal::NoRoom { bytes, limit });
    };
    let mut chunk = [kind, &length.to_le_bytes()[..], data].concat();
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    Ok(chunk)
}

/// The patches of a WebP.
pub(super) fn patches(bytes: &[u8], changes: &Changes<'_>) -> Result<Vec<Patch>, Refusal> {
    let (chunks, end) = chunks(bytes)?;
    let mut patches = Vec::new();
    match chunks.iter().find(|c| c.is_xmp()) {
        Some(old) => patches.push(replaced(bytes, old, changes.packet)?),
        None => patches.push(Patch::insert(end, chunk(b"XMP ", changes.packet)?)),
    }
    patches.push(header(bytes, &chunks)?);
    for exif in chunks.iter().filter(|c| &c.kind == b"EXIF") {
        let skip = if exif.data.starts_with(b"Exif\0\0") {
            6
        } else {
            0
        };
        let inner = tiff::exif_patches(&exif.data[skip..], changes.names)?;
        if inner.is_empty() {
            continue;
        }
        let new = apply(&exif.data[skip..], &in_order(inner));
        let new = new.ok_or_else(|| damaged("its EXIF data"))?;
        let data = [&exif.data[..skip], &new].concat();
        patches.push(replaced(bytes, exif, &data)?);
    }
    let more: usize = patches.iter().map(|p| p.bytes.len()).sum();
    let less: usize = patches.iter().map(|p| p.length).sum();
    let size = u32::try_from(end - 8 + more - less);
    let size = size.map_err(|_| damaged("its length is not what it says"))?;
    patches.push(Patch::trimmed(bytes, 4, 4, size.to_le_bytes().to_vec()));
    Ok(in_order(patches))
}

fn replaced(bytes: &[u8], old: &Chunk<'_>, data: &[u8]) -> Result<Patch, Refusal> {
    let new = chunk(&old.kind, data)?;
    Ok(Patch::trimmed(bytes, old.at, old.end() - old.at, new))
}

/// Notes in the header that there is XMP, and adds the header to a simple file.
fn header(bytes: &[u8], chunks: &[Chunk<'_>]) -> Result<Patch, Refusal> {
    let Some(first) = chunks.first() else {
        return Err(damaged("it has no picture"));
    };
    let (width, height, alpha) = match (&first.kind, first.data) {
        (b"VP8X", [flags, rest @ ..]) if rest.len() + 1 >= HEADER_BYTES => {
            let flags = vec![flags | HAS_XMP];
            return Ok(Patch::trimmed(bytes, first.at + 8, 1, flags));
        }
        // A key frame: its tag, a start code, and 14 bits each for the sides (RFC 6386, 9.1).
        (b"VP8 ", [_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..]) => {
            let side = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
            (side(*w0, *w1), side(*h0, *h1), false)
        }
        // A signature, 14 bits each for the sides less one, and a bit for transparency.
        (b"VP8L", [0x2f, b0, b1, b2, b3, ..]) => {
            let bits = u32::from_le_bytes([*b0, *b1, *b2, *b3]);
            let (width, height) = (bits & 0x3fff, bits >> 14 & 0x3fff);
            (width + 1, height + 1, bits >> 28 & 1 == 1)
        }
        _ => return Err(damaged("its first chunk is no picture")),
    };
    if width == 0 || height == 0 {
        return Err(damaged("its picture has no size"));
    }
    let flags = HAS_XMP | if alpha { HAS_ALPHA } else { 0 };
    let mut data = vec![flags, 0, 0, 0];
    for side in [width, height] {
        data.extend(&(side - 1).to_le_bytes()[..3]);
    }
    Ok(Patch::insert(FIRST, chunk(b"VP8X", &data)?))
}
