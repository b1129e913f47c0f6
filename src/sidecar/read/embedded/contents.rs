//! The metadata found inside a photo, and its keywords.

use std::collections::HashSet;

use crate::core::text::folded;
use crate::sidecar::read::facts::Facts;
use crate::sidecar::read::iptc::{self, Iptc};
use crate::sidecar::read::keywords::{Keywords, Values, read_values, read_values_and_facts};

/// The most segments, chunks, boxes or directory entries to read.
pub(super) const MAX_PARTS: usize = 100_000;

/// The metadata of a photo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Embedded {
    /// The XMP packet, unchanged.
    pub(crate) xmp: Option<Vec<u8>>,
    /// The extended packet of a JPEG, which did not fit into one segment.
    pub(crate) extended_xmp: Option<Vec<u8>>,
    /// The IPTC keywords.
    pub(crate) iptc: Iptc,
    /// The keywords that Windows writes into EXIF (`XPKeywords`).
    pub(crate) windows: Vec<String>,
}

impl Embedded {
    /// Keeps the first packet.
    pub(super) fn take_xmp(&mut self, packet: Vec<u8>) {
        if self.xmp.is_none() {
            self.xmp = Some(packet);
        }
    }

    /// Keeps the first IPTC data, plain or inside Photoshop's resources.
    pub(super) fn take_iptc(&mut self, data: &[u8]) {
        let data = match data.starts_with(b"8BIM") {
            true => iptc::in_photoshop(data),
            false => Some(data),
        };
        if let Some(data) = data
            && self.iptc.is_empty()
        {
            self.iptc = Iptc::read(data);
        }
    }

    /// Returns what the photo's XMP states about it, and the time in its IPTC data if XMP has none.
    pub(crate) fn facts(&self) -> Facts {
        let packet = self.xmp.as_deref();
        let read = packet.and_then(|xmp| read_values_and_facts(xmp).ok());
        let (_, mut facts) = read.unwrap_or_default();
        facts.times.taken = facts.times.taken.or_else(|| self.iptc.taken());
        facts
    }

    /// Returns the values of the XMP properties, and the flat names that are only elsewhere.
    ///
    /// XMP is newer and says more. A keyword of IPTC or EXIF counts only if it is no other spelling
    /// of a keyword in XMP, cut off or in another code page.
    pub(crate) fn values(&self) -> (Values, Vec<String>) {
        let packets = [&self.xmp, &self.extended_xmp];
        let read =
            |packet: &Option<Vec<u8>>| packet.as_deref().and_then(|xmp| read_values(xmp).ok());
        let mut values = Values::default();
        for packet in packets.into_iter().filter_map(read) {
            for (all, more) in values.iter_mut().zip(packet) {
                all.extend(more);
            }
        }
        let known: HashSet<String> = Keywords::of(&values).names();
        let mut plain = self.iptc.keywords_beside(&known);
        let named: HashSet<String> = plain.iter().map(|name| folded(name)).collect();
        let is_new = |name: &&String| {
            let name = folded(name);
            !known.contains(&name) && !named.contains(&name)
        };
        plain.extend(self.windows.iter().filter(is_new).cloned());
        (values, plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_iptc_counts_where_xmp_has_none() {
        let iptc = |date: &str, time: &str| {
            let mut data = Vec::new();
            for (number, value) in [(55, date), (60, time)] {
                data.extend([0x1c, 2, number, 0, value.len() as u8]);
                data.extend(value.as_bytes());
            }
            Embedded {
                iptc: Iptc::read(&data),
                ..Embedded::default()
            }
        };
        let taken = |embedded: &Embedded| embedded.facts().times.taken.map(|time| time.to_string());
        for (date, time, expected) in [
            ("20240506", "170809+0200", Some("2024-05-06T17:08:09+02:00")),
            ("20240506", "170809", Some("2024-05-06T17:08:09")),
            ("20240506", "never", Some("2024-05-06T00:00:00")),
            ("20240500", "", None),
            ("00000000", "000000+0000", None),
            ("2024", "", None),
            ("ééééé", "é", None),
        ] {
            assert_eq!(taken(&iptc(date, time)).as_deref(), expected, "{date}");
        }
        let mut both = iptc("20240506", "");
        both.xmp = Some(
            br#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:DateTimeOriginal="2001-02-03T04:05:06"/></rdf:RDF></x:xmpmeta>"#
                .to_vec(),
        );
        assert_eq!(taken(&both).as_deref(), Some("2001-02-03T04:05:06"));
    }
}
