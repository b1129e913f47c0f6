//! Answers to questions about one photo.

use std::borrow::Cow;

use crate::core::ids::PhotoId;
use crate::words::{Phrase, tr};

/// What the window searches for by its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sought {
    /// What these words describe.
    Words(String),
    /// Photos like the one with that name.
    Similar(String),
}

impl Sought {
    /// The name for display.
    pub(crate) fn in_words(&self) -> Cow<'_, str> {
        match self {
            Self::Words(words) => Cow::Borrowed(words),
            Self::Similar(name) => Cow::Owned(tr!("filter-similar", name = name)),
        }
    }
}

/// Why a photo has a label, in sentences.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Explained {
    /// The photo.
    pub(crate) photo: PhotoId,
    /// The label's name.
    pub(crate) label: String,
    /// Sentences.
    pub(crate) lines: Vec<Phrase>,
}

/// The photos nearest to one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Neighbours {
    /// The photo.
    pub(crate) photo: PhotoId,
    /// Others, the nearest first.
    pub(crate) photos: Vec<PhotoId>,
}
