//! Answers to questions about one photo.

/// Why a photo has a label, in sentences, and the photos that speak for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explained {
    /// The photo.
    pub photo: i64,
    /// The label's name.
    pub label: String,
    /// Sentences.
    pub lines: Vec<String>,
}

/// The photos nearest to one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Neighbours {
    /// The photo.
    pub photo: i64,
    /// Others, the nearest first.
    pub photos: Vec<i64>,
}
