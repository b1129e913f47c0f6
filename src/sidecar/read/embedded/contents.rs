//! What is found inside a photo, and the keywords in it.

use std::collections::HashSet;

use crate::core::capture::NotedTimes;
use crate::core::text::folded;
use crate::sidecar::read::iptc::{self, Iptc};
use crate::sidecar::read::keywords::{Keywords, Values, read_values, read_values_and_times};

/// Segments, chunks, boxes or directory entries that are looked at.
pub(super) const MAX_PARTS: usize = 100_000;

/// What is in a photo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Embedded {
    /// The XMP packet, as it is.
    pub(crate) xmp: Option<Vec<u8>>,
    /// What did not fit into a JPEG's one segment for XMP: a packet of its own.
    pub(crate) extended_xmp: Option<Vec<u8>>,
    /// The IPTC keywords.
    pub(crate) iptc: Iptc,
    /// The keywords that Windows writes into EXIF (`XPKeywords`).
    pub(crate) windows: Vec<String>,
}

impl Embedded {
    /// Takes a packet, unless there is one already.
    pub(super) fn take_xmp(&mut self, packet: Vec<u8>) {
        if self.xmp.is_none() {
            self.xmp = Some(packet);
        }
    }

    /// Takes IPTC data, as it is or inside Photoshop's resources, unless there is some already.
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

    /// When the photo was taken, as its XMP says it.
    pub(crate) fn times(&self) -> NotedTimes {
        let packet = self.xmp.as_deref();
        let read = packet.and_then(|xmp| read_values_and_times(xmp).ok());
        read.map(|(_, times)| times).unwrap_or_default()
    }

    /// The values of the XMP properties, and the flat names that only stand elsewhere.
    ///
    /// XMP is the newer and says more: what IPTC and EXIF have besides counts only if it is no
    /// other spelling of a keyword in XMP, cut off or in another code page.
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
