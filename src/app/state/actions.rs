//! Carries out the actions of the table.

use crate::app::commands::action::Action;
use crate::app::commands::choices::{PathPurpose, ScreenId};
use crate::app::commands::command::{ExportCommand, LabelCommand, PathCommand, SetCommand};
use crate::app::messages::request::Request;
use crate::app::state::app_state::AppState;
use crate::app::state::effects::Effects;
use crate::app::state::filter::Filter;
use crate::app::state::window::WindowRequest;
use crate::indexer::Control;
use crate::words::tr;

impl AppState {
    pub(crate) fn act(&mut self, action: Action, effects: &mut Effects) {
        let screen = self.window.screen;
        if let Some(reason) = action.scope().refusal(screen) {
            let title = action.title().trim_end_matches('…');
            let text = tr!("refusal-of", action = title, reason = reason);
            return self.window.toasts.tell(text, None);
        }
        if let Some(reason) = self.refusal(action) {
            return self.window.toasts.tell(reason, None);
        }
        let review = screen == ScreenId::Review;
        match action {
            // The review acts on its own photos, and carries these out itself.
            Action::SelectAll
            | Action::SelectNone
            | Action::Accept
            | Action::Reject
            | Action::Preview
                if review => {}
            Action::ChooseFolder => self.window.requests.push(WindowRequest::ChooseFolders),
            Action::TypeFolder => self.path(PathCommand::Ask(PathPurpose::AddFolder), effects),
            Action::AddTag => self.type_tag(),
            Action::Search => {
                if self.window.screen != ScreenId::Photos {
                    self.window.go(ScreenId::Photos);
                }
                self.window.requests.push(WindowRequest::FocusSearch);
            }
            Action::ToggleTheme => self.window.requests.push(WindowRequest::ToggleTheme),
            Action::Palette => self.window.requests.push(WindowRequest::TogglePalette),
            Action::Shortcuts => self.window.requests.push(WindowRequest::ToggleShortcuts),
            Action::TrySamples => {
                self.window.go(ScreenId::Photos);
                effects.ask(Request::AddSamples);
            }
            Action::RetryFailed
            | Action::Reveal
            | Action::CopyPath
            | Action::CopyTags
            | Action::PasteTags => self.act_on_files(action, effects),
            Action::Rescan => effects.ask(Request::Control(Control::Rescan)),
            Action::PreviewExport => self.apply(ExportCommand::Preview.into(), effects),
            Action::UndoExport => self.apply(ExportCommand::Undo.into(), effects),
            Action::Quit => self.window.quit = true,
            Action::Undo => self.undo(effects),
            Action::Redo => self.redo(effects),
            Action::SelectAll => {
                self.window.show_grid();
                self.selection.all(&self.library);
            }
            Action::SelectNone if self.window.full_screen => self.window.fill_screen(false),
            Action::SelectNone if self.window.large => self.window.show_grid(),
            Action::SelectNone => self.selection.none(),
            Action::Accept => self.settle(true, effects),
            Action::Reject => self.settle(false, effects),
            Action::FindSimilar => self.find_similar(effects),
            Action::ClearFilters => self.clear_filters(),
            Action::ShowPhotos => self.show(ScreenId::Photos, effects),
            Action::ShowReview => self.show(ScreenId::Review, effects),
            Action::ShowLabels => self.show(ScreenId::Labels, effects),
            Action::ShowExport => self.show(ScreenId::Export, effects),
            Action::ShowActivity => self.show(ScreenId::Activity, effects),
            Action::ShowSettings => self.show(ScreenId::Settings, effects),
            Action::Preview => self.window.toggle_large(),
            Action::FullScreen => self.window.toggle_full_screen(),
            Action::ToggleSidebar => self.settings.sidebar = !self.settings.sidebar,
            Action::ToggleInspector => self.settings.inspector = !self.settings.inspector,
            Action::LargerTiles => self.scale_tiles(1.2, effects),
            Action::SmallerTiles => self.scale_tiles(1.0 / 1.2, effects),
            Action::CheckLabels => {
                self.window.go(ScreenId::Labels);
                self.labels.close();
                self.apply(LabelCommand::Check.into(), effects);
            }
            Action::TogglePause => effects.ask(Request::Control(match self.work {
                Some(work) if work.paused => Control::Resume,
                _ => Control::Pause,
            })),
        }
    }

    fn clear_filters(&mut self) {
        self.library.filter = Filter::default();
        self.window.go(ScreenId::Photos);
        self.list_anew();
    }

    fn type_tag(&mut self) {
        self.settings.inspector = true;
        self.window.requests.push(WindowRequest::FocusTag);
    }

    fn scale_tiles(&mut self, factor: f32, effects: &mut Effects) {
        let tile = self.settings.tile * factor;
        self.apply(SetCommand::Tile(tile).into(), effects);
    }

    fn find_similar(&mut self, effects: &mut Effects) {
        let current = self.current().and_then(|r| Some((r.photo_id()?, r.name())));
        if let Some((photo, name)) = current {
            self.window.go(ScreenId::Photos);
            self.library.find_similar(photo, name, effects);
            self.list_anew();
        }
    }
}
