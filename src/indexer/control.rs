//! What a person may ask of an indexer.

/// What a person may ask of an indexer while it works.
#[derive(Clone, Debug)]
pub enum Control {
    /// Hold still.
    Pause,
    /// Go on.
    Resume,
    /// Give up what waits, and drop what is being worked on.
    Cancel,
    /// Look at all folders again.
    Rescan,
    /// The vocabulary or decisions have changed.
    Retag,
}
