//! The contents of a folder, for the path dialog.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The contents of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// The folder.
    pub(crate) folder: PathBuf,
    /// The folders in it, by name.
    pub(crate) folders: Vec<OsString>,
    /// The files in it, by name.
    pub(crate) files: Vec<OsString>,
    /// Why it cannot be listed, as a sentence.
    pub(crate) problem: Option<String>,
}

impl Listing {
    /// Whether it contains this folder.
    pub(crate) fn has_folder(&self, path: &Path) -> bool {
        path.file_name()
            .is_some_and(|name| self.folders.iter().any(|f| f == name))
    }

    /// Whether it contains this file.
    pub(crate) fn has_file(&self, path: &Path) -> bool {
        path.file_name()
            .is_some_and(|name| self.files.iter().any(|f| f == name))
    }
}
