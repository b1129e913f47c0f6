//! The whole state, and what a command does to it.

use std::path::{Path, PathBuf};

use crate::app::catalogue::row::Row;
use crate::app::commands::choices::ScreenId;
use crate::app::commands::command::{
    Command, DecideCommand, FolderCommand, LabelCommand, ReviewCommand, SelectCommand, SetCommand,
    ViewCommand,
};
use crate::app::messages::decision::Decide;
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
use crate::app::state::selection::Selection;
use crate::app::state::settings::Settings;
use crate::app::state::window::{ReviewState, WindowRequest, WindowState};
use crate::engine::EngineOptions;
use crate::indexer::Phase;
use crate::tagging::Edit;

/// Folders that are remembered.
const RECENT: usize = 8;

/// The state, a part for each panel of the window.
#[derive(Debug)]
pub struct AppState {
    /// The library and what is shown of it.
    pub library: LibraryView,
    /// Which photos are selected.
    pub selection: Selection,
    /// What was decided.
    pub(crate) decisions: Decisions,
    /// The review.
    pub(crate) review: ReviewState,
    /// The editor of the vocabulary.
    pub labels: LabelEditor,
    /// What is known of the photo that is looked at.
    pub(crate) inspector: InspectorState,
    /// Sidecars.
    pub export: ExportPanel,
    /// Models and devices.
    pub computing: Computing,
    /// Messages and failures.
    pub messages: MessageLog,
    /// What is set.
    pub settings: Settings,
    /// What the window is at.
    pub window: WindowState,
    /// How the indexer's work goes.
    pub work: Option<Work>,
}

impl AppState {
    /// Before anything is known.
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

    /// Carries out what was asked for.
    pub(crate) fn apply(&mut self, command: Command, effects: &mut Effects) {
        match command {
            Command::Do(action) => self.act(action, effects),
            Command::Show(screen) => self.show(screen, effects),
            Command::Folders(command) => self.folders(command, effects),
            Command::View(command) => self.view(command, effects),
            Command::Select(command) => self.selection.apply(command, &self.library),
            Command::Decide(command) => self.decide_command(command, effects),
            Command::Inspect(command) => self.inspector.apply(command, effects),
            Command::Labels(command) => self.labels(command, effects),
            Command::Review(ReviewCommand::Label(label)) => {
                self.review.label = label;
                self.review.by_photo = false;
                self.window.screen = ScreenId::Review;
            }
            Command::Review(ReviewCommand::ByPhoto(by_photo)) => self.review.by_photo = by_photo,
            Command::Export(command) => {
                self.window.screen = ScreenId::Export;
                self.export.apply(command, &self.settings, effects);
            }
            Command::Compute(command) => {
                self.computing.apply(command, &mut self.settings, effects);
            }
            Command::Set(command) => self.set(command),
            Command::ReadMessages => self.messages.unread = 0,
        }
    }

    pub(crate) fn show(&mut self, screen: ScreenId, effects: &mut Effects) {
        self.window.screen = screen;
        self.window.large = false;
        if screen == ScreenId::Activity {
            self.messages.unread = 0;
            effects.ask(Request::Failures);
        }
        if screen == ScreenId::Settings && self.computing.devices.is_empty() {
            effects.ask(Request::Devices);
        }
    }

    fn folders(&mut self, command: FolderCommand, effects: &mut Effects) {
        match command {
            FolderCommand::Add(folders) => {
                let recent = &mut self.settings.recent;
                for folder in &folders {
                    recent.retain(|r| r != folder);
                    recent.insert(0, folder.clone());
                }
                recent.truncate(RECENT);
                self.window.screen = ScreenId::Photos;
                effects.ask(Request::AddFolders(folders));
            }
            FolderCommand::Remove(id) => {
                self.library.filter.folder = None;
                effects.ask(Request::RemoveFolder(id));
            }
            FolderCommand::Pause(id, paused) => effects.ask(Request::PauseFolder(id, paused)),
        }
    }

    fn view(&mut self, command: ViewCommand, effects: &mut Effects) {
        match command {
            ViewCommand::Folder(folder) => {
                self.library.filter.folder = folder;
                self.window.screen = ScreenId::Photos;
            }
            ViewCommand::Label(label) => {
                self.library.filter.label = label;
                self.window.screen = ScreenId::Photos;
            }
            ViewCommand::Search(text) => {
                self.window.screen = ScreenId::Photos;
                self.library.search(&text, effects);
            }
            ViewCommand::Sort(order) => self.settings.order = order,
            ViewCommand::Group(grouping) => self.settings.grouping = grouping,
            ViewCommand::Photo(photo) => return self.show_photo(photo),
        }
        self.refresh(None);
    }

    fn set(&mut self, command: SetCommand) {
        let s = &mut self.settings;
        match command {
            SetCommand::Tile(points) => s.tile = points.clamp(90.0, 400.0),
            SetCommand::AutoExport(auto) => {
                s.sidecars.auto_export = auto;
                self.export.all_due = auto;
            }
            SetCommand::SimilarPhotos(shown) => s.similar = shown,
            SetCommand::Theme(theme) => s.theme = theme,
            SetCommand::TextScale(scale) => s.text_scale = scale.clamp(0.7, 2.5),
            SetCommand::Naming(naming) => s.sidecars.naming = naming,
            SetCommand::Properties {
                digikam,
                hierarchical,
            } => (s.sidecars.digikam, s.sidecars.hierarchical) = (digikam, hierarchical),
        }
    }

    fn labels(&mut self, command: LabelCommand, effects: &mut Effects) {
        let request = match &command {
            LabelCommand::ChooseImport => Some(WindowRequest::ChooseImport),
            LabelCommand::ChooseExport => Some(WindowRequest::ChooseExport),
            LabelCommand::Open(_) => {
                self.window.screen = ScreenId::Labels;
                None
            }
            _ => None,
        };
        self.window.requests.extend(request);
        self.labels.apply(command, &self.library.catalogue, effects);
    }

    fn decide_command(&mut self, command: DecideCommand, effects: &mut Effects) {
        let decide = |photos: &[i64], label: &str, accepted| -> Vec<Decide> {
            let decisions = photos.iter().map(|p| Decide::now(*p, label, accepted));
            decisions.collect()
        };
        let decisions = match command {
            DecideCommand::Label {
                photos,
                label,
                accepted,
            } => decide(&photos, &label, accepted),
            DecideCommand::Settle {
                label,
                accepted,
                rejected,
            } => {
                let mut both = decide(&accepted, &label, Some(true));
                both.extend(decide(&rejected, &label, Some(false)));
                both
            }
            DecideCommand::Tag(text) => {
                let photos = self.chosen();
                let name = text.trim();
                if name.is_empty() || photos.is_empty() {
                    return;
                }
                let catalogue = &self.library.catalogue;
                let known = catalogue.label(name).and_then(|l| catalogue.labels.get(l));
                let label = known.map_or(name, |l| l.name.as_str()).to_owned();
                if known.is_none() {
                    // A word that no list has becomes a label, so that other photos get it too.
                    let (name, parent) = (label.clone(), None);
                    effects.ask(Request::Edit(vec![Edit::Add { name, parent }]));
                }
                decide(&photos, &label, Some(true))
            }
        };
        self.decide(decisions, effects);
    }

    /// Shows decisions at once, and has them kept.
    pub(crate) fn decide(&mut self, decisions: Vec<Decide>, effects: &mut Effects) {
        let (decided, view) = (&mut self.decisions, &mut self.library);
        let touched = decided.decide(decisions, true, view, effects);
        self.have_exported(touched);
    }

    /// Notes files whose sidecars are to follow their tags.
    pub(crate) fn have_exported(&mut self, files: Vec<PathBuf>) {
        if self.settings.sidecars.auto_export {
            self.export.due.extend(files);
        }
    }

    /// Finds out anew what is shown. `current` is the photo that the keyboard stands on, where that
    /// is known better than the list has it.
    pub(crate) fn refresh(&mut self, current: Option<&Path>) {
        let view = &mut self.library;
        let current = match current {
            Some(path) => view.catalogue.row_at(path),
            None => self
                .selection
                .cursor
                .and_then(|c| view.shown.get(c))
                .copied(),
        };
        view.refresh(self.settings.order, self.settings.grouping);
        self.selection.follow(current, view);
    }

    /// Shows a photo where it stands among all.
    fn show_photo(&mut self, photo: i64) {
        let Some(row) = self.library.catalogue.index.row_of(photo) else {
            return;
        };
        self.window.screen = ScreenId::Photos;
        if !self.library.shown.contains(&row) {
            self.library.filter = Filter::default();
            self.refresh(None);
        }
        if let Some(place) = self.library.shown.iter().position(|i| *i == row) {
            self.selection
                .apply(SelectCommand::Only(place), &self.library);
        }
    }

    /// The row at a place of the list.
    pub fn row(&self, place: usize) -> Option<&Row> {
        self.library.row(place)
    }

    /// The first file of a photo.
    pub(crate) fn row_of(&self, photo: i64) -> Option<&Row> {
        self.library.row_of(photo)
    }

    /// The row that the keyboard stands on.
    pub(crate) fn current(&self) -> Option<&Row> {
        self.library.row(self.selection.cursor?)
    }

    /// The selected photos.
    pub(crate) fn chosen(&self) -> Vec<i64> {
        self.selection.photos(&self.library)
    }

    /// The chosen photos where this one is among several, or it alone.
    pub(crate) fn chosen_or(&self, photo: i64) -> Vec<i64> {
        let chosen = self.chosen();
        match chosen.contains(&photo) {
            true => chosen,
            false => vec![photo],
        }
    }

    /// What undo and redo would do.
    pub fn steps(&self) -> (Option<String>, Option<String>) {
        let history = &self.decisions.history;
        (history.undoable(), history.redoable())
    }

    /// Whether the indexer has nothing to do.
    pub(crate) fn is_idle(&self) -> bool {
        self.work.is_some_and(|w| w.now.phase == Phase::Idle)
    }
}
