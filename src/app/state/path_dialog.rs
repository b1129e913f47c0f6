//! The path dialog inside the window.

use std::path::{Path, PathBuf};

use crate::app::commands::choices::PathPurpose;
use crate::app::messages::listing::Listing;
use crate::app::state::typed_path;
use crate::words::tr;

/// The open path dialog.
#[derive(Debug)]
pub(crate) struct PathDialog {
    /// Its purpose.
    pub(crate) purpose: PathPurpose,
    /// Why the window shows it, as a sentence.
    pub(crate) reason: Option<&'static str>,
    /// The contents of the folder listed last.
    pub(crate) listing: Option<Listing>,
    /// The folder being listed.
    pub(crate) wanted: Option<PathBuf>,
    /// The user's home folder.
    pub(crate) home: Option<PathBuf>,
    current: PathBuf,
}

impl PathDialog {
    /// Opens a new dialog.
    pub(crate) fn new(purpose: PathPurpose, reason: Option<&'static str>) -> Self {
        let home = directories::BaseDirs::new().map(|d| d.home_dir().to_path_buf());
        let current = std::env::current_dir().ok().or_else(|| home.clone());
        Self {
            purpose,
            reason,
            listing: None,
            wanted: None,
            home,
            current: current.unwrap_or_default(),
        }
    }

    /// The absolute path for the typed text.
    pub(crate) fn whole(&self, text: &str) -> PathBuf {
        typed_path::whole(text, self.home.as_deref(), &self.current)
    }

    /// The contents of a folder, if known.
    pub(crate) fn listing_of(&self, folder: &Path) -> Option<&Listing> {
        self.listing.as_ref().filter(|l| l.folder == folder)
    }

    /// Why `path` cannot be chosen; `None` if it can or if that is unknown, for example for a
    /// folder that does not answer. It is tried then.
    pub(crate) fn refusal(&self, path: &Path) -> Option<String> {
        let name = || {
            path.file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
        };
        if let Some(itself) = self.listing_of(path) {
            return match self.purpose {
                PathPurpose::AddFolder => itself.problem.clone(),
                PathPurpose::ImportLabels => Some(tr!("path-choose-file").into()),
                PathPurpose::ExportLabels => Some(tr!("path-name-file").into()),
            };
        }
        let parent = self.listing_of(path.parent()?)?;
        if parent.problem.is_some() {
            return parent.problem.clone();
        }
        let (folder, file) = (parent.has_folder(path), parent.has_file(path));
        match self.purpose {
            PathPurpose::AddFolder if file => Some(tr!("path-is-file", name = name())),
            PathPurpose::AddFolder if !folder => Some(tr!("path-no-folder", name = name())),
            PathPurpose::ImportLabels if folder => Some(tr!("path-choose-file").into()),
            PathPurpose::ImportLabels if !file => Some(tr!("path-no-file", name = name())),
            PathPurpose::ExportLabels if folder => Some(tr!("path-is-folder", name = name())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(folder: &str) -> Listing {
        Listing {
            folder: folder.into(),
            folders: vec!["2024".into()],
            files: vec!["labels.toml".into()],
            problem: None,
        }
    }

    #[test]
    fn what_cannot_be_chosen_has_a_reason_and_what_is_not_known_is_tried() {
        let refusal = |purpose, path: &str| {
            let mut dialog = PathDialog::new(purpose, None);
            dialog.listing = Some(listing("/photos"));
            dialog.refusal(Path::new(path))
        };
        use PathPurpose::{AddFolder, ExportLabels, ImportLabels};
        for (purpose, path) in [
            (AddFolder, "/photos/2024"),
            (AddFolder, "/photos"),
            (AddFolder, "/unknown/2025"),
            (ImportLabels, "/photos/labels.toml"),
            (ExportLabels, "/photos/labels.toml"),
            (ExportLabels, "/photos/new.toml"),
        ] {
            assert_eq!(refusal(purpose, path), None, "{purpose:?} {path}");
        }
        for (purpose, path) in [
            (AddFolder, "/photos/2025"),
            (AddFolder, "/photos/labels.toml"),
            (ImportLabels, "/photos"),
            (ImportLabels, "/photos/2024"),
            (ImportLabels, "/photos/other.toml"),
            (ExportLabels, "/photos"),
            (ExportLabels, "/photos/2024"),
        ] {
            assert!(refusal(purpose, path).is_some(), "{purpose:?} {path}");
        }
    }
}
