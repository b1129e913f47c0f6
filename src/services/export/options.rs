//! What to export, and how.

use std::path::PathBuf;

use crate::sidecar::{Naming, Properties};

/// Sidecars noted in one transaction before they are written.
pub(crate) const GROUP: usize = 64;

/// Photos that get keywords inside noted in one transaction. Each is decoded twice, and others wait for
/// the lock of the sidecars meanwhile.
pub(super) const EMBEDDED_GROUP: usize = 16;

/// What to export, and how.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExportOptions {
    /// Photos and folders of the library; empty for all.
    pub(crate) paths: Vec<PathBuf>,
    /// How new sidecars are named.
    pub(crate) naming: Naming,
    /// Where keywords go.
    pub(crate) properties: Properties,
    /// Whether to write the synonyms of labels into `dc:subject` too.
    pub(crate) synonyms: bool,
    /// Whether to remove rejected keywords that the user put into sidecars.
    pub(crate) take_out_rejected: bool,
    /// Whether to write only tags that the user has confirmed, and to remove others of ours.
    pub(crate) confirmed_only: bool,
    /// Whether to write nothing.
    pub(crate) dry_run: bool,
    /// Whether to write into the photos themselves, where that is safe.
    pub(crate) embed: bool,
    /// Whether to leave the library as it is: there is then no journal, and nothing to undo.
    pub(crate) no_undo: bool,
}
