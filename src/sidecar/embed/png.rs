//! PNG (W3C, third edition): XMP is an iTXt chunk (XMP specification part 3, section 1.1.5).

use flate2::Crc;

use crate::sidecar::embed::changes::Changes;
use crate::sidecar::embed::patch::{Patch, in_order};
use crate::sidecar::embed::tiff;
use crate::sidecar::read::refusal::{Refusal, damaged};

pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The keyword of the chunk, without compression, language and translated keyword.
const HEAD: &[u8] = b"XML:com.adobe.xmp\0\0\0\0\0";
const KEYWORD: &[u8] = b"XML:com.adobe.xmp\0";
const MOST_CHUNKS: usize = 1_000_000;

/// A chunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk<'b> {
    /// Where its length is.
    pub(super) at: usize,
    pub(super) kind: [u8; 4],
    pub(super) data: &'b [u8],
}

impl Chunk<'_> {
    fn data_at(&self) -> usize {
        self.at + 8
    }

    pub(super) fn end(&self) -> usize {
        self.data_at() + self.data.len() + 4
    }

    pub(super) fn is_xmp(&self) -> bool {
        &self.kind == b"iTXt" && self.data.starts_with(KEYWORD)
    }
}

/// Reads the chunks up to the last one.
pub(super) fn chunks(bytes: &[u8]) -> Result<Vec<Chunk<'_>>, Refusal> {
    let mut chunks = Vec::new();
    let mut at = SIGNATURE.len();
    while chunks.len() < MOST_CHUNKS {
        let head = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>());
        let Some(&[l0, l1, l2, l3, k0, k1, k2, k3]) = head else {
            return Err(damaged("it has no last chunk"));
        };
        let length = u32::from_be_bytes([l0, l1, l2, l3]) as usize;
        let data = bytes.get(at + 8..).and_then(|rest| rest.get(..length));
        let chunk = Chunk {
            at,
            kind: [k0, k1, k2, k3],
            data: data.ok_or_else(|| damaged("a chunk that is cut off"))?,
        };
        at = chunk.end();
        if at > bytes.len() {
            return Err(damaged("a chunk that is cut off"));
        }
        chunks.push(chunk);
        if &chunk.kind == b"IEND" {
            return Ok(chunks);
        }
    }
    Err(damaged("too many chunks"))
}

/// A whole chunk.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Result<Vec<u8>, Refusal> {
    let Some(length) = u32::try_from(data.len()).ok().filter(|l| *l < 1 << 31) else {
        let (bytes, limit) = (data.len(), (1 << 31) - 1);
        return Err(Refusal::NoRoom { bytes, limit });
    };
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(data);
    let (length, sum) = (length.to_be_bytes(), crc.sum().to_be_bytes());
    Ok([&length[..], kind, data, &sum].concat())
}

/// The packet of a PNG.
pub(super) fn packet(bytes: &[u8]) -> Result<Option<&[u8]>, Refusal> {
    let chunks = chunks(bytes)?;
    let has = |kind: &[u8; 4]| chunks.iter().any(|c| c.kind == *kind);
    if has(b"caBX") {
        return Err(Refusal::Signed { what: "C2PA" });
    }
    if has(b"dSIG") {
        return Err(Refusal::Signed { what: "dSIG" });
    }
    let is_text = |c: &&Chunk<'_>| matches!(&c.kind, b"tEXt" | b"zTXt" | b"iTXt");
    let starts = |c: &Chunk<'_>, name: &[u8]| {
        let start = c.data.get(..name.len()).unwrap_or_default();
        start.eq_ignore_ascii_case(name)
    };
    let mut texts = chunks.iter().filter(is_text);
    if texts.any(|c| {
        starts(c, b"Raw profile type xmp\0") || starts(c, b"XML:com.adobe.xmp\0") && !c.is_xmp()
    }) {
        let what =
            "its XMP is in an old form, which programs would no longer read beside a new one";
        return Err(Refusal::Form { what });
    }
    let mut packets = chunks.iter().filter(|c| c.is_xmp());
    match (packets.next(), packets.next()) {
        (Some(_), Some(_)) => {
            let what = "it has two XMP packets, of which programs read either";
            Err(Refusal::Form { what })
        }
        (None, _) => Ok(None),
        (Some(chunk), None) => text(chunk.data).map(Some),
    }
}

/// The text of an XMP chunk, which the specification wants uncompressed.
fn text(data: &[u8]) -> Result<&[u8], Refusal> {
    let rest = data.strip_prefix(KEYWORD).unwrap_or_default();
    let [0, 0, rest @ ..] = rest else {
        let what = "its XMP is compressed, which the specification does not allow";
        return Err(Refusal::Form { what });
    };
    let after_zero = |rest: &[u8]| rest.iter().position(|&byte| byte == 0).map(|at| at + 1);
    let language = after_zero(rest).ok_or_else(|| damaged("its XMP chunk"))?;
    let translated = after_zero(&rest[language..]).ok_or_else(|| damaged("its XMP chunk"))?;
    Ok(&rest[language + translated..])
}

/// The patches of a PNG.
pub(super) fn patches(bytes: &[u8], changes: &Changes<'_>) -> Result<Vec<Patch>, Refusal> {
    let chunks = chunks(bytes)?;
    let mut patches = Vec::new();
    match chunks.iter().find(|c| c.is_xmp()) {
        Some(old) => {
            let head = old.data.len() - text(old.data)?.len();
            let data = [&old.data[..head], changes.packet].concat();
            let length = old.end() - old.at;
            patches.push(Patch::trimmed(
                bytes,
                old.at,
                length,
                chunk(b"iTXt", &data)?,
            ));
        }
        None => {
            let picture = chunks.iter().find(|c| &c.kind == b"IDAT");
            let at = picture.ok_or_else(|| damaged("it has no picture"))?.at;
            let data = [HEAD, changes.packet].concat();
            patches.push(Patch::insert(at, chunk(b"iTXt", &data)?));
        }
    }
    if changes.has_iptc && !changes.names.is_empty() {
        let what = "its IPTC keywords are in an old form that is not written";
        return Err(Refusal::Form { what });
    }
    for exif in chunks.iter().filter(|c| &c.kind == b"eXIf") {
        let skip = if exif.data.starts_with(b"Exif\0\0") {
            6
        } else {
            0
        };
        let inner = tiff::exif_patches(&exif.data[skip..], changes.names)?;
        if inner.is_empty() {
            continue;
        }
        let new = crate::sidecar::embed::patch::apply(&exif.data[skip..], &in_order(inner));
        let new = new.ok_or_else(|| damaged("its EXIF data"))?;
        let data = [&exif.data[..skip], &new].concat();
        let length = exif.end() - exif.at;
        patches.push(Patch::trimmed(
            bytes,
            exif.at,
            length,
            chunk(b"eXIf", &data)?,
        ));
    }
    Ok(in_order(patches))
}
