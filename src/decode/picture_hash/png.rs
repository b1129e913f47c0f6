//! PNG (third edition): header, palette, pixels, transparency, colours and animation, and the
//! orientation in any metadata.

use crate::decode::picture_hash::parts::Parts;
use crate::decode::png::{chunks, metadata};

/// The chunks that count, besides the pixels.
const KINDS: [&[u8; 4]; 13] = [
    b"IHDR", b"PLTE", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV",
    b"acTL", b"fcTL", b"fdAT",
];

pub(super) fn add(parts: &mut Parts, file: &[u8]) -> Option<()> {
    let mut has_pixels = false;
    let mut has_ended = false;
    for (kind, content) in chunks(file) {
        match kind {
            b"IDAT" => has_pixels = true,
            b"IEND" => {
                has_ended = true;
                break;
            }
            kind if KINDS.contains(&kind) => parts.add(kind, content)?,
            _ => {}
        }
    }
    if !(has_pixels && has_ended) {
        return None;
    }
    let until_end = chunks(file).take_while(|(kind, _)| *kind != b"IEND");
    let pixels = until_end.filter(|(kind, _)| *kind == b"IDAT");
    parts.add_pieces(b"IDAT", pixels.map(|(_, content)| content))?;
    parts.add_orientation(metadata(file))
}
