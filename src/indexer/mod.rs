//! The parts put to work together: files in, embeddings and tags out.
//!
//! [`Embedder`] takes files once and forgets them; [`Indexer`] keeps a library up to date.

pub mod bookkeeping;
pub mod burst;
pub mod changes;
pub mod coordinator;
pub mod judge;
pub mod keywords;
pub mod labels;
pub mod notice;
pub mod progress;
pub mod queue;
pub mod readback;
pub mod reader;
pub mod ruling;
pub mod shared;
pub mod source_rows;
pub mod sources;
pub mod text_cache;
pub mod threads;
pub mod turns;
pub mod worker;
pub mod writer;

pub use notice::{Notice, Notices, Waker};
pub use progress::{Phase, Snapshot};
pub use shared::{DECODER_VERSION, PipelineError};
pub use text_cache::TextCache;
pub use threads::{Control, IndexOptions, Indexer};
pub use worker::Opener;

#[cfg(test)]
mod tests;
