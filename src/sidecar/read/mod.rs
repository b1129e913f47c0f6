//! A sidecar, or the metadata inside a photo, to keywords.

pub mod bookkeeping;
pub mod category;
pub mod document;
pub mod embedded;
pub mod encoding;
pub mod error;
pub mod extensions;
pub mod folder;
pub mod form;
pub mod iptc;
pub mod keyword;
pub mod keywords;
pub mod namespaces;
pub mod open;
pub mod parse;
pub mod property;
pub mod role;
pub mod size;
pub mod source;
pub mod xml;
