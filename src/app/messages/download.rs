//! How fetching a model stands.

use std::time::Duration;

/// How fetching a model stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DownloadState {
    /// The model's name in the catalogue.
    pub(crate) model: String,
    /// What is being done.
    pub(crate) phase: DownloadPhase,
}

/// What is being done to fetch a model.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum DownloadPhase {
    /// The hub is asked for it.
    Asking,
    /// Bytes arrive.
    Fetching {
        /// Bytes on disk.
        done_bytes: u64,
        /// The file's length.
        total_bytes: u64,
        /// Lately.
        bytes_per_second: f64,
        /// How long the rest takes at that speed; `None` where nothing comes.
        left: Option<Duration>,
    },
    /// The connection broke and is tried again.
    Retrying {
        /// What happened, as a sentence.
        reason: String,
    },
    /// The digest is computed.
    Checking {
        /// Bytes read.
        done_bytes: u64,
        /// The file's length.
        total_bytes: u64,
    },
    /// The model is read once and put among the others.
    Installing,
    /// It can be used.
    Done,
    /// The person did not want it any more.
    Cancelled,
    /// It cannot be had now.
    Failed {
        /// Why, and what to do.
        reason: String,
    },
}
