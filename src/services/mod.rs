//! What the window and the command line both do, once.

pub mod embedder;
pub mod explain;
pub mod export;
pub mod folder_edit;
pub mod learning;
pub mod query;
pub mod scores;
pub mod vocabulary_edit;
pub mod vocabulary_file;
pub mod walk;

pub use embedder::Embedder;
pub use embedder::Outcome;
