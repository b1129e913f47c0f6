//! XMP sidecars: keywords in and out, and nothing else changed by a byte.
//!
//! [`plan()`] finds a photo's sidecar, reads it and makes the edit; [`Plan::diff`] shows it,
//! [`Plan::commit`] writes it and [`restore`] takes it back. [`edit()`] is the middle of it, from
//! bytes to bytes. [`Folder::sources`] and [`SourceContents`] are the way in;
//! [`Record::theirs`] tells the person's keywords from ours.
//!
//! # How a file stays what it is
//! The text is read with quick-xml for the places of things, never to be written out again: an
//! edit is a list of splices, and every other byte is copied. Anything that another parser would
//! reject is refused with its line, because a file that is not understood must not be written.
//! After an edit the result is read back and must have what it had and what was put in.
//!
//! # Whose a keyword is
//! A [`Record`], which the caller stores, says what Taglens put into a file. Only that is ever
//! removed: what was there before stays, even if Taglens wanted it too. As long as the file has the
//! bytes that Taglens left, the record takes it back to the byte, whatever was opened, wrapped or
//! declared for it. After another program wrote the file, values are taken out one by one.
//! Who removed what, and what follows from that, is decided in the room `keywords`.
//!
//! # Which keywords go where
//! `dc:subject` has leaf names; `lr:hierarchicalSubject` and `digiKam:TagsList` have every keyword
//! with its path, because programs that read those leave `dc:subject` out of account. For the same
//! reason, where Taglens brings one of them into a file, the person's keywords from the others go
//! with it, and leave with the last of ours.
//!
//! # Left alone
//! Owner and mode of a file stay, other attributes of the file system (access lists, colour tags)
//! do not: the file is a new one under the old name. Of the extended XMP of a large JPEG, keywords
//! alone are taken over into a new sidecar.

pub mod edit;
pub(crate) mod read;
pub(crate) mod write;

pub(crate) use edit::bytes::digest;
pub use edit::bytes::edit;
pub use edit::record::Record;
pub use edit::request::{Request, Terms};
pub(crate) use read::bookkeeping::Bookkeeping;
pub(crate) use read::embedded::Embedded;
pub(crate) use read::error::{Fault, SidecarError};
pub use read::folder::Folder;
pub use read::keyword::Keyword;
pub use read::keywords::read_keywords;
pub use read::property::Properties;
pub(crate) use read::source::{Source, SourceContents, SourceKind};
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
