//! What the thread that computes similarities is asked.

use crate::core::ids::PhotoId;
use crate::engine::EngineOptions;

/// What is asked of the thread.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Question {
    /// The photos nearest to words.
    Words(String),
    /// The photos nearest to a photo, which is called so.
    Similar(PhotoId, String),
    /// A few photos nearest to a photo, for the inspector.
    Neighbours(PhotoId),
    /// What is odd about the vocabulary.
    Report,
    /// How the vocabulary's label stands to all photos.
    Label(String),
    /// How a label would stand that nobody has added yet.
    Try(String),
    /// Why a photo has a label or not.
    Why(PhotoId, String),
    /// Compute with another model from now on.
    UseModel(EngineOptions),
}
