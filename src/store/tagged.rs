//! Files with their labels, as they are read from the library.

use std::path::PathBuf;

use crate::core::about::About;
use crate::core::capture::Captured;
use crate::core::photo::Presence;
use crate::store::LabelId;
use crate::store::decisions::Decision;

/// What a label is to a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagState {
    /// The photo has it.
    Accepted,
    /// The machine is not sure.
    Suggested,
    /// The person does not want it there.
    Rejected,
}

/// A label on a photo, the person's decision counted in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TaggedLabel {
    /// The label.
    pub(crate) id: LabelId,
    /// Its name.
    pub(crate) label: String,
    /// What the machine thinks, where it gives or suggests the label: score (log-odds) and confidence.
    pub(crate) machine: Option<(f32, f32)>,
    /// What the person decided.
    pub(crate) decision: Option<Decision>,
    /// What comes of both.
    pub(crate) state: TagState,
}

/// A file and its labels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TaggedFile {
    /// The file.
    pub(crate) path: PathBuf,
    /// Its photo; `None` where the file was not read yet.
    pub(crate) photo_id: Option<i64>,
    /// Where the file is.
    pub(crate) presence: Presence,
    /// When the photo was taken; a guess where nothing says it.
    pub(crate) captured: Captured,
    /// What is known of the photo besides.
    pub(crate) about: About,
    /// The photo's width and height, upright, in pixels, where it could be decoded.
    pub(crate) size: Option<(u32, u32)>,
    /// Accepted ones first, then suggested, then rejected, each by falling confidence.
    pub(crate) tags: Vec<TaggedLabel>,
}
