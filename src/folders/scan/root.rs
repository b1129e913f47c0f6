//! Whether a root can be seen at all, and whether it is still the same folder.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

/// Whether the folder that a scan starts from could be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RootState {
    /// It is there and something lies in it.
    Present,
    /// It is there and nothing at all lies in it, not even a hidden file. A drive that is not
    /// mounted leaves just such a folder behind.
    Empty,
    /// Nothing is at its path: a drive or a share that is not connected, or a folder that was moved
    /// or deleted.
    Missing,
    /// Something is at its path, but it cannot be looked into, for this reason.
    Unreadable(String),
}

impl RootState {
    /// Looks at `root` now. On a network drive that hangs this takes as long as the drive does.
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

/// What tells one folder from another that lies, or comes to lie, at the same path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::folders) struct FolderIdentity(
    #[cfg(unix)] (u64, u64),
    #[cfg(not(unix))] std::path::PathBuf,
);

/// The identity of the folder at `path`, to which `metadata` belongs (links followed): its device
/// and its number there.
#[cfg(unix)]
pub(in crate::folders) fn folder_identity(
    _path: &Path,
    metadata: &Metadata,
) -> Option<FolderIdentity> {
    use std::os::unix::fs::MetadataExt;
    Some(FolderIdentity((metadata.dev(), metadata.ino())))
}

/// The identity of the folder at `path`: its path without links, for want of something better.
#[cfg(not(unix))]
pub(in crate::folders) fn folder_identity(
    path: &Path,
    _metadata: &Metadata,
) -> Option<FolderIdentity> {
    fs::canonicalize(path).ok().map(FolderIdentity)
}

/// The device that a file lies on, where the system tells.
#[cfg(unix)]
pub(super) fn device(metadata: &Metadata) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    Some(metadata.dev())
}

/// The device that a file lies on: the system does not tell.
#[cfg(not(unix))]
pub(super) fn device(_metadata: &Metadata) -> Option<u64> {
    None
}
