//! Errors of the library.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::ErrorCode;

/// What can go wrong with a library.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is none.
    #[error("there is no library at {}; `taglens index FOLDER` makes one", path.display())]
    Missing {
        /// The expected path.
        path: PathBuf,
    },
    /// Its folder cannot be created.
    #[error("the folder {} for the library cannot be made: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file cannot be opened.
    #[error("the library {} cannot be opened: {source}", path.display())]
    Open {
        /// The library.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// The file belongs to another program.
    #[error("{} is not a Taglens library; name another file with --library", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer Taglens wrote the file.
    #[error(
        "the library {} was written by a newer Taglens (format version {found}, this program knows {known}); update Taglens",
        path.display()
    )]
    Newer {
        /// The library.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest known version.
        known: i64,
    },
    /// No copy could be made before an upgrade, so nothing was upgraded.
    #[error(
        "the library {} has to be upgraded, but no copy could be made at {}: {source}",
        path.display(), backup.display()
    )]
    Backup {
        /// The library.
        path: PathBuf,
        /// The intended path of the copy.
        backup: PathBuf,
        /// Why not.
        source: rusqlite::Error,
    },
    /// Another process is updating this library.
    #[error(
        "another Taglens is bringing the library {} up to date; wait for it, or stop it",
        path.display()
    )]
    Locked {
        /// The library.
        path: PathBuf,
    },
    /// Another process has held the lock of the library's sidecars for longer than a group of them takes.
    #[error(
        "another Taglens has been reading or writing sidecars of the library {} for {} seconds; end it, or try \
         again later",
        path.display(),
        waited.as_secs()
    )]
    SidecarsLocked {
        /// The library.
        path: PathBuf,
        /// How long this one has waited.
        waited: Duration,
    },
    /// The lock file cannot be used.
    #[error("the lock file {} cannot be used: {source}", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A value in the file is invalid.
    #[error(
        "the library is damaged: {what}; `taglens library repair` brings it back from a backup"
    )]
    Damaged {
        /// What was found.
        what: String,
    },
    /// A backup cannot be written or read.
    #[error("the backup {} {what}", path.display())]
    BackupFile {
        /// The backup.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A backup may be intact, but cannot be read now.
    #[error("the backup {} cannot be read: {source}", path.display())]
    BackupUnread {
        /// The backup, or the folder of all.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The library could not be copied.
    #[error("the library cannot be copied to {}: {what}", path.display())]
    Copy {
        /// The intended path of the copy.
        path: PathBuf,
        /// Why.
        what: String,
    },
    /// It has an older format, and cannot be upgraded because it cannot be written.
    #[error(
        "the library {} was written by an older Taglens and has to be upgraded, but cannot be written; make it writable, or copy it to where it is",
        path.display()
    )]
    Older {
        /// The library.
        path: PathBuf,
    },
    /// The library's file was removed while it was open.
    #[error(
        "the library {} was deleted or moved while Taglens was using it; put it back, or restart Taglens",
        path.display()
    )]
    Gone {
        /// Its former path.
        path: PathBuf,
    },
    /// The library's file was replaced while it was open.
    #[error(
        "the library {} was replaced by another file while Taglens was using it; restart Taglens",
        path.display()
    )]
    Replaced {
        /// Its path.
        path: PathBuf,
    },
    /// The library is open read-only.
    #[error("the library {} can be read but not written: {why}", path.display())]
    Frozen {
        /// The library.
        path: PathBuf,
        /// Why it cannot be opened for writing.
        why: String,
    },
    /// SQLite gave up a transaction; nothing of it was kept.
    #[error("the library could not be written, and nothing of the last step was kept")]
    GivenUp,
    /// SQLite failed.
    #[error("the library cannot be read or written: {}", explain(.0))]
    Sqlite(#[from] rusqlite::Error),
}

/// Whether an error says nothing about the file: its disk, the memory or a lock is in the way, and
/// later the same may succeed.
pub(super) fn is_unavailable(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::SystemIoFailure
                | ErrorCode::DiskFull
                | ErrorCode::CannotOpen
                | ErrorCode::OutOfMemory
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
        )
    )
}

/// SQLite's message, with advice for errors that happen on healthy machines.
fn explain(error: &rusqlite::Error) -> String {
    let advice = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "free some space on its disk; what was finished is kept",
        Some(ErrorCode::ReadOnly) => "its file or folder is read-only",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program keeps it locked; end that program, or try again later"
        }
        Some(ErrorCode::SystemIoFailure) => "its disk reports errors; check the disk and its cable",
        Some(ErrorCode::DatabaseCorrupt) => {
            "it is damaged; `taglens library check` says where, and `taglens library repair` repairs it"
        }
        _ => return error.to_string(),
    };
    format!("{error}; {advice}")
}

impl StoreError {
    /// Whether the same write may succeed later: once the disk, the file or another program lets it.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Sqlite(error) | Self::Open { source: error, .. } => !matches!(
                error.sqlite_error_code(),
                None | Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch)
            ),
            Self::Foreign { .. } | Self::Newer { .. } | Self::Older { .. } => false,
            _ => true,
        }
    }

    pub(super) fn open(path: &Path, source: rusqlite::Error) -> Self {
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::Foreign {
                path: path.to_path_buf(),
            },
            _ => Self::Open {
                path: path.to_path_buf(),
                source,
            },
        }
    }

    /// Whether a system error prevented it, and later the same may succeed.
    pub(super) fn is_unavailable(&self) -> bool {
        match self {
            Self::BackupUnread { .. } => true,
            Self::Open { source, .. } | Self::Sqlite(source) => is_unavailable(source),
            _ => false,
        }
    }

    pub(super) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }
}
