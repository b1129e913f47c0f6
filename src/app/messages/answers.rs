//! Answers to questions about one photo.

use crate::core::ids::PhotoId;

/// Why a photo has a label, in sentences.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Explained {
    /// The photo.
    pub(crate) photo: PhotoId,
    /// The label's name.
    pub(crate) label: String,
    /// Sentences.
    pub(crate) lines: Vec<String>,
}

/// The photos nearest to one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Neighbours {
    /// The photo.
    pub(crate) photo: PhotoId,
    /// Others, the nearest first.
    pub(crate) photos: Vec<PhotoId>,
}
