//! What the window and the command line share.

pub(crate) mod builtin_labels;
pub(crate) mod embedder;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod folder_edit;
pub(crate) mod learning;
pub(crate) mod nearby;
pub(crate) mod passed_over;
pub(crate) mod query;
pub(crate) mod ranking;
pub(crate) mod scale;
pub(crate) mod scores;
pub(crate) mod text_file;
pub mod vocabulary_edit;
pub(crate) mod vocabulary_file;
pub mod walk;

pub use embedder::Embedder;
