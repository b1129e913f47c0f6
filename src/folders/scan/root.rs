//! Whether a root is available, and whether it is still the same folder.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

/// The state of the folder that a scan starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RootState {
    /// It exists and is not empty.
    Present,
    /// It exists and is empty, without even a hidden file, like the folder that an unmounted drive
    /// leaves.
    Empty,
    /// It does not exist: the drive or share is not connected, or the folder was moved or deleted.
    Missing,
    /// It exists but cannot be listed, for this reason.
    Unreadable(String),
}

impl RootState {
    /// Checks `root` now. If a network drive hangs, this hangs with it.
    pub(crate) fn of(root: &Path) -> Self {
        match fs::read_dir(root).map(|mut entries| entries.next().transpose()) {
            Ok(Ok(Some(_))) => Self::Present,
            Ok(Ok(None)) => Self::Empty,
            Err(e) if e.kind() == io::ErrorKind::NotFound => Self::Missing,
            Err(e) if e.kind() == io::ErrorKind::NotADirectory => {
                Self::Unreadable("It is not a folder.".to_owned())
            }
            Ok(Err(e)) | Err(e) => Self::Unreadable(format!("It cannot be looked into ({e}).")),
        }
    }
}

/// Distinguishes folders that are at the same path at different times.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::folders) struct FolderIdentity(
    #[cfg(unix)] (u64, u64),
    #[cfg(not(unix))] std::path::PathBuf,
);

/// The identity of the folder at `path` with `metadata` (links followed): its device and its number
/// there.
#[cfg(unix)]
pub(in crate::folders) fn folder_identity(
    _path: &Path,
    metadata: &Metadata,
) -> Option<FolderIdentity> {
    use std::os::unix::fs::MetadataExt;
    Some(FolderIdentity((metadata.dev(), metadata.ino())))
}

/// The identity of the folder at `path`: its path without links, for lack of anything better.
#[cfg(not(unix))]
pub(in crate::folders) fn folder_identity(
    path: &Path,
    _metadata: &Metadata,
) -> Option<FolderIdentity> {
    fs::canonicalize(path).ok().map(FolderIdentity)
}

/// The device of a file, if the system reports it.
#[cfg(unix)]
pub(super) fn device(metadata: &Metadata) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    Some(metadata.dev())
}

/// The device of a file: this system does not report it.
#[cfg(not(unix))]
pub(super) fn device(_metadata: &Metadata) -> Option<u64> {
    None
}
