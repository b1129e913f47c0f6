//! What the export does and how it stands.

use std::path::PathBuf;

use crate::services::export::ExportOptions;

/// What is to be done.
#[derive(Clone, Debug)]
pub(crate) enum ExportJob {
    /// Find out what would change.
    Preview(ExportOptions),
    /// Write.
    Write(ExportOptions),
    /// Write without being watched.
    Quiet(ExportOptions),
    /// Take the last export back.
    Undo,
}

/// A sidecar that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SidecarChange {
    /// The photo.
    pub(crate) photo: PathBuf,
    /// A unified diff of its sidecar.
    pub(crate) diff: String,
}

/// A photo whose sidecar cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The photo.
    pub(crate) photo: PathBuf,
    /// Why not, and what to do.
    pub(crate) reason: String,
}

/// How an export or its preview stands.
#[derive(Clone, Debug, PartialEq)]
pub enum ExportState {
    /// Being worked at: photos done, of how many, and whether it writes.
    Running {
        /// Photos looked at.
        done: usize,
        /// Photos in all.
        total: usize,
        /// Whether sidecars are written.
        writing: bool,
    },
    /// What would change: photo and unified diff; and photos that cannot be exported, with reasons.
    Preview {
        /// Of each sidecar.
        changes: Vec<SidecarChange>,
        /// What cannot be exported.
        refused: Vec<Refused>,
        /// Sidecars that have what they should have.
        unchanged: usize,
        /// Changes beyond those that are listed.
        more: usize,
    },
    /// Done: what happened in a sentence, and what was refused.
    Done {
        /// A sentence.
        summary: String,
        /// What cannot be exported.
        refused: Vec<Refused>,
    },
}
