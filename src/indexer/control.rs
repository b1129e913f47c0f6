//! What a person may ask of an indexer.

/// What a person may ask of an indexer while it works.
#[derive(Clone, Debug)]
pub enum Control {
    /// Hold still.
    Pause,
    /// Go on.
    Resume,
    /// Look at all folders again.
    Rescan,
    /// The vocabulary or decisions have changed.
    Retag,
}
