//! The XMP packet inside a photo: gets the keywords by the same edit as a sidecar, and takes the
//! room for them from its padding.

use std::collections::HashSet;

use crate::sidecar::edit::base::minimal;
use crate::sidecar::edit::bytes::{digest, edit};
use crate::sidecar::edit::ours::take_out;
use crate::sidecar::edit::record::Record;
use crate::sidecar::edit::request::{Request, Terms};
use crate::sidecar::read::embedded::Embedded;
use crate::sidecar::read::encoding::{Decoded, Scheme};
use crate::sidecar::read::error::Fault;
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::keywords::{Keywords, read_values};
use crate::sidecar::read::property::{Properties, Property};
use crate::sidecar::read::refusal::Refusal;
use crate::sidecar::read::xml;

/// White space in a packet of ours, so that the next keywords move nothing.
const PADDING: usize = 2048;
/// XMP's end mark, before which the padding is.
const END: &[u8] = b"<?xpacket end";

/// An edited packet.
#[derive(Debug)]
pub(super) struct NewPacket {
    /// Its bytes; `None` if it stays as it is.
    pub(super) bytes: Option<Vec<u8>>,
    /// For the caller to store once the file is written.
    pub(super) record: Record,
    /// Keywords that come.
    pub(super) added: Vec<Keyword>,
    /// Keywords that go.
    pub(super) removed: Vec<Keyword>,
    /// The change of the flat names of ours.
    pub(super) names: Names,
}

/// Flat names that come into the photo's other metadata, and names that go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) added: Vec<String>,
    pub(super) removed: Vec<String>,
}

impl Names {
    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// Edits the packet of a photo. A photo without one gets one if there is anything to write. The new
/// packet is as long as the old one if the padding suffices.
pub(super) fn edit_packet(
    old: Option<&[u8]>,
    embedded: &Embedded,
    request: &Request<'_>,
    limit: usize,
) -> Result<NewPacket, Refusal> {
    let nothing = || NewPacket {
        bytes: None,
        record: Record::default(),
        added: Vec::new(),
        removed: Vec::new(),
        names: Names::default(),
    };
    if old.is_none() && request.wanted.is_empty() {
        return Ok(nothing());
    }
    let new = || minimal(None).into_bytes();
    let before = old.map_or_else(new, |packet| without_zeros(packet).to_vec());
    let decoded = Decoded::read(&before).map_err(refused)?;
    if matches!(decoded.scheme, Scheme::Utf16Le | Scheme::Utf16Be) {
        let what = "its XMP is in UTF-16, which photos do not have";
        return Err(Refusal::Form { what });
    }
    let without = match request.terms.taken_out {
        [] => before.clone(),
        keywords => take_out(&before, keywords, false).map_err(refused)?,
    };
    let mut edited = edit(&without, request).map_err(refused)?;
    if edited.bytes == before {
        return Ok(NewPacket {
            record: edited.record,
            ..nothing()
        });
    }
    // Programs that find keywords in XMP ignore those elsewhere.
    let carried = carried(&without, embedded, request)?;
    if carried != without {
        edited = edit(&carried, request).map_err(refused)?;
    }
    let bytes = with_padding(&edited.bytes, old.map_or(0, <[u8]>::len), limit)?;
    let nobody = Record::default();
    let previous = request.previously.unwrap_or(&nobody);
    let mut record = edited.record;
    let names = names(previous, &record, &bytes)?;
    record.file = digest(&bytes);
    let (old_keywords, new_keywords) = (keywords(&before)?, keywords(&bytes)?);
    Ok(NewPacket {
        added: beside(&new_keywords, &old_keywords),
        removed: beside(&old_keywords, &new_keywords),
        bytes: Some(bytes),
        record,
        names,
    })
}

/// Why the XMP cannot be edited.
pub(super) fn refused(fault: Fault) -> Refusal {
    Refusal::Packet {
        reason: fault.to_string(),
    }
}

/// A packet without the zeros that fill the room it has.
fn without_zeros(packet: &[u8]) -> &[u8] {
    let end = packet.iter().rposition(|&byte| byte != 0);
    &packet[..end.map_or(0, |at| at + 1)]
}

fn keywords(packet: &[u8]) -> Result<Vec<Keyword>, Refusal> {
    let values = read_values(packet).map_err(refused)?;
    Ok(Keywords::of(&values).unified())
}

/// Those of `all` that are not among `others`.
fn beside(all: &[Keyword], others: &[Keyword]) -> Vec<Keyword> {
    let others: HashSet<&Keyword> = others.iter().collect();
    let rest = all.iter().filter(|keyword| !others.contains(keyword));
    rest.cloned().collect()
}

/// The packet with the keywords that only IPTC or EXIF have.
fn carried(packet: &[u8], embedded: &Embedded, request: &Request<'_>) -> Result<Vec<u8>, Refusal> {
    if request.wanted.is_empty() {
        return Ok(packet.to_vec());
    }
    let rejected: HashSet<Vec<String>> =
        request.terms.refused.iter().map(Keyword::folded).collect();
    let (_, plain) = embedded.values();
    let plain = plain.iter().filter_map(|name| Keyword::new([name]).ok());
    let plain: Vec<Keyword> = plain.filter(|k| !rejected.contains(&k.folded())).collect();
    let properties = Properties {
        hierarchical: false,
        digikam: false,
        state: false,
        ..Properties::default()
    };
    let theirs = Request {
        wanted: &plain,
        confidences: &[],
        previously: None,
        properties: &properties,
        terms: Terms::default(),
    };
    let edited = edit(packet, &theirs).map_err(refused)?;
    Ok(edited.bytes)
}

/// The flat names of ours that have come or gone.
fn names(before: &Record, after: &Record, packet: &[u8]) -> Result<Names, Refusal> {
    let values = read_values(packet).map_err(refused)?;
    let there = &values[Property::Subject as usize];
    let (old, new) = (
        before.values(Property::Subject),
        after.values(Property::Subject),
    );
    let added = new.iter().filter(|name| !old.contains(name));
    let removed = old.iter().filter(|name| !there.contains(name));
    Ok(Names {
        added: added.cloned().collect(),
        removed: removed.cloned().collect(),
    })
}

/// The packet with so much padding that it is as long as before, or with new padding if it has to
/// become longer.
fn with_padding(packet: &[u8], before: usize, limit: usize) -> Result<Vec<u8>, Refusal> {
    let is_space = |byte: &u8| xml::is_space(char::from(*byte));
    let end = packet
        .windows(END.len())
        .rposition(|part| part == END)
        .unwrap_or(packet.len());
    let head = packet[..end].iter().rposition(|byte| !is_space(byte));
    let head = head.map_or(0, |at| at + 1);
    let fixed = head + (packet.len() - end);
    if fixed > limit {
        let bytes = fixed;
        return Err(Refusal::NoRoom { bytes, limit });
    }
    let room = match before.checked_sub(fixed) {
        Some(room) => room,
        None if end == packet.len() => 0,
        None => PADDING.min(limit - fixed),
    };
    let gap = &packet[head..end];
    let mut padded = packet[..head].to_vec();
    padded.extend(gap.iter().take(room));
    let missing = room.saturating_sub(gap.len());
    padded.extend((1..=missing).map(|i| if i % 100 == 0 { b'\n' } else { b' ' }));
    padded.extend(&packet[end..]);
    Ok(padded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_used_before_anything_grows() {
        let packet = b"<a/>\n          <?xpacket end=\"w\"?>";
        let same = with_padding(packet, packet.len(), 1000).unwrap();
        assert_eq!(same, packet);
        // Six bytes more, taken from the padding.
        let longer = b"<abcdefg/>\n          <?xpacket end=\"w\"?>";
        let padded = with_padding(longer, packet.len(), 1000).unwrap();
        assert_eq!(padded.len(), packet.len());
        assert!(padded.starts_with(b"<abcdefg/>\n") && padded.ends_with(b"end=\"w\"?>"));
        let shorter = with_padding(b"<a/><?xpacket end=\"w\"?>", packet.len(), 1000).unwrap();
        assert_eq!(shorter.len(), packet.len());
        // Without room it gets new padding, as far as there is a limit.
        let grown = with_padding(longer, 20, 10_000).unwrap();
        assert_eq!(grown.len(), 10 + 19 + PADDING);
        assert_eq!(with_padding(longer, 20, 100).unwrap().len(), 100);
        let refused = with_padding(longer, 20, 25).unwrap_err().to_string();
        assert!(refused.contains("29 bytes"), "{refused}");
        // A packet without its mark has no padding of its own.
        assert_eq!(with_padding(b"<abcd/>", 3, 100).unwrap(), b"<abcd/>");
        assert_eq!(with_padding(b"<abcd/>", 9, 100).unwrap(), b"<abcd/>  ");
        assert_eq!(without_zeros(b"<a/>\0\0"), b"<a/>");
        assert_eq!(without_zeros(b"\0\0"), b"");
    }
}
