//! The metadata found inside a photo, and its keywords.

use std::collections::HashSet;

use crate::core::capture::NotedTimes;
use crate::core::text::folded;
use crate::sidecar::read::iptc::{self, Iptc};
use crate::sidecar::read::keywords::{Keywords, Values, read_values, read_values_and_times};

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

    /// Returns the times in the photo's XMP.
    pub(crate) fn times(&self) -> NotedTimes {
        let packet = self.xmp.as_deref();
        let read = packet.and_then(|xmp| read_values_and_times(xmp).ok());
        read.map(|(_, times)| times).unwrap_or_default()
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
