//! A folder of the library.

use std::path::Path;

use crate::store::{Folder, FolderState};

/// A folder of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FolderInfo {
    /// The folder.
    pub(crate) folder: Folder,
    /// Files in it.
    pub(crate) count: usize,
}

impl FolderInfo {
    /// The state in a word, for the user.
    pub(crate) fn state_name(&self) -> &'static str {
        match self.folder.state {
            FolderState::Active => "watching",
            FolderState::Paused => "paused",
            FolderState::Offline => "offline",
        }
    }

    /// Its name in lists.
    pub(crate) fn name(&self) -> String {
        let path: &Path = &self.folder.path;
        let name = path.file_name().unwrap_or(path.as_os_str());
        name.to_string_lossy().into_owned()
    }
}
