//! The labels that photos are tagged with: read, checked and edited.

pub(crate) mod document;
pub(crate) mod error;
pub(crate) mod label;
pub(crate) mod list;
pub(crate) mod name;
pub(crate) mod parse;
pub(crate) mod prior;
mod read;
