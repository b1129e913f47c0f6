//! The result of an export.

use std::path::PathBuf;

use crate::indexer::shared::PipelineError;
use crate::sidecar::{Kind, SidecarError};
use crate::store::StoreError;

/// The result for a photo's sidecar.
#[derive(Debug)]
pub(crate) enum Exported {
    /// It is already right.
    Unchanged,
    /// It would change like this.
    Planned(PlannedChange),
    /// Keywords are not written into the photo; a result for its sidecar follows.
    NotEmbedded(SidecarError),
    /// It was written.
    Written {
        /// The sidecar, or the photo.
        sidecar: PathBuf,
        /// The kind of change.
        kind: Kind,
    },
}

/// How a sidecar or a photo would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PlannedChange {
    /// The file.
    pub(crate) target: PathBuf,
    /// The size of the change, if the file is the photo.
    pub(crate) in_photo: Option<InPhoto>,
    /// A unified diff.
    pub(crate) diff: String,
    /// Keywords of ours that it would get.
    pub(crate) added: Vec<String>,
    /// Keywords of ours that it would lose.
    pub(crate) removed: Vec<String>,
}

/// The size of a change inside a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InPhoto {
    /// The bytes that change.
    pub(crate) changed: usize,
    /// By how many bytes the file becomes longer, or with a minus shorter.
    pub(crate) longer: i64,
}

/// The counts of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExportSummary {
    /// Photos checked.
    pub(crate) photos: usize,
    /// Photos into which keywords were written, or with a dry run those to write.
    pub(crate) embedded: usize,
    /// Sidecars and photos written, or with a dry run those to write.
    pub(crate) written: usize,
    /// Sidecars that were already right.
    pub(crate) unchanged: usize,
    /// Photos whose sidecar could not be written.
    pub(crate) refused: usize,
}

impl ExportSummary {
    /// The number of photos written into, and of sidecars written, or with a dry run those to write.
    pub(crate) fn files(&self) -> [usize; 2] {
        [self.embedded, self.written - self.embedded]
    }
}

/// Converts an error of the library into the caller's.
pub(crate) fn wrap<E: From<PipelineError>>(error: StoreError) -> E {
    E::from(error.into())
}
