//! Questions to the thread that computes similarities.

use crate::core::ids::PhotoId;
use crate::engine::EngineOptions;

/// A question to that thread.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Question {
    /// The photos nearest to words.
    Words(String),
    /// The photos nearest to a photo, with its name for display.
    Similar(PhotoId, String),
    /// A few photos nearest to a photo, for the inspector.
    Neighbours(PhotoId),
    /// Problems of the vocabulary.
    Report,
    /// The vocabulary label's confidences on all photos.
    Label(String),
    /// The confidences of a label that was not added yet.
    Try(String),
    /// Why a photo has a label or not.
    Why(PhotoId, String),
    /// Switches to another model.
    UseModel(EngineOptions),
}
