//! JPEG (ITU T.81, annex B): changes APP1 segments with XMP and Windows' keywords, APP13 with IPTC,
//! and the places in APP2 where MPF says that other pictures are.

use crate::sidecar::embed::changes::Changes;
use crate::sidecar::embed::mpf;
use crate::sidecar::embed::patch::{Patch, in_order};
use crate::sidecar::embed::{names, tiff};
use crate::sidecar::read::embedded::jpeg::EXTENDED_XMP;
pub(super) use crate::sidecar::read::embedded::jpeg::{PHOTOSHOP, XMP};
use crate::sidecar::read::refusal::{Refusal, damaged};

pub(super) const EXIF: &[u8] = b"Exif\0";
pub(super) const MPF: &[u8] = b"MPF\0";
/// The longest packet in one segment (XMP specification part 3, section 1.1.3).
pub(super) const MOST_PACKET_BYTES: usize = 65_502;
/// The longest content of a segment.
const MOST_SEGMENT_BYTES: usize = 65_533;
const MOST_SEGMENTS: usize = 10_000;

/// A marker segment before the first scan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'b> {
    pub(super) marker: u8,
    /// Where its content starts.
    pub(super) start: usize,
    pub(super) content: &'b [u8],
}

impl Segment<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.content.len()
    }

    fn is(&self, marker: u8, name: &[u8]) -> bool {
        self.marker == marker && self.content.starts_with(name)
    }
}

/// Reads the segments up to the first scan. Returns them, and where the scan's marker is.
pub(super) fn segments(bytes: &[u8]) -> Result<(Vec<Segment<'_>>, usize), Refusal> {
    let mut segments = Vec::new();
    let mut at = 2;
    while segments.len() < MOST_SEGMENTS {
        let rest = bytes.get(at..).unwrap_or_default();
        let fill = rest.iter().take_while(|&&byte| byte == 0xff).count();
        let Some(&marker) = rest.get(fill).filter(|_| fill > 0) else {
            return Err(damaged("no marker where one should be"));
        };
        let head = at + fill + 1;
        match marker {
            0xda => return Ok((segments, at)),
            // Those have no length, and stand only inside of scans or at the ends.
            0x00..=0x01 | 0xd0..=0xd9 => return Err(damaged("a marker out of place")),
            _ => {}
        }
        let length = bytes.get(head..).and_then(|rest| rest.first_chunk());
        let length = length.map(|two| usize::from(u16::from_be_bytes(*two)));
        let content = length.and_then(|length| bytes.get(head + 2..head + length));
        let Some(content) = content else {
            return Err(damaged("a segment that is cut off"));
        };
        segments.push(Segment {
            marker,
            start: head + 2,
            content,
        });
        at = head + 2 + content.len();
    }
    Err(damaged("too many segments"))
}

/// Where the first scan's data begin, which no metadata follow that are read; `None` if that is further on.
pub(super) fn metadata_end(bytes: &[u8]) -> Option<usize> {
    const MARKER_BYTES: usize = 2;
    let (_, scan) = segments(bytes).ok()?;
    Some(scan + MARKER_BYTES).filter(|end| *end <= bytes.len())
}

/// Where the picture ends, behind its last marker; the end of the file if it has none.
pub(super) fn picture_end(bytes: &[u8], scan: usize) -> usize {
    let mut at = scan;
    while let Some(found) = memchr::memchr(0xff, bytes.get(at..).unwrap_or_default()) {
        let marker = at + found + 1;
        at = match bytes.get(marker) {
            Some(0xd9) => return marker + 1,
            // Data, restart markers and fill bytes.
            Some(0x00 | 0xd0..=0xd7) => marker + 1,
            Some(0xff) => marker,
            // A table or the next scan.
            Some(_) => {
                let length = bytes.get(marker + 1..).and_then(|rest| rest.first_chunk());
                let length = length.map_or(2, |two| usize::from(u16::from_be_bytes(*two)));
                marker + 1 + length.max(2)
            }
            None => break,
        };
    }
    bytes.len()
}

/// The packet of a JPEG.
pub(super) fn packet(bytes: &[u8]) -> Result<Option<&[u8]>, Refusal> {
    let (segments, _) = segments(bytes)?;
    let is_signed = |s: &&Segment<'_>| s.is(0xeb, b"JP") && has(s.content, b"jumb");
    if segments.iter().any(|s| is_signed(&s)) {
        return Err(Refusal::Signed { what: "C2PA" });
    }
    if segments.iter().any(has_hidden_packet) {
        let what = "its XMP has a mark that only some programs know, and those would not read a second one";
        return Err(Refusal::Form { what });
    }
    let mut packets = segments.iter().filter(|s| s.is(0xe1, XMP));
    match (packets.next(), packets.next()) {
        (Some(_), Some(_)) => {
            let what = "it has two XMP packets, of which programs read either";
            Err(Refusal::Form { what })
        }
        (packet, _) => Ok(packet.map(|s| &s.content[XMP.len()..])),
    }
}

/// Whether this is XMP that is not marked as the specification has it. Flickr's downloads begin with
/// `XMP\0://ns.adobe.com/xap/1.0/`: exiftool and what is built on it read that, others do not.
fn has_hidden_packet(segment: &Segment<'_>) -> bool {
    let is_known = [XMP, EXTENDED_XMP, EXIF]
        .iter()
        .any(|name| segment.is(0xe1, name));
    segment.marker == 0xe1
        && !is_known
        && (has(segment.content, b"<rdf:RDF") || has(segment.content, b"<x:xmpmeta"))
}

pub(super) fn has(bytes: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(bytes, part).is_some()
}

/// The patches of a JPEG.
pub(super) fn patches(bytes: &[u8], changes: &Changes<'_>) -> Result<Vec<Patch>, Refusal> {
    let (segments, scan) = segments(bytes)?;
    let mut patches = Vec::new();
    if !changes.names.is_empty() {
        patches.extend(iptc_patches(bytes, &segments, changes)?);
        for segment in segments.iter().filter(|s| s.is(0xe1, EXIF)) {
            let Some(block) = segment.content.get(EXIF.len() + 1..) else {
                continue;
            };
            let inner = tiff::exif_patches(block, changes.names)?;
            patches.extend(within(bytes, segment, EXIF.len() + 1, inner)?);
        }
    }
    // A new segment comes at the end of the EXIF data, behind what these grow by.
    patches.push(packet_patch(bytes, &segments, changes.packet)?);
    let patches = in_order(patches);
    if patches.iter().all(|p| p.length == p.bytes.len()) {
        return Ok(patches);
    }
    check_pointers(bytes, &segments, picture_end(bytes, scan))?;
    let mut all = patches.clone();
    for segment in segments.iter().filter(|s| s.is(0xe2, MPF)) {
        all.extend(mpf::patches(bytes, segment.start + MPF.len(), &patches)?);
    }
    Ok(in_order(all))
}

/// Puts the packet into its segment, or into a new one behind JFIF and EXIF.
fn packet_patch(bytes: &[u8], segments: &[Segment<'_>], packet: &[u8]) -> Result<Patch, Refusal> {
    if let Some(segment) = segments.iter().find(|s| s.is(0xe1, XMP)) {
        let content = [XMP, packet].concat();
        return content_patch(bytes, segment, content);
    }
    let length = XMP.len() + packet.len() + 2;
    let Ok(length) = u16::try_from(length) else {
        return Err(no_room(length));
    };
    let first = segments
        .iter()
        .take_while(|s| s.marker == 0xe0 || s.is(0xe1, EXIF));
    let at = first.last().map_or(2, Segment::end);
    let new = [&[0xff, 0xe1], &length.to_be_bytes()[..], XMP, packet].concat();
    Ok(Patch::insert(at, new))
}

fn no_room(bytes: usize) -> Refusal {
    let limit = MOST_SEGMENT_BYTES;
    Refusal::NoRoom { bytes, limit }
}

/// Replaces a segment's content, and its length where that differs.
fn content_patch(
    bytes: &[u8],
    segment: &Segment<'_>,
    mut content: Vec<u8>,
) -> Result<Patch, Refusal> {
    if content.len() == segment.content.len() {
        let length = content.len();
        return Ok(Patch::trimmed(bytes, segment.start, length, content));
    }
    let Some(length) = u16::try_from(content.len() + 2).ok() else {
        return Err(no_room(content.len()));
    };
    content.splice(0..0, length.to_be_bytes());
    let old = segment.content.len() + 2;
    Ok(Patch::trimmed(bytes, segment.start - 2, old, content))
}

/// Moves patches of a segment's content, from the byte `skip` on, into the file.
fn within(
    bytes: &[u8],
    segment: &Segment<'_>,
    skip: usize,
    inner: Vec<Patch>,
) -> Result<Vec<Patch>, Refusal> {
    let start = segment.start + skip;
    let is_longer = |p: &Patch| p.length != p.bytes.len();
    let mut moved = inner.clone();
    moved.iter_mut().for_each(|patch| patch.at += start);
    if !inner.iter().any(is_longer) {
        return Ok(moved);
    }
    let more: usize = inner.iter().map(|p| p.bytes.len() - p.length).sum();
    let length = segment.content.len() + more;
    let Ok(length) = u16::try_from(length + 2) else {
        return Err(no_room(length));
    };
    let place = length.to_be_bytes().to_vec();
    moved.push(Patch::trimmed(bytes, segment.start - 2, 2, place));
    Ok(moved)
}

fn iptc_patches(
    bytes: &[u8],
    segments: &[Segment<'_>],
    changes: &Changes<'_>,
) -> Result<Vec<Patch>, Refusal> {
    let resources: Vec<&Segment<'_>> = segments.iter().filter(|s| s.is(0xed, PHOTOSHOP)).collect();
    if let [segment] = resources.as_slice() {
        let block = &segment.content[PHOTOSHOP.len()..];
        let new = names::in_photoshop(block, changes.names);
        let new = new.map(|new| content_patch(bytes, segment, [PHOTOSHOP, &new].concat()));
        return new.into_iter().collect();
    }
    match changes.has_iptc {
        true => {
            let what = "its IPTC keywords are spread over several segments";
            Err(Refusal::Form { what })
        }
        false => Ok(Vec::new()),
    }
}

/// Refuses to move what EXIF data point to behind the picture: some cameras put a preview there, and
/// only their own notes say where.
fn check_pointers(bytes: &[u8], segments: &[Segment<'_>], end: usize) -> Result<(), Refusal> {
    if end >= bytes.len() {
        return Ok(());
    }
    for segment in segments.iter().filter(|s| s.is(0xe1, EXIF)) {
        let base = segment.start + EXIF.len() + 1;
        let block = segment.content.get(EXIF.len() + 1..).unwrap_or_default();
        let leads_behind = |place: &[u8]| {
            let Some(four) = place.first_chunk::<4>() else {
                return false;
            };
            let values = [u32::from_le_bytes(*four), u32::from_be_bytes(*four)];
            values.into_iter().any(|value| {
                let at = base.saturating_add(value as usize);
                at >= end
                    && bytes
                        .get(at..)
                        .is_some_and(|rest| rest.starts_with(b"\xff\xd8\xff"))
            })
        };
        if block.windows(4).step_by(2).any(leads_behind) {
            let what = "its EXIF data point to a picture behind this one, which would move";
            return Err(Refusal::Form { what });
        }
    }
    Ok(())
}
