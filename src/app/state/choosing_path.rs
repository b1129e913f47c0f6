//! The path dialog inside the window, for systems without a file dialog and for users who prefer to
//! type.

use crate::app::commands::choices::PathPurpose;
use crate::app::commands::command::{Command, FolderCommand, LabelCommand, PathCommand};
use crate::app::messages::listing::Listing;
use crate::app::state::app_state::AppState;
use crate::app::state::effects::{Effect, Effects};
use crate::app::state::path_dialog::PathDialog;
use crate::words::tr;

impl AppState {
    /// Carries out a command for the path dialog.
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

    /// Opens the window's dialog, because the system has none.
    pub(crate) fn no_dialog(&mut self, purpose: PathPurpose) {
        self.window.path_dialog = Some(PathDialog::new(purpose, Some(tr!("path-no-dialog"))));
    }

    /// Handles a folder's listing.
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
    use std::path::Path;

    use super::*;
    use crate::app::messages::event::Event;
    use crate::app::messages::request::Request;
    use crate::app::state::samples;

    fn listing(folder: &str) -> Listing {
        Listing {
            folder: folder.into(),
            ..Listing::default()
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
}
