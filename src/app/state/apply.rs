//! What commands do.

use std::path::PathBuf;

use crate::app::commands::command::{Action, Command};
use crate::app::messages::event::{DownloadPhase, DownloadState, Severity};
use crate::app::state::app::{App, Screen};
use crate::app::state::filter::Filter;
use crate::app::threads::export::Job;
use crate::app::threads::library::{Decide, Request};
use crate::app::threads::samples;
use crate::app::threads::search::Question;
use crate::indexer::{Control, Phase};
use crate::model_store::templates as wording;
use crate::services::export::ExportOptions;
use crate::tagging::Edit;

/// Folders that are remembered.
const RECENT: usize = 8;

impl App {
    /// Carries out what was asked for.
    pub fn apply(&mut self, command: Command) {
        match command {
            Command::Do(action) => self.act(action),
            Command::AddFolders(folders) => {
                let add = folders.clone();
                self.set(|s| {
                    for folder in add {
                        s.recent.retain(|r| *r != folder);
                        s.recent.insert(0, folder);
                    }
                    s.recent.truncate(RECENT);
                });
                self.screen = Screen::Photos;
                self.ask(Request::AddFolders(folders));
            }
            Command::RemoveFolder(id) => {
                self.filter.folder = None;
                self.ask(Request::RemoveFolder(id));
            }
            Command::PauseFolder(id, paused) => self.ask(Request::PauseFolder(id, paused)),
            Command::Show(screen) => {
                self.screen = screen;
                self.large = false;
                if screen == Screen::Activity {
                    self.unread = 0;
                    self.ask(Request::Failures);
                }
                if screen == Screen::Settings && self.devices.is_empty() {
                    self.ask(Request::Devices);
                }
            }
            Command::FilterFolder(folder) => {
                self.filter.folder = folder;
                self.screen = Screen::Photos;
                self.refresh(None);
            }
            Command::FilterLabel(label) => {
                self.filter.label = label;
                self.screen = Screen::Photos;
                self.refresh(None);
            }
            Command::Search(text) => self.search(&text),
            Command::ShowPhoto(photo) => self.show_photo(photo),
            Command::Sort(order) => {
                self.set(|s| s.order = order);
                self.refresh(None);
            }
            Command::Group(grouping) => {
                self.set(|s| s.grouping = grouping);
                self.refresh(None);
            }
            Command::Tile(points) => self.set(|s| s.tile = points.clamp(90.0, 400.0)),
            Command::Select(place) => self.select(place),
            Command::ToggleSelect(place) => self.toggle_select(place),
            Command::SelectTo(place) => self.select_to(place),
            Command::Move(by, extend) => self.step(by, extend),
            Command::Decide {
                photos,
                label,
                accepted,
            } => {
                let decisions = photos.iter().map(|p| Decide::now(*p, &label, accepted));
                self.decide(decisions.collect(), true);
            }
            Command::Settle {
                label,
                accepted,
                rejected,
            } => {
                let yes = accepted.iter().map(|p| Decide::now(*p, &label, Some(true)));
                let no = rejected
                    .iter()
                    .map(|p| Decide::now(*p, &label, Some(false)));
                self.decide(yes.chain(no).collect(), true);
            }
            Command::Tag(text) => self.tag(text.trim()),
            Command::Why(photo, label) => {
                self.explained = None;
                self.question(Question::Why(photo, label));
            }
            Command::Edit(mut edits) => {
                // What is there already is looked at, not added.
                let is_new = |edit: &Edit| match edit {
                    Edit::Add { name, .. } => !self.catalogue.has(name),
                    _ => true,
                };
                if let [Edit::Add { name, .. }] = edits.as_slice()
                    && self.catalogue.has(name)
                {
                    let name = name.clone();
                    return self.apply(Command::EditLabel(Some(name)));
                }
                edits.retain(is_new);
                // The label that is looked at may be called otherwise afterwards.
                for edit in &edits {
                    match edit {
                        Edit::Rename { label, name } if self.editing.as_ref() == Some(label) => {
                            self.editing = Some(name.clone());
                        }
                        Edit::Delete { label } | Edit::Merge { from: label, .. }
                            if self.editing.as_ref() == Some(label) =>
                        {
                            (self.editing, self.scores) = (None, None);
                        }
                        // What was added is looked at once it is there.
                        Edit::Add { name, .. } => {
                            self.editing = Some(name.clone());
                            (self.scores, self.dragged) = (None, None);
                        }
                        _ => {}
                    }
                }
                self.ask(Request::Edit(edits));
            }
            Command::SetVocabularyText(text) => {
                let name = self.own_vocabulary().unwrap_or("My labels").to_owned();
                self.ask(Request::SetVocabulary(Some((name, text)), false));
            }
            Command::UseVocabulary(name) => {
                (self.editing, self.scores) = (None, None);
                self.ask(Request::UseVocabulary(name));
            }
            Command::ImportVocabulary(path) => {
                (self.editing, self.scores) = (None, None);
                self.ask(Request::ImportVocabulary(path));
            }
            Command::ExportVocabulary(path) => self.ask(Request::ExportVocabulary(path)),
            Command::EditLabel(label) => {
                (self.scores, self.dragged) = (None, None);
                self.editing.clone_from(&label);
                self.screen = Screen::Labels;
                if let Some(label) = label {
                    self.question(Question::Label(label));
                }
            }
            Command::TryLabel(text) => {
                (self.scores, self.dragged, self.editing) = (None, None, None);
                self.question(Question::Try(text));
            }
            Command::DragThreshold(threshold) => self.dragged = Some(threshold.clamp(0.0, 1.0)),
            Command::SetThreshold(label, threshold) => {
                self.dragged = None;
                if let (Some(scores), Some(threshold)) = (&mut self.scores, threshold) {
                    scores.threshold = threshold;
                }
                self.ask(Request::Edit(vec![Edit::SetThreshold { label, threshold }]));
            }
            Command::ReviewLabel(label) => {
                self.reviewing = label;
                self.by_photo = false;
                self.screen = Screen::Review;
            }
            Command::ReviewByPhoto(by_photo) => self.by_photo = by_photo,
            Command::Neighbours(photo) => {
                // What is asked while an answer is computed is asked again later.
                if !self.seeking && self.seeker.ask(Question::Neighbours(photo)) {
                    self.seeking = true;
                }
            }
            Command::Learn(label, learn) => self.ask(Request::Learn(label, learn)),
            Command::CheckVocabulary => {
                self.report = None;
                self.question(Question::Report);
            }
            Command::PreviewExport => {
                let options = self.export_options();
                self.start_export(Job::Preview(options));
            }
            Command::Export => {
                let options = self.export_options();
                self.start_export(Job::Write(options));
            }
            Command::CancelExport => self.exporter.cancel(),
            Command::UseModel(name) => {
                self.engine.model = name;
                self.use_engine();
            }
            Command::Download(name) => match self.downloads.start(&name) {
                true => {
                    let phase = DownloadPhase::Asking;
                    self.download = Some(DownloadState { model: name, phase });
                }
                false => self.say(
                    Severity::Info,
                    "Another model is being fetched; wait for it, or cancel it first.",
                ),
            },
            Command::CancelDownload => self.downloads.cancel(),
            Command::UseDevice(device) => {
                self.engine.device = device.parse().unwrap_or_default();
                self.set(|s| s.device = device);
                self.use_engine();
            }
            Command::Fast(fast) => {
                self.engine.fast = fast;
                self.set(|s| s.fast = fast);
                self.use_engine();
            }
            Command::Templates(text) => match wording::parse(&text) {
                Ok(templates) if templates == self.engine.templates => {}
                Ok(templates) => {
                    self.engine.templates = templates;
                    self.use_engine();
                }
                Err(reason) => {
                    self.say(Severity::Problem, format!("The templates stay: {reason}."));
                }
            },
            Command::Threads(threads) => {
                self.set(|s| s.threads = threads);
                self.ask(Request::Threads(threads));
            }
            Command::AutoExport(auto) => {
                self.set(|s| s.auto_export = auto);
                self.due.all = auto;
            }
            Command::SimilarPhotos(shown) => self.set(|s| s.similar = shown),
            Command::Theme(theme) => self.set(|s| s.theme = theme),
            Command::TextScale(scale) => self.set(|s| s.text_scale = scale.clamp(0.7, 2.5)),
            Command::Naming(naming) => self.set(|s| s.naming = naming),
            Command::Properties {
                digikam,
                hierarchical,
            } => self.set(|s| (s.digikam, s.hierarchical) = (digikam, hierarchical)),
            Command::ReadMessages => self.unread = 0,
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::ChooseFolder
            | Action::AddTag
            | Action::Search
            | Action::ToggleTheme
            | Action::Palette => {
                if action == Action::Search {
                    self.screen = Screen::Photos;
                }
                if action == Action::AddTag {
                    self.set(|s| s.inspector = true);
                }
                self.asks.push(action);
            }
            Action::TrySamples => match samples::unpack(&self.data_folder) {
                Ok(folder) => self.apply(Command::AddFolders(vec![folder])),
                Err(error) => self.say(
                    Severity::Problem,
                    format!("The sample photos cannot be written: {error}"),
                ),
            },
            Action::Rescan => self.ask(Request::Control(Control::Rescan)),
            Action::ShowExport => self.apply(Command::PreviewExport),
            Action::UndoExport => self.start_export(Job::Undo),
            Action::Quit => self.quit = true,
            Action::Undo => self.undo(),
            Action::Redo => {
                let step = self.history.redo();
                self.replay(step, false);
            }
            Action::SelectAll => self.select_all(),
            Action::SelectNone => {
                if self.large {
                    self.large = false;
                } else {
                    self.selected.clear();
                }
            }
            Action::Accept => self.settle_suggestions(true),
            Action::Reject => self.settle_suggestions(false),
            Action::FindSimilar => self.find_similar(),
            Action::ClearFilters => {
                self.filter = Filter::default();
                self.screen = Screen::Photos;
                self.refresh(None);
            }
            Action::ShowPhotos => self.apply(Command::Show(Screen::Photos)),
            Action::ShowReview => self.apply(Command::Show(Screen::Review)),
            Action::ShowLabels => self.apply(Command::Show(Screen::Labels)),
            Action::ShowActivity => self.apply(Command::Show(Screen::Activity)),
            Action::ShowSettings => self.apply(Command::Show(Screen::Settings)),
            Action::Preview => self.large = !self.large && self.current().is_some(),
            Action::ToggleSidebar => self.set(|s| s.sidebar = !s.sidebar),
            Action::ToggleInspector => self.set(|s| s.inspector = !s.inspector),
            Action::LargerTiles => self.apply(Command::Tile(self.settings.tile * 1.2)),
            Action::SmallerTiles => self.apply(Command::Tile(self.settings.tile / 1.2)),
            Action::CheckLabels => {
                self.screen = Screen::Labels;
                (self.editing, self.scores) = (None, None);
                self.apply(Command::CheckVocabulary);
            }
            Action::TogglePause => {
                let paused = self.progress.is_some_and(|(_, paused)| paused);
                let control = match paused {
                    true => Control::Resume,
                    false => Control::Pause,
                };
                self.ask(Request::Control(control));
            }
        }
    }

    /// Has everything computed as the engine's options say now.
    fn use_engine(&mut self) {
        self.computing.clear();
        self.ask(Request::UseModel(self.engine.clone()));
        self.question(Question::UseModel(self.engine.clone()));
    }

    fn export_options(&self) -> ExportOptions {
        ExportOptions {
            paths: Vec::new(),
            naming: self.settings.naming(),
            properties: self.settings.properties(),
            dry_run: false,
        }
    }

    fn start_export(&mut self, job: Job) {
        let total = self.catalogue.rows.len();
        self.screen = Screen::Export;
        if !self.exporter.start(job, total) {
            self.say(Severity::Info, "An export is running already.");
        }
    }

    /// Starts the export that the person wants to happen by itself, where there is something to
    /// write and everything is at rest.
    pub(crate) fn export_what_is_due(&mut self) {
        let nothing = !self.due.all && self.due.photos.is_empty();
        if !self.settings.auto_export || nothing {
            return;
        }
        let idle = self
            .progress
            .is_some_and(|(now, paused)| now.phase == Phase::Idle && !paused);
        if !idle || !self.loaded || self.exporter.is_running() {
            return;
        }
        let due = std::mem::take(&mut self.due);
        let mut options = self.export_options();
        if !due.all {
            options.paths = due.photos.into_iter().collect();
        }
        let total = self.catalogue.rows.len();
        self.exporter.start(Job::Quiet(options), total);
    }

    /// How fetching a model stands now.
    pub(crate) fn downloaded(&mut self, state: DownloadState) {
        match &state.phase {
            DownloadPhase::Done => {
                let text = format!("The model {} can be used now.", state.model);
                self.say(Severity::Info, text);
                self.ask(Request::Models);
            }
            DownloadPhase::Failed { reason } => {
                let text = format!("The model {} was not fetched: {reason}", state.model);
                self.say(Severity::Problem, text);
            }
            _ => {}
        }
        self.download = Some(state);
    }

    /// What an export that nobody watched came to.
    pub(crate) fn exported(&mut self, written: usize, refused: &[(PathBuf, String)]) {
        if written > 0 {
            let what = match written {
                1 => "1 sidecar was written by itself.".to_owned(),
                n => format!("{n} sidecars were written by themselves."),
            };
            self.say(Severity::Info, what);
        }
        for (_, reason) in refused.iter().take(5) {
            self.say(Severity::Problem, reason.clone());
        }
    }
}
