//! Asking for a path inside the window: where the system has no dialog, or a person would rather
//! type.

use std::path::{Path, PathBuf};

use crate::app::commands::choices::PathPurpose;
use crate::app::commands::command::{Command, FolderCommand, LabelCommand, PathCommand};
use crate::app::messages::listing::Listing;
use crate::app::state::app_state::AppState;
use crate::app::state::effects::{Effect, Effects};
use crate::app::state::typed_path;

/// Why the window asks itself, where the person did not want it to.
const NO_DIALOG: &str =
    "This system has no file dialog: no desktop portal answered. You can choose here instead.";

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
    wanted: Option<PathBuf>,
    /// The person's folder.
    pub(crate) home: Option<PathBuf>,
    current: PathBuf,
}

impl PathDialog {
    fn new(purpose: PathPurpose, reason: Option<&'static str>) -> Self {
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

impl AppState {
    /// Carries out what is asked for about the path.
    pub(crate) fn path(&mut self, command: PathCommand, effects: &mut Effects) {
        match command {
            PathCommand::Ask(purpose) => {
                self.window.path_dialog = Some(PathDialog::new(purpose, None));
            }
            PathCommand::List(folder) => {
                if let Some(dialog) = &mut self.window.path_dialog {
                    dialog.wanted = Some(folder.clone());
                    effects.0.push(Effect::List(folder));
                }
            }
            PathCommand::Choose(path) => {
                let command = self.window.path_dialog.take().map(|d| match d.purpose {
                    PathPurpose::AddFolder => Command::from(FolderCommand::Add(vec![path])),
                    PathPurpose::ImportLabels => LabelCommand::Import(path).into(),
                    PathPurpose::ExportLabels => LabelCommand::Export(path).into(),
                });
                if let Some(command) = command {
                    self.apply(command, effects);
                }
            }
            PathCommand::Cancel => self.window.path_dialog = None,
        }
    }

    /// The system has no dialog to ask with.
    pub(crate) fn no_dialog(&mut self, purpose: PathPurpose) {
        self.window.path_dialog = Some(PathDialog::new(purpose, Some(NO_DIALOG)));
    }

    /// A folder was looked into.
    pub(crate) fn listed(&mut self, listing: Listing) {
        if let Some(dialog) = &mut self.window.path_dialog
            && dialog.wanted.as_deref() == Some(&listing.folder)
        {
            dialog.listing = Some(listing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::messages::event::Event;
    use crate::app::messages::request::Request;
    use crate::app::state::samples;

    fn listing(folder: &str) -> Listing {
        Listing {
            folder: folder.into(),
            folders: vec!["2024".into()],
            files: vec!["labels.toml".into()],
            problem: None,
        }
    }

    #[test]
    fn without_a_dialog_of_the_system_the_window_asks_and_says_why() {
        let (mut state, mut effects) = samples::loaded();
        state.take(Event::NoDialog(PathPurpose::AddFolder), &mut effects);
        let dialog = state.window.path_dialog.as_ref().unwrap();
        assert!(dialog.reason.unwrap().contains("portal"));
        state.apply(PathCommand::List("/photos".into()).into(), &mut effects);
        assert!(matches!(&effects.0[..], [Effect::List(f)] if f == Path::new("/photos")));
        state.take(Event::Listed(listing("/elsewhere")), &mut effects);
        assert!(state.window.path_dialog.as_ref().unwrap().listing.is_none());
        state.take(Event::Listed(listing("/photos")), &mut effects);
        let chosen = PathCommand::Choose("/photos/2024".into());
        state.apply(chosen.into(), &mut effects);
        assert!(state.window.path_dialog.is_none());
        let last = effects.0.last();
        assert!(matches!(last, Some(Effect::Ask(Request::AddFolders(f))) if f.len() == 1));
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
