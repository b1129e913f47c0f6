//! The progress of a download.

use crate::words::Phrase;
use std::time::Duration;

/// The progress of a download.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DownloadState {
    /// The model's name in the catalogue.
    pub(crate) model: String,
    /// The phase.
    pub(crate) phase: DownloadPhase,
}

/// The phase of a download.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum DownloadPhase {
    /// Asking the hub.
    Asking,
    /// Bytes arrive.
    Fetching {
        /// Bytes on disk.
        done_bytes: u64,
        /// The file's length.
        total_bytes: u64,
        /// The current speed.
        bytes_per_second: f64,
        /// The remaining time at that speed; `None` if nothing arrives.
        left: Option<Duration>,
    },
    /// The connection broke and is tried again.
    Retrying {
        /// The reason, as a sentence.
        reason: String,
    },
    /// The digest is computed.
    Checking {
        /// Bytes read.
        done_bytes: u64,
        /// The file's length.
        total_bytes: u64,
    },
    /// The model is opened once and moved to the others.
    Installing,
    /// The model is ready.
    Done,
    /// The user cancelled it.
    Cancelled,
    /// It failed.
    Failed {
        /// Why, and what to do.
        reason: Phrase,
    },
}
