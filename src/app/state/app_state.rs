//! The whole state, and how commands change it.

use std::path::PathBuf;

use crate::app::catalogue::row::Row;
use crate::app::commands::choices::ScreenId;
use crate::app::commands::command::{
    Command, FolderCommand, LabelCommand, ReviewCommand, SaveCommand, SelectCommand, SetCommand,
    ViewCommand,
};
use crate::app::messages::event::Work;
use crate::app::messages::request::Request;
use crate::app::state::computing::Computing;
use crate::app::state::decisions::Decisions;
use crate::app::state::effects::Effects;
use crate::app::state::export::ExportPanel;
use crate::app::state::filter::Filter;
use crate::app::state::inspector::InspectorState;
use crate::app::state::labels::LabelEditor;
use crate::app::state::library_view::LibraryView;
use crate::app::state::message_log::MessageLog;
use crate::app::state::selection::{Change, Selection};
use crate::app::state::settings::Settings;
use crate::app::state::window::{ReviewState, WindowRequest, WindowState};
use crate::core::ids::PhotoId;
use crate::engine::{EngineOptions, STARTER};
use crate::indexer::Phase;
use crate::words::Language;

/// The state, one part for each panel of the window.
#[derive(Debug)]
pub struct AppState {
    /// The library and the photos on show.
    pub library: LibraryView,
    /// The selection.
    pub selection: Selection,
    /// The decisions.
    pub(crate) decisions: Decisions,
    /// The review.
    pub(crate) review: ReviewState,
    /// The editor of the vocabulary.
    pub labels: LabelEditor,
    /// The facts about the inspected photo.
    pub(crate) inspector: InspectorState,
    /// Sidecars.
    pub export: ExportPanel,
    /// Models and devices.
    pub computing: Computing,
    /// Messages and failures.
    pub messages: MessageLog,
    /// The settings.
    pub settings: Settings,
    /// The window itself.
    pub window: WindowState,
    /// The indexer's progress.
    pub work: Option<Work>,
}

impl AppState {
    /// Creates a state that knows nothing yet.
    pub(crate) fn new(engine: EngineOptions, settings: Settings) -> Self {
        Self {
            library: LibraryView::default(),
            selection: Selection::default(),
            decisions: Decisions::default(),
            review: ReviewState::default(),
            labels: LabelEditor::default(),
            inspector: InspectorState::default(),
            export: ExportPanel::default(),
            computing: Computing::new(engine),
            messages: MessageLog::default(),
            settings,
            window: WindowState::default(),
            work: None,
        }
    }

    /// The language of the window.
    pub(crate) fn language(&self) -> Language {
        let set = self.settings.text.language;
        set.unwrap_or(self.window.system_language)
    }

    /// Carries out a command.
    pub(crate) fn apply(&mut self, command: Command, effects: &mut Effects) {
        match command {
            Command::Do(action) => self.act(action, effects),
            Command::Show(screen) => self.show(screen, effects),
            Command::Folders(command) => self.folders(command, effects),
            Command::Files(command) => self.files(command, effects),
            Command::View(command) => self.view(command, effects),
            Command::Select(command) => self.selection.apply(command, &self.library),
            Command::Decide(command) => self.decide_command(command, effects),
            Command::Inspect(command) => self.inspector.apply(command, effects),
            Command::Labels(command) => self.labels(command, effects),
            Command::Review(command) => self.review_command(command, effects),
            Command::Export(command) => self.export_command(command, effects),
            Command::Compute(command) => {
                self.computing.apply(command, &mut self.settings, effects);
            }
            Command::Set(command) => self.set(command, effects),
            Command::Path(command) => self.path(command, effects),
            Command::Save(command) => self.save(command, effects),
            Command::Toast(command) => self.toast(command, effects),
            Command::ReadMessages => self.messages.unread = 0,
            Command::UndoScale(undone) => effects.ask(Request::UndoScale(undone)),
        }
    }

    pub(crate) fn show(&mut self, screen: ScreenId, effects: &mut Effects) {
        self.window.go(screen);
        if screen == ScreenId::Activity {
            self.messages.unread = 0;
            effects.ask(Request::Failures);
            effects.ask(Request::Scale);
        }
        if screen == ScreenId::Review {
            self.keep_session();
        }
        if screen == ScreenId::Export {
            effects.ask(Request::Exports);
        }
        if screen == ScreenId::Settings && self.computing.devices.is_empty() {
            effects.ask(Request::Devices);
        }
    }

    fn review_command(&mut self, command: ReviewCommand, effects: &mut Effects) {
        match command {
            ReviewCommand::Label(label) => {
                self.review.label = label;
                self.review.by_photo = false;
                self.show(ScreenId::Review, effects);
            }
            ReviewCommand::ByPhoto(by_photo) => self.review.by_photo = by_photo,
            ReviewCommand::NextSession => {
                self.review.session.clear();
                self.keep_session();
            }
        }
    }

    fn folders(&mut self, command: FolderCommand, effects: &mut Effects) {
        match command {
            FolderCommand::Add(folders) => {
                self.window.go(ScreenId::Photos);
                effects.ask(Request::AddFolders(folders));
            }
            FolderCommand::Remove(id) => {
                effects.ask(Request::RemoveFolder(id));
            }
            FolderCommand::Pause(id, paused) => effects.ask(Request::PauseFolder(id, paused)),
            FolderCommand::Videos(included) => effects.ask(Request::Videos(included)),
        }
    }

    fn view(&mut self, command: ViewCommand, effects: &mut Effects) {
        match command {
            ViewCommand::Folder(folder) => self.library.filter.folder = folder,
            ViewCommand::Label(label) => self.library.filter.label = label,
            ViewCommand::Quick(quick) => self.library.filter.quick = quick,
            ViewCommand::SaveSearch => return self.save_search(),
            ViewCommand::OpenSearch(at) => return self.open_search(at, effects),
            ViewCommand::RemoveSearch(at) => return self.remove_search(at),
            ViewCommand::Search(text) => self.library.search(&text, effects),
            ViewCommand::MoreHits => {
                self.library.filter.more_hits = true;
                self.window.go(ScreenId::Photos);
                let current = self.selection.cursor();
                let current = current.and_then(|place| self.library.row_at(place));
                // The list grows at its end; what is in view stays there.
                return self.refresh(current, Change::Reloaded);
            }
            ViewCommand::Sort(order) => self.settings.order = order,
            ViewCommand::Group(grouping) => self.settings.grouping = grouping,
            ViewCommand::Photo(photo) => {
                return self.show_row(self.library.catalogue.index.row_of(photo));
            }
            ViewCommand::File(id) => {
                return self.show_row(self.library.catalogue.index.row_of_id(id));
            }
            ViewCommand::Stacks(on) => {
                self.export.all_pending = true;
                return effects.ask(Request::Stacks(on));
            }
        }
        self.window.go(ScreenId::Photos);
        self.list_anew();
    }

    fn set(&mut self, command: SetCommand, effects: &mut Effects) {
        use SetCommand::{Naming, Properties, Synonyms};
        if matches!(command, Naming(_) | Properties(_) | Synonyms(_)) {
            self.export.forget_preview();
        }
        let s = &mut self.settings;
        match command {
            SetCommand::Tile(points) => s.tile = points.clamp(90.0, 400.0),
            SetCommand::AutoExport(auto) => {
                s.sidecars.auto_export = auto;
                self.export.all_pending = auto;
            }
            SetCommand::SimilarPhotos(shown) => s.similar = shown,
            SetCommand::ConfirmedOnly(only) => {
                s.sidecars.confirmed_only = only;
                // The preview was of other tags.
                self.export.state = None;
                self.export.all_pending = s.sidecars.auto_export;
            }
            SetCommand::Theme(theme) => s.theme = theme,
            SetCommand::Language(language) => {
                s.text.language = language;
                // A library that is still empty follows.
                if self.library.loaded && self.library.catalogue.folders.is_empty() {
                    effects.ask(Request::NameLabels(self.language()));
                }
            }
            SetCommand::TextScale(scale) => s.text.text_scale = scale.clamp(0.7, 2.5),
            SetCommand::Naming(naming) => s.sidecars.naming = naming,
            SetCommand::Properties(properties) => s.sidecars.properties = properties,
            SetCommand::Synonyms(written) => s.sidecars.synonyms = written,
        }
    }

    fn save(&mut self, command: SaveCommand, effects: &mut Effects) {
        match command {
            SaveCommand::Retry => effects.ask(Request::SaveNow),
            SaveCommand::GiveUp => self.decisions.saving.give_up(),
            SaveCommand::Stay => self.window.quit = false,
        }
    }

    fn labels(&mut self, command: LabelCommand, effects: &mut Effects) {
        let request = match &command {
            LabelCommand::ChooseImport => Some(WindowRequest::ChooseImport),
            LabelCommand::ChooseExport => Some(WindowRequest::ChooseExport),
            LabelCommand::Open(_) => {
                self.window.go(ScreenId::Labels);
                None
            }
            LabelCommand::OpenAt(_, field) => {
                self.window.go(ScreenId::Labels);
                Some(WindowRequest::FocusLabel(*field))
            }
            _ => None,
        };
        self.window.requests.extend(request);
        self.labels.apply(command, &self.library.catalogue, effects);
    }

    /// Shows another list, as the user requested.
    pub(crate) fn list_anew(&mut self) {
        let view = &self.library;
        let place = self.selection.cursor();
        let current = place.and_then(|place| view.row_at(place));
        self.refresh(current, Change::Asked);
    }

    /// Recomputes the photos on show; the selection follows. `current` is the catalogue index of
    /// the photo at the keyboard's position. Nothing else changes the list.
    pub(crate) fn refresh(&mut self, current: Option<usize>, change: Change) {
        let view = &mut self.library;
        view.refresh(self.settings.order, self.settings.grouping);
        self.selection.follow(current, view, change);
        if self.selection.cursor().is_none() {
            self.window.show_grid();
        }
    }

    /// Shows a photo in its place among all.
    fn show_row(&mut self, row: Option<usize>) {
        let Some(row) = row else {
            return;
        };
        self.window.go(ScreenId::Photos);
        if self.library.place_of(row).is_none() {
            self.library.filter = Filter::default();
            self.list_anew();
        }
        if let Some(place) = self.library.place_of(row) {
            self.selection
                .apply(SelectCommand::Only(place), &self.library);
        }
    }

    /// The row at a place of the list.
    pub fn row(&self, place: usize) -> Option<&Row> {
        self.library.row(place)
    }

    /// The first file of a photo.
    pub(crate) fn row_of(&self, photo: PhotoId) -> Option<&Row> {
        self.library.row_of(photo)
    }

    /// The row at the keyboard's position.
    pub fn current(&self) -> Option<&Row> {
        self.library.row(self.selection.cursor()?)
    }

    /// The rows that commands act on: the selected ones on the Photos screen, or only the one that
    /// is shown large.
    pub(crate) fn at_hand(&self) -> Vec<&Row> {
        match (self.window.screen, self.window.large) {
            (ScreenId::Photos, true) => self.current().into_iter().collect(),
            (ScreenId::Photos, false) => self.selection.selected(&self.library),
            _ => Vec::new(),
        }
    }

    /// Whether there are any.
    pub(crate) fn has_photos_at_hand(&self) -> bool {
        let shown = self.window.screen == ScreenId::Photos;
        shown && (self.window.large && self.current().is_some() || !self.selection.is_empty())
    }

    /// The photos that commands act on, each once.
    pub fn chosen(&self) -> Vec<PhotoId> {
        let rows = self.at_hand().into_iter();
        let mut photos: Vec<PhotoId> = rows.filter_map(Row::photo_id).collect();
        photos.sort_unstable();
        photos.dedup();
        photos
    }

    /// The most recently opened folders, latest first.
    pub fn recent(&self) -> &[PathBuf] {
        &self.settings.recent
    }

    /// What undo and redo would do.
    pub fn steps(&self) -> (Option<String>, Option<String>) {
        let history = &self.decisions.history;
        (history.undoable(), history.redoable())
    }

    /// Whether the model was not measured on photographs, and the library does not show yet what is
    /// usual for its labels.
    pub(crate) fn is_calibrating(&self) -> bool {
        let summary = &self.library.catalogue.summary;
        let is_measured = self.computing.engine.model == STARTER;
        !is_measured && summary.photos > 0 && summary.scale_photos == 0
    }

    /// Whether the indexer has nothing to do.
    pub(crate) fn is_idle(&self) -> bool {
        self.work.is_some_and(|w| w.now.phase == Phase::Idle)
    }
}

#[cfg(test)]
mod tests {
    use crate::app::catalogue::samples::dogs_and_cats;
    use crate::app::state::samples;

    #[test]
    fn a_model_that_nobody_measured_calibrates_until_the_library_shows_what_is_usual() {
        let (mut state, _) = samples::loaded();
        let mut load = |model: &str, photos, scale_photos| {
            let mut catalogue = dogs_and_cats();
            (catalogue.summary.photos, catalogue.summary.scale_photos) = (photos, scale_photos);
            samples::load(&mut state, catalogue, 0);
            state.computing.engine.model = model.into();
            state.is_calibrating()
        };
        assert!(load("vit-b-32-datacomp", 4, 0));
        assert!(!load("vit-b-32-datacomp", 40, 32));
        assert!(!load("vit-b-32-datacomp", 0, 0));
        assert!(!load("starter", 4, 0));
    }
}
