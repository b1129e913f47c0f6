//! A path that is asked for inside the window.

use std::path::{Path, PathBuf};

use crate::app::commands::choices::PathPurpose;
use crate::app::messages::listing::Listing;
use crate::app::state::typed_path;

/// The path that is asked for.
#[derive(Debug)]
pub(crate) struct PathDialog {
    /// What for.
    pub(crate) purpose: PathPurpose,
    /// Why it is asked for here, as a sentence.
    pub(crate) reason: Option<&'static str>,
    /// What lies in the folder that was last looked into.
    pub(crate) listing: Option<Listing>,
    /// The folder that is being looked into.
    pub(crate) wanted: Option<PathBuf>,
    /// The person's folder.
    pub(crate) home: Option<PathBuf>,
    current: PathBuf,
}

impl PathDialog {
    /// Asks anew.
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

    /// The path that is typed.
    pub(crate) fn whole(&self, text: &str) -> PathBuf {
        typed_path::whole(text, self.home.as_deref(), &self.current)
    }

    /// What lies in a folder, where that is known.
    pub(crate) fn listing_of(&self, folder: &Path) -> Option<&Listing> {
        self.listing.as_ref().filter(|l| l.folder == folder)
    }

    /// Whether `path` can be the one. `None` where that is not known, as of a folder that does not
    /// answer; it is tried then.
    pub(crate) fn refusal(&self, path: &Path) -> Option<String> {
        let name = || {
            path.file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
        };
        if let Some(itself) = self.listing_of(path) {
            return match self.purpose {
                PathPurpose::AddFolder => itself.problem.clone(),
                PathPurpose::ImportLabels => Some("Choose a file.".into()),
                PathPurpose::ExportLabels => Some("Type a name for the file.".into()),
            };
        }
        let parent = self.listing_of(path.parent()?)?;
        if parent.problem.is_some() {
            return parent.problem.clone();
        }
        let (folder, file) = (parent.has_folder(path), parent.has_file(path));
        match self.purpose {
            PathPurpose::AddFolder if file => Some(format!("{} is a file.", name())),
            PathPurpose::AddFolder if !folder => Some(format!("There is no folder “{}”.", name())),
            PathPurpose::ImportLabels if folder => Some("Choose a file.".into()),
            PathPurpose::ImportLabels if !file => Some(format!("There is no file “{}”.", name())),
            PathPurpose::ExportLabels if folder => Some(format!("{} is a folder.", name())),
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
