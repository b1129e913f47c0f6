//! Answers to questions about one photo.

/// Why a photo has a label, in sentences.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Explained {
    /// The photo.
    pub(crate) photo: i64,
    /// The label's name.
    pub(crate) label: String,
    /// Sentences.
    pub(crate) lines: Vec<String>,
}

/// The photos nearest to one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Neighbours {
    /// The photo.
    pub(crate) photo: i64,
    /// Others, the nearest first.
    pub(crate) photos: Vec<i64>,
}
