//! JPEG (ITU-T T.81, annex B): everything up to the end of the image, except comments and
//! applications' segments. Of those, the ICC profile, Adobe's colour transform and the orientation
//! count. A second picture, a gain map or a video after the end does not.

use crate::decode::jpeg::{Facts, next_marker, segment};
use crate::decode::orientation;
use crate::decode::picture_hash::parts::{PROFILE, Parts};

/// The start of Adobe's APP14 segment.
const ADOBE: &[u8] = b"Adobe";

pub(super) fn add(parts: &mut Parts, file: &[u8]) -> Option<()> {
    let mut facts = Facts::default();
    let mut adobe: &[u8] = &[];
    let mut at = 2;
    loop {
        let (marker, body) = next_marker(file, at)?;
        // TEM and a stray start have no segment.
        if matches!(marker, 0x01 | 0xD8) {
            at = body;
            continue;
        }
        if marker == 0xD9 {
            return None;
        }
        let (content, end) = segment(file, body)?;
        match marker {
            0xDA => {
                parts.add_pieces(b"scan", scans(file, body, end))?;
                break;
            }
            0xE1 => facts.note(content),
            0xE2 => facts.note_profile(content),
            0xEE if content.starts_with(ADOBE) && adobe.is_empty() => adobe = content,
            0xE0..=0xEF | 0xFE => {}
            _ => parts.add(&[b'j', b'p', b'g', marker], content)?,
        }
        at = end;
    }
    parts.add(b"adob", adobe)?;
    parts.add(&PROFILE, &facts.profile().unwrap_or_default())?;
    parts.add_orientation(orientation::of_metadata(facts.exif, facts.xmp))
}

/// The scans and the tables between them, in pieces without comments and applications' segments. The
/// first scan's header begins at `start` and ends at `at`. Without an end of the image, everything to
/// the end of the file is among them.
fn scans(file: &[u8], start: usize, mut at: usize) -> impl Iterator<Item = &[u8]> {
    let mut start = Some(start);
    std::iter::from_fn(move || {
        let from = start?;
        loop {
            let found = next_marker(file, at);
            let Some((marker, body)) = found else {
                break;
            };
            if marker == 0xD9 {
                start = None;
                return file.get(from..body);
            }
            let end = segment(file, body).map(|(_, end)| end);
            match (marker, end) {
                (0xC4 | 0xDA..=0xDD, Some(end)) => at = end,
                (0xE0..=0xEF | 0xFE, Some(end)) => {
                    (start, at) = (Some(end), end);
                    return file.get(from..body - 2);
                }
                // Damage, or an appendix.
                _ => break,
            }
        }
        start = None;
        file.get(from..)
    })
}
