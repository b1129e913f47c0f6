//! The state, with the threads that serve it.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};

use crate::app::commands::command::{Command, FolderCommand};
use crate::app::messages::event::{Event, Wake};
use crate::app::messages::export::ExportJob;
use crate::app::messages::message::{Message, Severity};
use crate::app::messages::picture::Picture;
use crate::app::messages::question::Question;
use crate::app::messages::request::Request;
use crate::app::state::app_state::AppState;
use crate::app::state::effects::{Effect, Effects};
use crate::app::state::settings::Settings;
use crate::app::threads::crash;
use crate::app::threads::download::Downloads;
use crate::app::threads::export::Exporter;
use crate::app::threads::file_manager;
use crate::app::threads::library::Service;
use crate::app::threads::listing::Lister;
use crate::app::threads::outbox::Outbox;
use crate::app::threads::pictures::Thumbs;
use crate::app::threads::search::Seeker;
use crate::app::threads::shared_scoring::SharedScoring;
use crate::core::photo::ContentHash;
use crate::engine::{DeviceChoice, EngineCache, EngineOptions};
use crate::indexer::prepared::PreparedPhotos;
use crate::model_store::ModelStore;
use crate::words::{self, Language, tr};

/// Events that wait to be shown; a thread with more blocks.
const EVENTS: usize = 1024;
/// The name of the settings file.
const SETTINGS: &str = "window.json";

/// The options that the window starts with.
#[derive(Clone, Debug)]
pub struct AppOptions {
    /// The library's file.
    pub library: PathBuf,
    /// The program's data folder.
    pub data_folder: PathBuf,
    /// The model.
    pub engine: EngineOptions,
    /// Folders to add.
    pub folders: Vec<PathBuf>,
    /// The system's language, in which the window speaks unless the settings have another.
    pub language: Language,
    /// The program's start time.
    pub started: Instant,
}

/// The state, to which [`App`] dereferences, and the threads that serve it.
pub struct App {
    state: AppState,
    threads: Threads,
    outbox: Outbox,
    events: Receiver<Event>,
    /// Requests to a thread that was too busy.
    waiting: Vec<Request>,
    /// The export that starts once all decisions are saved.
    next_export: Option<ExportJob>,
    pictures: Vec<(ContentHash, Option<Picture>)>,
    previews: Vec<(PathBuf, Result<Picture, String>)>,
    full_sizes: Vec<(PathBuf, Option<Picture>)>,
    settings_file: PathBuf,
    /// The settings as last saved.
    kept: Settings,
}

struct Threads {
    library: Service,
    search: Seeker,
    pictures: Thumbs,
    export: Exporter,
    downloads: Downloads,
    lister: Lister,
}

impl Deref for App {
    type Target = AppState;

    fn deref(&self) -> &AppState {
        &self.state
    }
}

impl App {
    /// Starts the threads. `wake` is called when there is something new to drain.
    ///
    /// # Errors
    /// If a thread cannot be started.
    pub fn start(options: AppOptions, wake: Wake) -> std::io::Result<Self> {
        crash::install(&options.data_folder);
        let (sender, events) = bounded(EVENTS);
        let outbox = Outbox::new(sender, wake);
        let settings_file = options.data_folder.join(SETTINGS);
        let settings = Settings::load(&settings_file);
        // Options at the start take precedence over settings.
        let mut engine = options.engine;
        if engine.device == DeviceChoice::Auto {
            engine.device = settings.computing.device();
        }
        engine.fast |= settings.computing.fast;
        let models = ModelStore::new(options.data_folder.clone());
        let scoring = SharedScoring {
            engines: EngineCache::new(models.clone()),
            prepared: PreparedPhotos::default(),
        };
        let library = options.library;
        let threads = Threads {
            library: Service::start(
                library.clone(),
                scoring.clone(),
                engine.clone(),
                settings.computing.threads,
                settings.text.language.unwrap_or(options.language),
                outbox.clone(),
            )?,
            search: Seeker::start(library.clone(), scoring, engine.clone(), outbox.clone())?,
            pictures: Thumbs::start(&library, &outbox)?,
            downloads: Downloads::new(models, outbox.clone()),
            export: Exporter::new(library, outbox.clone()),
            lister: Lister::new(outbox.clone()),
        };
        let mut app = Self {
            state: AppState::new(engine, settings.clone()),
            threads,
            outbox,
            events,
            waiting: Vec::new(),
            next_export: None,
            pictures: Vec::new(),
            previews: Vec::new(),
            full_sizes: Vec::new(),
            settings_file,
            kept: settings,
        };
        app.state.window.system_language = options.language;
        words::speak(app.state.language());
        if let Some(report) = crash::unseen(&options.data_folder) {
            let text = tr!("crash-last-time", report = report.display());
            app.say(Severity::Problem, text);
        }
        if !options.folders.is_empty() {
            app.apply(FolderCommand::Add(options.folders));
        }
        Ok(app)
    }

    /// Carries out a command.
    pub fn apply(&mut self, command: impl Into<Command>) {
        let mut effects = Effects::default();
        self.state.apply(command.into(), &mut effects);
        self.carry_out(effects);
    }

    /// Handles reports of the threads, for at most `budget`.
    pub(crate) fn drain(&mut self, budget: Duration) {
        let start = Instant::now();
        for request in std::mem::take(&mut self.waiting) {
            self.ask(request);
        }
        self.note_running();
        let mut effects = Effects::default();
        while start.elapsed() < budget {
            let Ok(mut event) = self.events.try_recv() else {
                break;
            };
            match &mut event {
                Event::Thumbnail(hash, picture) => self.pictures.push((*hash, picture.take())),
                Event::Preview(path, Ok(preview)) => {
                    let picture = std::mem::take(&mut preview.picture);
                    self.previews.push((path.clone(), Ok(picture)));
                }
                Event::Preview(path, Err(reason)) => {
                    self.previews.push((path.clone(), Err(reason.clone())));
                }
                Event::FullSize(path, picture) => {
                    self.full_sizes.push((path.clone(), picture.take()));
                }
                _ => {}
            }
            self.state.take(event, &mut effects);
            self.carry_out(std::mem::take(&mut effects));
        }
        let state = &mut self.state;
        let paused = state.work.is_none_or(|w| w.paused);
        let is_saved = state.decisions.saving.is_saved();
        let at_rest = state.is_idle() && !paused && state.library.loaded && is_saved;
        let settings = &state.settings;
        state.export.export_pending(at_rest, settings, &mut effects);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Effects) {
        let mut more = Effects::default();
        for effect in effects.0 {
            match effect {
                Effect::Ask(request) => {
                    if request.must_be_saved() {
                        self.state.decisions.saving.asked(Instant::now());
                    }
                    self.ask(request);
                }
                Effect::Question(question) => self.question(question),
                Effect::Export(_) if self.next_export.is_some() => {
                    self.say(Severity::Info, tr!("export-runs"));
                }
                Effect::Export(job) => self.next_export = Some(job),
                Effect::CancelExport => {
                    self.next_export = None;
                    self.threads.export.cancel();
                }
                Effect::Download(name) => {
                    let started = self.threads.downloads.start(&name);
                    self.state
                        .computing
                        .download_started(name, started, &mut more);
                }
                Effect::CancelDownload => self.threads.downloads.cancel(),
                Effect::List(folder) => {
                    if !self.threads.lister.list(folder) {
                        self.say(Severity::Problem, tr!("path-not-responding"));
                    }
                }
                Effect::Reveal(path) => file_manager::reveal(path, self.outbox.clone()),
                Effect::Say(message) => self.state.messages.tell(message),
            }
        }
        self.start_export();
        self.note_running();
        if !more.0.is_empty() {
            self.carry_out(more);
        }
    }

    /// Starts the next export. It reads the library, so it waits for decisions that are still being saved,
    /// unless they cannot be.
    fn start_export(&mut self) {
        let saving = &self.state.decisions.saving;
        if !saving.is_saved() && !saving.has_failed() {
            return;
        }
        let Some(job) = self.next_export.take() else {
            return;
        };
        let total = self.state.library.catalogue.rows.len();
        if !self.threads.export.start(job, total) {
            self.say(Severity::Info, tr!("export-runs"));
        }
    }

    fn note_running(&mut self) {
        self.state.export.running = self.next_export.is_some() || self.threads.export.is_running();
        self.state.computing.downloading = self.threads.downloads.is_running();
    }

    fn ask(&mut self, request: Request) {
        self.waiting.extend(self.threads.library.ask(request));
    }

    fn question(&mut self, question: Question) {
        let neighbours = matches!(question, Question::Neighbours(_));
        if self.threads.search.ask(question) {
            return;
        }
        // The inspector asks again on its own.
        match neighbours {
            true => self.state.inspector.seeking = false,
            false => self.say(Severity::Info, tr!("search-busy")),
        }
    }

    /// Shows the user a message.
    pub(crate) fn say(&mut self, severity: Severity, text: impl Into<String>) {
        let text = text.into();
        self.state.messages.tell(Message { severity, text });
    }

    /// Whether there is more to drain.
    pub(crate) fn has_more(&self) -> bool {
        !self.events.is_empty() || !self.waiting.is_empty()
    }

    /// Takes the requests that only the window can carry out.
    pub(crate) fn take_requests(&mut self) -> Vec<crate::app::state::window::WindowRequest> {
        std::mem::take(&mut self.state.window.requests)
    }

    /// Thumbnails that have arrived since the last call.
    pub(crate) fn take_pictures(&mut self) -> Vec<(ContentHash, Option<Picture>)> {
        std::mem::take(&mut self.pictures)
    }

    /// Large pictures that have arrived since the last call.
    pub(crate) fn take_previews(&mut self) -> Vec<(PathBuf, Result<Picture, String>)> {
        std::mem::take(&mut self.previews)
    }

    /// Full-size pictures that have arrived since the last call.
    pub(crate) fn take_full_sizes(&mut self) -> Vec<(PathBuf, Option<Picture>)> {
        std::mem::take(&mut self.full_sizes)
    }

    /// Requests the thumbnails of what is visible; `false`: ask again.
    pub(crate) fn want_thumbnails(&self, hashes: &[ContentHash]) -> bool {
        self.threads.pictures.want(hashes)
    }

    /// Requests files' large pictures, the most wanted first; `false`: ask again.
    pub(crate) fn want_previews(&self, paths: &[PathBuf]) -> bool {
        self.threads.pictures.previews(paths)
    }

    /// Requests a file's picture in full size; `false`: ask again.
    pub(crate) fn want_full_size(&self, path: &Path) -> bool {
        self.threads.pictures.full_size(path)
    }

    /// Returns the settings and their path if they have changed since the last call, for another
    /// thread to write.
    pub(crate) fn take_unsaved(&mut self) -> Option<(Settings, PathBuf)> {
        if self.kept == self.state.settings {
            return None;
        }
        self.kept = self.state.settings.clone();
        Some((self.kept.clone(), self.settings_file.clone()))
    }

    /// The channel for events from outside the threads, such as dialogs.
    pub(crate) fn outbox(&self) -> Outbox {
        self.outbox.clone()
    }
}
