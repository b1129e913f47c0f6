//! A folder of the library.

use crate::folders::PassedOver;
use crate::store::{Folder, FolderState};
use crate::words::tr;

/// A folder of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FolderInfo {
    /// The folder.
    pub(crate) folder: Folder,
    /// Files in it.
    pub(crate) count: usize,
    /// What the last full scan left out.
    pub(crate) passed_over: PassedOver,
}

impl FolderInfo {
    /// The state in a word, for the user.
    pub(crate) fn state_name(&self) -> &'static str {
        match self.folder.state {
            FolderState::Active => tr!("folder-watching"),
            FolderState::Paused => tr!("folder-paused"),
            FolderState::Offline => tr!("folder-offline"),
        }
    }
}
