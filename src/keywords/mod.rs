//! What a person says by keywords, wherever it is said: a model without files or tables.
//!
//! A photo has *sources*: the metadata inside it and every sidecar of each of its copies. Each is
//! remembered for itself. [`reconcile()`] compares what they hold with what is remembered, and
//! gives the photo's decisions, what each source should have of ours, and what a person should
//! hear. Nothing else decides: who reads keeps its decisions, who writes uses only what is wanted.

pub mod follow;
pub mod labels;
mod look;
pub mod path;
pub mod photo;
pub mod reconcile;

pub use follow::{Place, Way, follow};
pub use labels::{LabelEntry, Labels};
pub use path::KeywordPath;
pub use photo::{
    By, Decision, Memory, Message, Named, Now, Photo, Reading, Reconciled, Source, Wanted,
};
pub use reconcile::reconcile;

#[cfg(test)]
mod case_tests;
#[cfg(test)]
mod memory_tests;
#[cfg(test)]
mod model_tests;
