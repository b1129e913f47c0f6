//! Reads keywords from a sidecar, or from the metadata inside a photo.

pub(crate) mod bookkeeping;
pub(crate) mod category;
pub(crate) mod document;
pub(crate) mod embedded;
pub(crate) mod encoding;
pub(crate) mod error;
pub(crate) mod facts;
pub(crate) mod folder;
pub(crate) mod form;
pub(crate) mod iptc;
pub(crate) mod keyword;
pub(crate) mod keywords;
pub(crate) mod namespaces;
pub(crate) mod open;
pub(crate) mod parse;
pub(crate) mod property;
pub(crate) mod refusal;
pub(crate) mod role;
pub(crate) mod size;
pub(crate) mod source;
pub(crate) mod xml;
