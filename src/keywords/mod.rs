//! What the user says with keywords: a model without files or tables.
//!
//! A photo has *sources*: the metadata inside it and every sidecar of each of its copies. Each is
//! remembered separately. [`reconcile()`] compares their contents with what is remembered, and
//! returns the photo's decisions, our keywords for each source, and messages for the user. Nothing
//! else decides: readers store its decisions, and writers only write what it wants.

pub(crate) mod follow;
pub(crate) mod labels;
mod look;
pub(crate) mod path;
pub(crate) mod photo;
pub(crate) mod reconcile;

pub(crate) use follow::{Place, Way, follow};
pub(crate) use labels::{LabelEntry, Labels};
pub(crate) use path::KeywordPath;
pub(crate) use photo::{
    By, Decision, Memory, Message, Named, Now, Photo, Reading, Reconciled, Source, Wanted,
};
pub(crate) use reconcile::reconcile;

#[cfg(test)]
mod case_tests;
#[cfg(test)]
mod memory_tests;
#[cfg(test)]
mod model_tests;
