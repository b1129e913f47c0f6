//! What a format is to change.

use crate::sidecar::embed::packet::Names;

/// What a format is to change.
pub(super) struct Changes<'a> {
    /// The new packet.
    pub(super) packet: &'a [u8],
    /// Names that come into the other metadata, and that go.
    pub(super) names: &'a Names,
    /// Whether the photo has IPTC keywords.
    pub(super) has_iptc: bool,
}
