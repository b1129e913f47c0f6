//! XMP sidecars: keywords in and out, and nothing else changed by a byte.
//!
//! The text is read with quick-xml and every other byte of it is only ever copied.

mod category;
mod document;
mod edit;
mod encoding;
mod error;
mod form;
mod insert;
mod keyword;
mod layout;
mod parse;
mod property;
mod read;
mod record;
mod remove;
mod splice;
mod xml;

pub use edit::{Edited, Request, edit};
pub use error::{Fault, SidecarError};
pub use keyword::{Keyword, KeywordError};
pub use property::Properties;
pub use read::{Keywords, read_keywords};
pub use record::Record;

/// More than any sidecar has: the largest, with masks and histories of many steps, have a few
/// megabytes.
pub const MAX_SIDECAR_BYTES: u64 = 16 << 20;

#[cfg(test)]
use {encoding::Decoded, property::Property};

#[cfg(test)]
mod edit_tests;
