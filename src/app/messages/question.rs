//! Questions to the thread that computes similarities.

use crate::engine::EngineOptions;

/// A question to that thread.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Question {
    /// The photos nearest to words.
    Words(String),
    /// The photos nearest to a photo, with its name for display.
    Similar(i64, String),
    /// A few photos nearest to a photo, for the inspector.
    Neighbours(i64),
    /// Problems of the vocabulary.
    Report,
    /// The vocabulary label's confidences on all photos.
    Label(String),
    /// The confidences of a label that was not added yet.
    Try(String),
    /// Why a photo has a label or not.
    Why(i64, String),
    /// Switches to another model.
    UseModel(EngineOptions),
}
