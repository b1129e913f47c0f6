//! Jobs and progress of the export.

use std::path::PathBuf;

use crate::core::ids::ExportId;
use crate::services::export::{ExportOptions, PlannedChange};
use crate::store::PastExport;
use crate::words::Phrase;

/// A job.
#[derive(Clone, Debug)]
pub(crate) enum ExportJob {
    /// Finds out what would change.
    Preview(ExportOptions),
    /// Writes the sidecars.
    Write(ExportOptions),
    /// Writes the sidecars in the background.
    Quiet(ExportOptions),
    /// Undoes the last export.
    Undo,
    /// Undoes an export and all later ones.
    UndoBackTo(ExportId),
}

/// What the library says of exports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LibraryExports {
    /// Those that can be undone, the last first.
    pub(crate) past: Vec<PastExport>,
    /// Whether exports may write into photos.
    pub(crate) may_embed: bool,
    /// Whether the user has read what that means.
    pub(crate) was_warned: bool,
}

/// A sidecar or a photo that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The photo.
    pub(crate) photo: PathBuf,
    /// How the file would change.
    pub(crate) change: PlannedChange,
    /// Why the photo is not written and the sidecar is.
    pub(crate) why_beside: Option<String>,
}

/// A photo with a sidecar that cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The photo.
    pub(crate) photo: PathBuf,
    /// The reason, and what to do.
    pub(crate) reason: String,
}

/// The progress or the result of an export or its preview.
#[derive(Clone, Debug, PartialEq)]
pub enum ExportState {
    /// At work.
    Running {
        /// Photos checked.
        done: usize,
        /// Photos in all.
        total: usize,
        /// Whether sidecars are written.
        writing: bool,
    },
    /// The changes, and the photos that cannot be exported.
    Preview {
        /// One per file.
        changes: Vec<FileChange>,
        /// Photos that cannot be exported.
        refused: Vec<Refused>,
        /// Sidecars that are already right.
        unchanged: usize,
        /// The number of photos to write into, and of sidecars to write.
        counts: [usize; 2],
    },
    /// Done.
    Done {
        /// A sentence.
        summary: Phrase,
        /// Photos that cannot be exported.
        refused: Vec<Refused>,
    },
}
