//! Keeps a library up to date: [`Indexer`] runs the threads that scan, decode, embed and tag.

pub(crate) mod about;
pub(crate) mod bookkeeping;
pub(crate) mod burst;
pub(crate) mod calibrate;
pub(crate) mod changes;
pub(crate) mod chunk;
pub(crate) mod compute_gate;
pub(crate) mod control;
pub(crate) mod coordinator;
pub(crate) mod health_check;
pub(crate) mod judge;
pub(crate) mod keywords;
pub mod labels;
pub(crate) mod notice;
pub(crate) mod prepared;
pub(crate) mod progress;
pub(crate) mod queue;
pub(crate) mod readback;
pub(crate) mod reader;
pub(crate) mod retag;
pub(crate) mod shared;
pub(crate) mod source_files;
pub(crate) mod source_rows;
pub(crate) mod sources;
pub(crate) mod tag_inputs;
pub(crate) mod task;
pub(crate) mod text_cache;
pub(crate) mod threads;
mod unchanged;
pub(crate) mod worker;
pub(crate) mod writer;

pub use control::Control;
pub(crate) use notice::Notice;
pub use progress::Phase;
pub(crate) use progress::Snapshot;
pub use shared::DECODER_VERSION;
pub(crate) use shared::PipelineError;
pub(crate) use text_cache::TextCache;
pub use threads::{IndexOptions, Indexer};

#[cfg(test)]
mod tests;
