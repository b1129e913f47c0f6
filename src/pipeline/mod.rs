//! The parts put to work together: files in, embeddings and tags out.
//!
//! [`Embedder`] takes files once and forgets them; [`Indexer`] keeps a library up to date.

mod burst;
mod changes;
mod computer;
mod coordinator;
pub mod device;
pub mod embedder;
pub mod engine;
mod engines;
pub mod explain;
pub mod export;
mod gpu;
mod indexer;
pub mod judge;
pub mod labels;
pub mod learning;
mod notice;
mod progress;
mod queue;
mod readback;
mod reader;
pub mod ruling;
pub mod scores;
mod shared;
mod steadfast;
mod text_cache;
mod turns;
pub mod vocabulary_edit;
pub mod vocabulary_file;
pub mod walk;
mod worker;
mod writer;

pub use computer::Fallback;
pub use device::{DeviceChoice, DeviceError, DeviceInfo};
pub use embedder::{Embedder, Outcome};
pub use engine::{Engine, EngineError, EngineOptions, ModelIdentity};
pub use engines::Engines;
pub use indexer::{Control, IndexOptions, Indexer};
pub use notice::{Notice, Notices, Waker};
pub use progress::{Phase, Snapshot};
pub use shared::{DECODER_VERSION, PipelineError};
pub use steadfast::{Report, SteadfastImages};
pub use text_cache::TextCache;
pub use worker::Opener;

#[cfg(test)]
mod tests;
