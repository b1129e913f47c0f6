//! Makes the patches that give a photo its keywords.

use crate::sidecar::edit::record::Record;
use crate::sidecar::edit::request::Request;
use crate::sidecar::embed::changes::Changes;
use crate::sidecar::embed::container::Container;
use crate::sidecar::embed::jpeg::has;
use crate::sidecar::embed::packet::{Names, edit_packet, refused};
use crate::sidecar::embed::patch::{Patch, apply};
use crate::sidecar::read::embedded::Embedded;
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::keywords::read_values;
use crate::sidecar::read::property::Property;
use crate::sidecar::read::refusal::{Refusal, unsound};

/// The patches that give a photo its keywords.
#[derive(Debug)]
pub(crate) struct Edit {
    /// In the order of the file; empty if it has them already.
    pub(crate) patches: Vec<Patch>,
    /// For the caller to store once the file is written.
    pub(crate) record: Record,
    /// Keywords that come.
    pub(crate) added: Vec<Keyword>,
    /// Keywords that go.
    pub(crate) removed: Vec<Keyword>,
    /// Flat names that come into the other metadata, and that go.
    pub(super) names: Names,
}

/// Makes the patches that give a photo the wanted keywords.
///
/// # Errors
/// If it must not be changed, or cannot be.
pub(crate) fn edit(
    bytes: &[u8],
    container: Container,
    request: &Request<'_>,
) -> Result<Edit, Refusal> {
    let old = container.packet(bytes)?;
    let embedded = Embedded::of_bytes(bytes);
    if old.is_some_and(|packet| has(packet, b"dcterms:provenance")) {
        return Err(Refusal::Signed { what: "C2PA" });
    }
    if let Some(extended) = &embedded.extended_xmp {
        let values = read_values(extended).map_err(refused)?;
        if Property::ALL
            .iter()
            .any(|p| !values[*p as usize].is_empty())
        {
            let what = "its keywords are in extended XMP, which is not written";
            return Err(Refusal::Form { what });
        }
    }
    let new = edit_packet(old, &embedded, request, container.most_packet_bytes())?;
    let patches = match &new.bytes {
        None => Vec::new(),
        Some(packet) => container.patches(
            bytes,
            &Changes {
                packet,
                names: &new.names,
                has_iptc: !embedded.iptc.is_empty(),
            },
        )?,
    };
    // Overlapping patches would be a bug here, or a file whose parts overlap.
    if apply(bytes, &patches).is_none() {
        return Err(unsound("places overlap"));
    }
    Ok(Edit {
        patches,
        record: new.record,
        added: new.added,
        removed: new.removed,
        names: new.names,
    })
}
