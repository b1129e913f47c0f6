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
    /// Accepted ones first, then suggested, then rejected, each by falling confidence.
    pub(crate) tags: Vec<TaggedLabel>,
}
