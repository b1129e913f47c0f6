//! Keywords inside photos: JPEG, PNG, WebP, TIFF and DNG.
//!
//! `edit` makes a list of patches from a file's bytes, by the same edit of XMP as in a sidecar, or
//! refuses with a `Refusal`. `write` writes them beside the photo, `verify` compares the result
//! with the old file by a walker of its own, and only then it takes the photo's place. The patches
//! that take the change back go into the journal of exports.
//!
//! # What changes
//! Only the XMP packet, and the keywords of IPTC and EXIF where there are some. A packet without
//! room takes it from its padding. What is behind in the file moves only if that does not suffice;
//! in TIFF files nothing moves, because what grows goes to the end.

mod attributes;
mod changes;
mod container;
mod edit;
mod jpeg;
mod mpf;
mod names;
mod packet;
mod patch;
mod photo;
mod png;
mod tiff;
mod verify;
mod webp;
mod write;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod windows_tests;
#[cfg(test)]
mod write_tests;

#[cfg(test)]
use edit::Edit;
pub(crate) use patch::Segments;
pub(crate) use write::{EmbedPlan, embedded_digest, photo_digest, plan_embed, restore_embed};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use {
    container::Container,
    edit::edit,
    patch::{apply, inverse},
    verify::verify,
};
