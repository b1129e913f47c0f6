//! WebP (RFC 9649): pixels, alpha, animation and colour profile. The header of the extended format
//! comes with the first metadata, so of it only an animation's canvas counts, and whether there is
//! alpha where alpha has a chunk of its own.

use crate::decode::orientation;
use crate::decode::picture_hash::parts::{PROFILE, Parts};

/// The flag of alpha in the header.
const ALPHA: u8 = 0x10;

pub(super) fn add(parts: &mut Parts, file: &[u8]) -> Option<()> {
    let (mut exif, mut xmp, mut header) = (None, None, None);
    let mut profile: &[u8] = &[];
    let (mut has_picture, mut has_alpha, mut is_animated) = (false, false, false);
    let mut rest = file.get(12..)?;
    while let Some((kind, after)) = rest.split_first_chunk::<4>() {
        let (length, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (content, after) = after.split_at_checked(length)?;
        // Chunks of an odd length are padded.
        rest = after.get(length % 2..).unwrap_or_default();
        match kind {
            b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" | b"ANMF" => {
                parts.add(kind, content)?;
                has_picture |= matches!(kind, b"VP8 " | b"VP8L" | b"ANMF");
                is_animated |= kind == b"ANMF";
                has_alpha |= kind == b"ALPH";
            }
            b"VP8X" => header = content.first_chunk::<10>(),
            b"ICCP" => profile = content,
            b"EXIF" => exif = exif.or(Some(content)),
            b"XMP " => xmp = xmp.or(Some(content)),
            _ => {}
        }
    }
    if !has_picture {
        return None;
    }
    if is_animated {
        let [.., a, b, c, d, e, f] = header?;
        parts.add(b"size", &[*a, *b, *c, *d, *e, *f])?;
    }
    if has_alpha {
        parts.add(b"alph", &[header?[0] & ALPHA])?;
    }
    parts.add(&PROFILE, profile)?;
    parts.add_orientation(orientation::of_metadata(exif, xmp))
}
