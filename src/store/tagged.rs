//! Files with their labels, as read from the library.

use std::path::PathBuf;

use crate::core::ids::{LabelId, PhotoId};
use crate::core::photo::Presence;
use crate::store::decisions::Decision;

/// The state of a label on a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagState {
    /// The photo has it.
    Accepted,
    /// The machine is unsure.
    Suggested,
    /// The user does not want it.
    Rejected,
}

/// A label on a photo, including the user's decision.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TaggedLabel {
    /// The label.
    pub(crate) id: LabelId,
    /// Its name.
    pub(crate) label: String,
    /// The machine's score (log-odds) and confidence, if it applies or suggests the label.
    pub(crate) machine: Option<(f32, f32)>,
    /// The user's decision.
    pub(crate) decision: Option<Decision>,
    /// The state from both.
    pub(crate) state: TagState,
}

/// A file of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StackedFile {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// Its content; `None` if it was not read yet.
    pub(crate) photo_id: Option<PhotoId>,
}

/// A file and its labels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TaggedFile {
    /// The file.
    pub(crate) path: PathBuf,
    /// Its photo; `None` if the file was not read yet.
    pub(crate) photo_id: Option<PhotoId>,
    /// Whether the file is present.
    pub(crate) presence: Presence,
    /// Its modification time, in nanoseconds since 1970-01-01 UTC.
    pub(crate) modified_ns: i64,
    /// The files of its stack, the face first; empty if the file is a photo by itself.
    pub(crate) stack: Vec<StackedFile>,
    /// The labels of the file, or of its stack. Accepted ones first, then suggested, then rejected,
    /// each by falling confidence.
    pub(crate) tags: Vec<TaggedLabel>,
}

impl TaggedFile {
    /// The contents that labels belong to: those of the stack, or of the file. The machine's labels
    /// are those of the first.
    pub(crate) fn photos(&self) -> Vec<PhotoId> {
        match self.stack.is_empty() {
            true => self.photo_id.into_iter().collect(),
            false => photos(&self.stack),
        }
    }
}

/// The photos of a stack, the one that determines the machine's tags first, each once.
pub(super) fn photos(stack: &[StackedFile]) -> Vec<PhotoId> {
    let mut photos: Vec<PhotoId> = Vec::with_capacity(stack.len());
    for photo in stack.iter().filter_map(|file| file.photo_id) {
        if !photos.contains(&photo) {
            photos.push(photo);
        }
    }
    photos
}
