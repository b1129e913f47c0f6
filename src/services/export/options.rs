//! What is exported, and how.

use std::path::PathBuf;

use crate::sidecar::{Naming, Properties};

/// Sidecars noted in one transaction before they are written.
pub(crate) const GROUP: usize = 64;

/// What is exported, and how.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExportOptions {
    /// Photos and folders of the library; all where it is empty.
    pub(crate) paths: Vec<PathBuf>,
    /// How new sidecars are named.
    pub(crate) naming: Naming,
    /// Where keywords go.
    pub(crate) properties: Properties,
    /// Whether the synonyms of labels go into `dc:subject` too.
    pub(crate) synonyms: bool,
    /// Whether rejected keywords that the person put into sidecars are taken out of them.
    pub(crate) take_out_rejected: bool,
    /// Whether nothing is written.
    pub(crate) dry_run: bool,
}
