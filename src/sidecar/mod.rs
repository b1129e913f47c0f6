//! XMP sidecars: reads and writes keywords and changes no other byte.
//!
//! [`plan()`] finds a photo's sidecar, reads it and makes the edit; [`Plan::diff`] shows it,
//! [`Plan::commit`] writes it and [`restore`] undoes it. [`edit()`] is the core, from bytes to
//! bytes. [`Folder::sources`] and [`SourceContents`] read; [`Record::theirs`] separates the user's
//! keywords from ours.
//!
//! # How a file keeps its bytes
//! quick-xml only locates things in the text and never writes it: an edit is a list of splices, and
//! every other byte is copied. A file that another parser would reject is refused with its line,
//! because Taglens must not write what it does not understand. After an edit the result is read
//! back and must have the old values and the new ones.
//!
//! # Who owns a keyword
//! A [`Record`], which the caller stores, says what Taglens inserted into a file. Taglens removes
//! only that: a keyword that was there before stays, even if Taglens wanted it too. While the file
//! has the bytes that Taglens left, the record restores the old file to the byte. After another
//! program has written the file, values are removed one by one. The room `keywords` decides who
//! removed what, and what follows from it.
//!
//! # Which keywords go where
//! `dc:subject` has leaf names; `lr:hierarchicalSubject` and `digiKam:TagsList` have every keyword
//! with its path, because programs that read those ignore `dc:subject`. For the same reason, when
//! Taglens adds one of them to a file, it copies the user's keywords from the others into it, and
//! removes them with the last of ours.
//!
//! # Left alone
//! A file keeps its owner and mode, but loses other file system attributes (access lists, colour
//! tags), because it is a new file under the old name. From the extended XMP of a large JPEG, a new
//! sidecar takes only the keywords.

pub mod edit;
pub(crate) mod embed;
pub(crate) mod read;
pub(crate) mod write;

pub(crate) use edit::bytes::digest;
pub use edit::bytes::edit;
pub use edit::record::Record;
pub use edit::request::{Request, Terms};
pub(crate) use embed::{
    EmbedPlan, Segments, embedded_digest, photo_digest, plan_embed, restore_embed,
};
pub(crate) use read::bookkeeping::Bookkeeping;
pub(crate) use read::embedded::Embedded;
pub(crate) use read::error::{Fault, SidecarError};
pub(crate) use read::facts::Facts;
pub use read::folder::Folder;
pub(crate) use read::folder::may_have_sidecars;
pub use read::keyword::Keyword;
pub use read::keywords::read_keywords;
pub(crate) use read::open::read;
pub use read::property::Properties;
pub(crate) use read::property::split_note;
pub(crate) use read::refusal::Refusal;
pub(crate) use read::source::{Source, SourceContents, SourceKind, stamp};
pub use write::naming::Naming;
pub(crate) use write::plan::{Kind, Plan, Prior, Written, restore};
pub use write::plan::{plan, plan_at, plan_in};

#[cfg(test)]
use read::{document, encoding::Decoded, property::Property};

#[cfg(test)]
mod edit_tests;
#[cfg(test)]
mod embedded_tests;
#[cfg(test)]
mod fixture_tests;
#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod random_tests;
