//! The labels that photos are tagged with: read, checked and edited.

pub mod document;
pub mod error;
pub mod label;
pub mod list;
pub mod name;
pub mod parse;
pub mod prior;
