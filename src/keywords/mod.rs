//! What a person says by keywords, wherever it is said: a model without files or tables.
//!
//! A photo has *sources*: the metadata inside it and every sidecar of each of its copies. Each is
//! remembered for itself. [`reconcile()`] compares what they hold with what is remembered, and
//! gives the photo's decisions, what each source should have of ours, and what a person should
//! hear. Nothing else decides: who reads keeps its decisions, who writes uses only what is wanted.

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
