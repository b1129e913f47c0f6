//! Keywords inside photos: JPEG, PNG, WebP, TIFF and DNG.
//!
//! [`edit`] makes a list of patches from a file's bytes, by the same edit of XMP as in a sidecar, or
//! refuses with a [`Refusal`]. `write` writes them beside the photo, `verify` compares the result
//! with the old file by a walker of its own, and only then it takes the photo's place. The patches
//! that take the change back go into the journal of exports.
//!
//! # What changes
//! Only the XMP packet, and the keywords of IPTC and EXIF where there are some. A packet without
//! room takes it from its padding. What is behind in the file moves only if that does not suffice;
//! in TIFF files nothing moves, because what grows goes to the end.

mod attributes;
mod jpeg;
mod mpf;
mod names;
mod packet;
mod patch;
mod png;
mod refusal;
mod tiff;
mod verify;
mod webp;
mod write;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod write_tests;

use std::ffi::OsStr;

use crate::core::media::{Medium, medium};
use crate::sidecar::edit::record::Record;
use crate::sidecar::edit::request::Request;
use crate::sidecar::embed::packet::{Names, edit_packet};
use crate::sidecar::embed::refusal::unsound;
use crate::sidecar::read::embedded::Embedded;
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::keywords::read_values;
use crate::sidecar::read::property::Property;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use patch::inverse;
pub(crate) use patch::{Patch, Segments, apply};
pub(crate) use refusal::Refusal;
pub(crate) use verify::verify;
pub(crate) use write::{EmbedPlan, embedded_digest, photo_digest, plan_embed, restore_embed};

/// The largest packet in a format without a limit of its own.
const MOST_PACKET_BYTES: usize = 8 << 20;

/// A format into which keywords are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Jpeg,
    Png,
    WebP,
    Tiff,
}

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
    names: Names,
}

/// What a format is to change.
struct Changes<'a> {
    packet: &'a [u8],
    names: &'a Names,
    /// Whether the photo has IPTC keywords.
    has_iptc: bool,
}

impl Container {
    /// The format of a photo by its first bytes. Its extension, in lower case, decides between a
    /// TIFF file and a raw file built like one.
    ///
    /// # Errors
    /// [`Refusal::Format`] for others.
    pub(crate) fn of(bytes: &[u8], extension: &str) -> Result<Self, Refusal> {
        let name = format!("photo.{extension}");
        if extension != "dng" && medium(OsStr::new(&name)) == Some(Medium::Raw) {
            return Err(Refusal::Format { format: "raw" });
        }
        let is_tiff = matches!(extension, "tif" | "tiff" | "dng");
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            _ if bytes.starts_with(png::SIGNATURE) => Ok(Self::Png),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Ok(Self::WebP),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] if is_tiff => {
                Ok(Self::Tiff)
            }
            _ => Err(Refusal::Format {
                format: format(bytes, extension),
            }),
        }
    }

    fn packet(self, bytes: &[u8]) -> Result<Option<&[u8]>, Refusal> {
        match self {
            Self::Jpeg => jpeg::packet(bytes),
            Self::Png => png::packet(bytes),
            Self::WebP => webp::packet(bytes),
            Self::Tiff => tiff::packet(bytes),
        }
    }

    fn patches(self, bytes: &[u8], changes: &Changes<'_>) -> Result<Vec<Patch>, Refusal> {
        match self {
            Self::Jpeg => jpeg::patches(bytes, changes),
            Self::Png => png::patches(bytes, changes),
            Self::WebP => webp::patches(bytes, changes),
            Self::Tiff => tiff::patches(bytes, changes).map(patch::in_order),
        }
    }

    fn most_packet_bytes(self) -> usize {
        match self {
            Self::Jpeg => jpeg::MOST_PACKET_BYTES,
            _ => MOST_PACKET_BYTES,
        }
    }
}

/// The name of a format that is not written, for messages.
fn format(bytes: &[u8], extension: &str) -> &'static str {
    let brand = bytes.get(4..12).unwrap_or_default();
    match brand {
        b"ftypavif" | b"ftypavis" => return "AVIF",
        b"ftypcrx " => return "raw",
        _ if brand.starts_with(b"ftyp") && matches!(extension, "heic" | "heif" | "hif") => {
            return "HEIC";
        }
        _ => {}
    }
    match extension {
        "gif" => "GIF",
        "bmp" | "dib" => "BMP",
        "jxl" => "JPEG XL",
        "jp2" | "j2k" | "jpf" | "jpx" => "JPEG 2000",
        "avif" => "AVIF",
        "heic" | "heif" | "hif" => "HEIC",
        "mp4" | "mov" | "m4v" | "3gp" => "video",
        "jpg" | "jpeg" | "png" | "webp" | "tif" | "tiff" | "dng" => "incomplete",
        "psd" | "qoi" | "pnm" | "ppm" | "mpo" => "such",
        _ => "raw",
    }
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
    if old.is_some_and(|packet| jpeg::has(packet, b"dcterms:provenance")) {
        return Err(Refusal::Signed { what: "C2PA" });
    }
    if let Some(extended) = &embedded.extended_xmp {
        let values = read_values(extended).map_err(Refusal::Packet)?;
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
