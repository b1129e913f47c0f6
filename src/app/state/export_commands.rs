//! The user's commands for exports.

use crate::app::commands::choices::{ExportScope, ScreenId};
use crate::app::commands::command::ExportCommand;
use crate::app::state::app_state::AppState;
use crate::app::state::effects::Effects;
use crate::words::tr;

impl AppState {
    /// Carries out a command of the export.
    pub(crate) fn export_command(&mut self, command: ExportCommand, effects: &mut Effects) {
        if let ExportCommand::Program(program) = command {
            self.settings.sidecars.choose(program);
            self.export.forget_preview();
            return;
        }
        if self.window.screen != ScreenId::Export {
            self.show(ScreenId::Export, effects);
        }
        let paths = match self.export.scope {
            _ if command != ExportCommand::Preview => Vec::new(),
            ExportScope::All => Vec::new(),
            ExportScope::Folder => self.library.filter.folder.iter().cloned().collect(),
            ExportScope::Selected => {
                let rows = self.selection.selected(&self.library).into_iter();
                rows.map(|row| row.path.clone()).collect()
            }
        };
        // No path stands for all photos.
        let is_lost = command == ExportCommand::Preview && paths.is_empty();
        if is_lost && self.export.scope != ExportScope::All {
            self.export.scope = ExportScope::All;
            let text = tr!("export-nothing-selected");
            self.window.toasts.tell(text, None);
        }
        self.export.apply(command, paths, &self.settings, effects);
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::app::commands::command::SelectCommand;
    use crate::app::messages::export::ExportJob;
    use crate::app::state::effects::Effect;
    use crate::app::state::samples;

    #[test]
    fn what_was_looked_at_is_written_whatever_is_selected_then() {
        let (mut state, mut effects) = samples::loaded();
        let paths = |effects: &Effects| match effects.0.last() {
            Some(Effect::Export(ExportJob::Preview(options) | ExportJob::Write(options))) => {
                options.paths.clone()
            }
            other => panic!("{other:?}"),
        };
        state.apply(SelectCommand::Range(1, 2, false).into(), &mut effects);
        let scope = ExportCommand::Scope(ExportScope::Selected);
        state.apply(scope.into(), &mut effects);
        state.apply(ExportCommand::Preview.into(), &mut effects);
        let both = ["/a/2.jpg", "/b/3.jpg"].map(PathBuf::from);
        assert_eq!(paths(&effects), both);
        state.apply(SelectCommand::Only(0).into(), &mut effects);
        state.apply(ExportCommand::Write.into(), &mut effects);
        assert_eq!(paths(&effects), both);
        // Nothing selected is not everything without a word.
        state.selection.none();
        state.apply(ExportCommand::Preview.into(), &mut effects);
        assert_eq!(state.export.scope, ExportScope::All);
        assert_eq!(state.window.toasts.list().len(), 1);
        let scope = ExportCommand::Scope(ExportScope::Folder);
        state.library.filter.folder = Some("/a".into());
        state.apply(scope.into(), &mut effects);
        state.apply(ExportCommand::Preview.into(), &mut effects);
        assert_eq!(paths(&effects), [PathBuf::from("/a")]);
    }
}
