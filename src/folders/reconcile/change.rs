//! What may be different between two looks at a folder.

use std::path::PathBuf;

use crate::core::ids::FileId;
use crate::core::photo::{FileStamp, KnownFile};
use crate::folders::scan::FoundFile;

/// Something that is different now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A file that is not known. It may be a copy, or have moved here from another root.
    Added {
        /// Where it lies.
        path: PathBuf,
        /// Its stamp.
        stamp: FileStamp,
    },
    /// The file at a known path has another stamp. If it was missing or offline, it is there again.
    /// It may also be another photo that was moved onto this path, and then that one is reported
    /// missing from where it was.
    Edited {
        /// The known file.
        id: FileId,
        /// Its stamp now.
        stamp: FileStamp,
    },
    /// A known file seems to lie elsewhere now: a file with its stamp turned up, and no other
    /// file fits as well. If the content turns out to differ, this stands for a [`Self::Missing`]
    /// and an [`Self::Added`].
    ///
    /// Moves belong together: two files may have swapped their paths. Taken at once they leave
    /// every path to one file.
    Moved {
        /// The known file.
        id: FileId,
        /// Where it seems to lie now.
        to: PathBuf,
        /// The stamp there, which is the known one.
        stamp: FileStamp,
    },
    /// A file that was missing or offline is back, with the stamp that it had.
    Returned {
        /// The known file.
        id: FileId,
        /// Its stamp.
        stamp: FileStamp,
    },
    /// A file is gone from a folder that was looked into.
    Missing {
        /// The known file.
        id: FileId,
    },
    /// A file cannot be seen at present: its drive, its share or its folder is out of reach.
    Offline {
        /// The known file.
        id: FileId,
    },
}

/// The differences that may turn out to be moves.
#[derive(Default)]
pub(super) struct News<'a> {
    /// Known files that are not where they were, since this look.
    pub(super) gone: Vec<&'a KnownFile>,
    /// Known files that were not where they were at an earlier look already.
    pub(super) long_gone: Vec<&'a KnownFile>,
    /// Known files at whose path lies a file with another stamp.
    pub(super) replaced: Vec<(&'a KnownFile, &'a FoundFile)>,
    /// Files at paths that are not known.
    pub(super) added: Vec<&'a FoundFile>,
}
