//! Jobs and progress of the export.

use std::path::PathBuf;

use crate::core::ids::ExportId;
use crate::services::export::{ExportOptions, PlannedChange};

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

/// A sidecar that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SidecarChange {
    /// The photo.
    pub(crate) photo: PathBuf,
    /// How its sidecar would change.
    pub(crate) change: PlannedChange,
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
        /// One per sidecar.
        changes: Vec<SidecarChange>,
        /// Photos that cannot be exported.
        refused: Vec<Refused>,
        /// Sidecars that are already right.
        unchanged: usize,
        /// The number of changes beyond those listed.
        more: usize,
    },
    /// Done.
    Done {
        /// A sentence.
        summary: String,
        /// Photos that cannot be exported.
        refused: Vec<Refused>,
    },
}
