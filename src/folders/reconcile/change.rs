//! The changes between two scans of a folder.

use std::path::PathBuf;

use crate::core::ids::FileId;
use crate::core::photo::{FileStamp, KnownFile};
use crate::folders::scan::FoundFile;

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// An unknown file. It may be a copy, or have moved here from another root.
    Added {
        /// Its path.
        path: PathBuf,
        /// Its stamp.
        stamp: FileStamp,
    },
    /// The file at a known path has another stamp. If it was missing or offline, it is back. It may
    /// also be another photo that was moved to this path; then that one is reported missing from
    /// its old path.
    Edited {
        /// The known file.
        id: FileId,
        /// Its new stamp.
        stamp: FileStamp,
    },
    /// A known file seems to have moved: a file with its stamp turned up, and no other file fits as
    /// well. If the content differs, this stands for a [`Self::Missing`] and an [`Self::Added`].
    ///
    /// Moves belong together, since two files may have swapped their paths. Applied together, they
    /// leave every path to one file.
    Moved {
        /// The known file.
        id: FileId,
        /// Its apparent new path.
        to: PathBuf,
        /// The stamp there, equal to the known one.
        stamp: FileStamp,
    },
    /// A missing or offline file is back, with its old stamp.
    Returned {
        /// The known file.
        id: FileId,
        /// Its stamp.
        stamp: FileStamp,
    },
    /// A file has disappeared from a folder that was listed.
    Missing {
        /// The known file.
        id: FileId,
    },
    /// A file is not available now: its drive, its share or its folder cannot be reached.
    Offline {
        /// The known file.
        id: FileId,
    },
}

/// Changes that may turn out to be moves.
#[derive(Default)]
pub(super) struct News<'a> {
    /// Known files that this scan found missing.
    pub(super) gone: Vec<&'a KnownFile>,
    /// Known files that an earlier scan found missing.
    pub(super) long_gone: Vec<&'a KnownFile>,
    /// Known files with another stamp at their path.
    pub(super) replaced: Vec<(&'a KnownFile, &'a FoundFile)>,
    /// Files at unknown paths.
    pub(super) added: Vec<&'a FoundFile>,
}
