//! How an export went.

use std::path::PathBuf;

use crate::indexer::shared::PipelineError;
use crate::sidecar::Kind;
use crate::store::StoreError;

/// What became of a photo's sidecar.
#[derive(Debug)]
pub(crate) enum Exported {
    /// It has what it should have.
    Unchanged,
    /// It would be changed like this (a unified diff).
    Planned(String),
    /// It was written.
    Written {
        /// The sidecar.
        sidecar: PathBuf,
        /// What was done.
        kind: Kind,
    },
}

/// How an export went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExportSummary {
    /// Photos looked at.
    pub(crate) photos: usize,
    /// Sidecars written, or with a dry run those that would be.
    pub(crate) written: usize,
    /// Sidecars that had what they should have.
    pub(crate) unchanged: usize,
    /// Photos whose sidecar could not be written.
    pub(crate) refused: usize,
}

/// A fault of the library, as the caller has errors.
pub(crate) fn wrap<E: From<PipelineError>>(error: StoreError) -> E {
    E::from(error.into())
}
