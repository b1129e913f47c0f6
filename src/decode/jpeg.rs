//! Facts from a JPEG's markers, before it is decoded.
//!
//! The decoder silently fills missing data with grey, and it keeps the coefficients of a
//! progressive picture in memory; both must be known beforehand. The markers are those of ITU-T
//! T.81, annex B.

use std::collections::BTreeMap;

use crate::decode::error::Fault;
use crate::decode::numbers::u16_at;
use crate::decode::orientation;

/// Encoders write about ten scans. Each goes over the whole picture again, so a small file with
/// very many would occupy the decoder for as long as it likes.
pub(super) const MAX_SCANS: usize = 48;

/// The start of an APP1 segment with EXIF.
const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// The start of an APP2 segment with a part of an ICC profile.
const ICC: &[u8] = b"ICC_PROFILE\0";

/// Facts that the decoder does not report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts<'a> {
    /// Whether the markers lead to the end of the image. Even without it the data may be complete:
    /// some phones omit the end, or write an appendix instead.
    pub(crate) ended: bool,
    /// Whether a sequential frame's first scan lacks components. The decoder of whole pictures
    /// garbles such files if colours are subsampled.
    pub(crate) separate_scans: bool,
    /// Bytes of coefficients held until the last scan is read; 0 if each row of blocks becomes
    /// samples at once.
    pub(crate) coefficient_bytes: u64,
    /// The first EXIF block before the first scan with an orientation, or else the first, from the
    /// TIFF header on.
    pub(crate) exif: Option<&'a [u8]>,
    /// The first XMP packet before the first scan.
    pub(crate) xmp: Option<&'a [u8]>,
    /// The parts of the ICC profile before the first scan, by their numbers.
    profile: BTreeMap<u8, &'a [u8]>,
    /// The announced number of parts.
    profile_parts: u8,
}

/// Walks from marker to marker, up to the end of the image.
///
/// Bytes after it (a second picture, a video, a maker's appendix) do not matter. If a scan is
/// followed by anything but the allowed markers, the walk ends without an end of the image, and the
/// decoder judges the data.
pub(super) fn inspect(bytes: &[u8]) -> Result<Facts<'_>, Fault> {
    let mut facts = Facts::default();
    let mut frame = FrameFacts::default();
    let mut scans = 0;
    let mut at = 2;
    loop {
        let Some((marker, body)) = next_marker(bytes, at) else {
            return without_end(facts, scans);
        };
        if marker == 0xD9 {
            facts.ended = true;
            return Ok(facts);
        }
        // TEM and a stray SOI have no segment.
        if marker == 0x01 || (marker == 0xD8 && scans == 0) {
            at = body;
            continue;
        }
        // After a scan come tables, comments, further scans, or the number of lines.
        let follows = matches!(marker, 0xC4 | 0xDA..=0xDD | 0xE0..=0xEF | 0xFE);
        let segment = segment(bytes, body).filter(|_| scans == 0 || follows);
        let Some((segment, end)) = segment else {
            return without_end(facts, scans);
        };
        match marker {
            0xC0..=0xC2 => {
                if segment.first() == Some(&12) {
                    return Err(unsupported("12-bit JPEG"));
                }
                frame = FrameFacts::of(segment, marker == 0xC2);
                if frame.progressive {
                    facts.coefficient_bytes = frame.coefficient_bytes;
                }
            }
            0xE1 if scans == 0 => facts.note(segment),
            0xE2 if scans == 0 => facts.note_profile(segment),
            0xC3 | 0xC5..=0xC7 => return Err(unsupported("lossless or hierarchical JPEG")),
            0xC9..=0xCB | 0xCD..=0xCF => return Err(unsupported("arithmetic-coded JPEG")),
            0xDA => {
                scans += 1;
                if frame.components != 3 {
                    // A profile of greys or inks, which become RGB without it.
                    facts.profile.clear();
                }
                if scans > MAX_SCANS {
                    return Err(Fault::damaged("it has more scans than any encoder writes"));
                }
                // If the first scan lacks components, the decoder waits for the others.
                let in_scan = usize::from(segment.first().copied().unwrap_or(0));
                if in_scan < frame.components {
                    facts.coefficient_bytes = frame.coefficient_bytes;
                    facts.separate_scans |= !frame.progressive;
                }
            }
            _ => {}
        }
        at = end;
    }
}

/// Accepts a file without an end, unless it has no scan and so no picture.
fn without_end(facts: Facts<'_>, scans: usize) -> Result<Facts<'_>, Fault> {
    match scans {
        0 => Err(Fault::Truncated),
        _ => Ok(facts),
    }
}

impl<'a> Facts<'a> {
    /// The ICC profile, if it is complete.
    pub(super) fn profile(&self) -> Option<Vec<u8>> {
        let whole =
            !self.profile.is_empty() && self.profile.len() == usize::from(self.profile_parts);
        whole.then(|| self.profile.values().copied().collect::<Vec<_>>().concat())
    }

    /// Handles an APP2 segment (ICC.1, annex B.4).
    pub(super) fn note_profile(&mut self, segment: &'a [u8]) {
        if let Some([part, parts, data @ ..]) = segment.strip_prefix(ICC) {
            self.profile_parts = *parts;
            self.profile.entry(*part).or_insert(data);
        }
    }

    /// Handles an APP1 segment. Of several, the first counts, as in browsers.
    pub(super) fn note(&mut self, segment: &'a [u8]) {
        if let Some(exif) = segment.strip_prefix(EXIF) {
            let turned = |exif: &[u8]| orientation::of_exif(exif).is_some();
            if self
                .exif
                .is_none_or(|before| !turned(before) && turned(exif))
            {
                self.exif = Some(exif);
            }
        } else if let Some(xmp) = segment.strip_prefix(XMP) {
            self.xmp = self.xmp.or(Some(xmp));
        }
    }
}

/// The facts in the frame's header.
#[derive(Default)]
struct FrameFacts {
    progressive: bool,
    components: usize,
    coefficient_bytes: u64,
}

impl FrameFacts {
    fn of(segment: &[u8], progressive: bool) -> Self {
        Self {
            progressive,
            components: usize::from(segment.get(5).copied().unwrap_or(0)),
            coefficient_bytes: frame_coefficients(segment),
        }
    }
}

/// Returns the content of the segment with its length at `at`, and the position after it.
pub(super) fn segment(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let end = at + usize::from(u16_at(bytes, at)?);
    Some((bytes.get(at + 2..end)?, end))
}

fn unsupported(format: &str) -> Fault {
    Fault::Unsupported {
        format: format.to_owned(),
    }
}

/// Returns the next marker at or after `at` that is neither stuffing (FF 00), nor fill (FF FF), nor
/// a restart, and the position after it. Skips entropy-coded data.
pub(super) fn next_marker(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let mut at = at;
    loop {
        let found = at + memchr::memchr(0xFF, bytes.get(at..)?)?;
        match bytes.get(found + 1)? {
            0x00 | 0xD0..=0xD7 => at = found + 2,
            0xFF => at = found + 1,
            &marker => return Some((marker, found + 2)),
        }
    }
}

/// Two bytes per coefficient, for every component at its sampling, in whole blocks.
fn frame_coefficients(segment: &[u8]) -> u64 {
    let (Some(height), Some(width)) = (u16_at(segment, 1), u16_at(segment, 3)) else {
        return 0;
    };
    let samplings: Vec<(u64, u64)> = segment
        .get(6..)
        .unwrap_or_default()
        .chunks_exact(3)
        .map(|c| (u64::from(c[1] >> 4).max(1), u64::from(c[1] & 15).max(1)))
        .collect();
    let widest = samplings.iter().map(|s| s.0).max().unwrap_or(1);
    let tallest = samplings.iter().map(|s| s.1).max().unwrap_or(1);
    let columns = u64::from(width).div_ceil(8 * widest);
    let rows = u64::from(height).div_ceil(8 * tallest);
    let blocks: u64 = samplings.iter().map(|(h, v)| h * v).sum();
    columns * rows * blocks * 64 * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &[u8] = &[0xFF, 0xD8];
    const END: &[u8] = &[0xFF, 0xD9];

    fn frame(marker: u8) -> Vec<u8> {
        // 8 bits, 100 high, 200 wide, three components, 4:2:0.
        let mut bytes = vec![0xFF, marker, 0, 17, 8, 0, 100, 0, 200, 3];
        bytes.extend([1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
        bytes
    }

    fn scan(components: u8) -> Vec<u8> {
        vec![0xFF, 0xDA, 0, 3, components, 1, 2, 0xFF, 0, 0xFF, 0xD3, 9]
    }

    #[test]
    fn the_end_is_noticed_where_it_is() {
        let before = [START, &frame(0xC0)].concat();
        let whole = [&before, &scan(3)[..], END, b"appendix"].concat();
        assert!(inspect(&whole).unwrap().ended);
        let end = whole.len() - b"appendix".len();
        // A scan's header takes five bytes here.
        for cut in 2..end {
            let found = inspect(&whole[..cut]);
            match cut < before.len() + 5 {
                true => assert!(matches!(found, Err(Fault::Truncated)), "cut at {cut}"),
                false => assert!(!found.unwrap().ended, "cut at {cut}"),
            }
        }
    }

    #[test]
    fn coefficients_are_counted_where_they_are_kept() {
        // 13×7 units of six blocks: 4:2:0 rounded up to whole units of 16×16.
        let expected = 13 * 7 * 6 * 64 * 2;
        for (marker, in_scan, bytes) in [(0xC0, 3, 0), (0xC2, 3, expected), (0xC0, 1, expected)] {
            let file = [START, &frame(marker), &scan(in_scan), END].concat();
            assert_eq!(inspect(&file).unwrap().coefficient_bytes, bytes);
        }
    }

    #[test]
    fn an_appendix_in_place_of_the_end_is_none_of_the_pictures() {
        for appendix in [
            &[0xFF, 0xC9, 0, 4, 1, 1][..],
            &[0; 40],
            b"SEFH\xff\xd8\xff\xc0",
        ] {
            let file = [START, &frame(0xC0), &scan(3), appendix].concat();
            assert!(!inspect(&file).unwrap().ended, "{appendix:?}");
        }
    }

    #[test]
    fn scans_of_single_components_are_told_from_progressive_ones() {
        for (marker, in_scan, separate) in [(0xC0, 3, false), (0xC0, 1, true), (0xC2, 1, false)] {
            let file = [START, &frame(marker), &scan(in_scan), END].concat();
            assert_eq!(inspect(&file).unwrap().separate_scans, separate);
        }
    }

    #[test]
    fn scans_without_end_are_refused() {
        for (count, fine) in [(MAX_SCANS, true), (MAX_SCANS + 1, false)] {
            let file = [START, &frame(0xC2), &scan(3).repeat(count), END].concat();
            assert_eq!(inspect(&file).is_ok(), fine, "{count} scans");
        }
    }

    #[test]
    fn kinds_that_are_not_read_are_named() {
        for (marker, name) in [(0xC9, "arithmetic"), (0xC3, "lossless")] {
            let file = [START, &frame(marker), END].concat();
            assert!(inspect(&file).unwrap_err().to_string().contains(name));
        }
    }
}
