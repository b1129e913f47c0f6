//! Requests to an indexer.

/// A request to a running indexer.
#[derive(Clone, Debug)]
pub enum Control {
    /// Pauses the work.
    Pause,
    /// Resumes the work.
    Resume,
    /// Scans all folders again.
    Rescan,
    /// The vocabulary or decisions have changed.
    Retag,
}
