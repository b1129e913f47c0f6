//! What is shown, and what a command does to it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};

use crate::app::catalogue::{BUILTIN, Catalogue, Row};
use crate::app::commands::command::{Action, Command};
use crate::app::messages::event::{
    DownloadState, Event, Explained, ExportState, LabelScores, Learned, Message, Neighbours,
    Severity, Wake,
};
use crate::app::state::filter::Filter;
use crate::app::state::history::{History, Step};
use crate::app::state::settings::Settings;
use crate::app::threads::crash;
use crate::app::threads::download::Downloads;
use crate::app::threads::export::Exporter;
use crate::app::threads::library::{Request, Service};
use crate::app::threads::models::ModelInfo;
use crate::app::threads::outbox::Outbox;
use crate::app::threads::pictures::{Facts, Picture, Thumbs};
use crate::app::threads::search::{Question, Seeker};
use crate::core::photo::ContentHash;
use crate::engine::{DeviceChoice, EngineCache, EngineOptions};
use crate::indexer::{Phase, Snapshot};
use crate::model_store::ModelStore;
use crate::services::explain::VocabularyReport;
use crate::store::{Failure, TagState};

/// Events that wait to be shown; who brings more waits.
const EVENTS: usize = 1024;
/// Photos of which it is remembered what their files say; more than previews are kept.
const FACTS: usize = 32;
/// What the file of the settings is called.
const SETTINGS: &str = "window.json";
/// Messages that can be read again.
const MESSAGES: usize = 200;

/// What the middle of the window shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Screen {
    /// The photos.
    #[default]
    Photos,
    /// The suggestions.
    Review,
    /// The vocabulary.
    Labels,
    /// Sidecars.
    Export,
    /// What happened and what failed.
    Activity,
    /// The settings.
    Settings,
}

impl Screen {
    /// All of them, each with what it is called.
    pub const ALL: [(Self, &str); 6] = [
        (Self::Photos, "Photos"),
        (Self::Review, "Review"),
        (Self::Labels, "Labels"),
        (Self::Export, "Export"),
        (Self::Activity, "Activity"),
        (Self::Settings, "Settings"),
    ];
}

/// What the window starts from.
#[derive(Clone, Debug)]
pub struct AppOptions {
    /// The library's file.
    pub library: PathBuf,
    /// Where the program's data lies.
    pub data_folder: PathBuf,
    /// The model.
    pub engine: EngineOptions,
    /// Folders to take in.
    pub folders: Vec<PathBuf>,
    /// When the program was started.
    pub started: Instant,
}

/// Photos whose sidecars are to be written by themselves.
#[derive(Debug, Default)]
pub(crate) struct Due {
    /// All of them.
    pub all: bool,
    /// Or these.
    pub photos: HashSet<PathBuf>,
}

/// The window's state.
pub struct App {
    pub(crate) service: Service,
    pub(crate) seeker: Seeker,
    thumbs: Thumbs,
    pub(crate) exporter: Exporter,
    pub(crate) downloads: Downloads,
    outbox: Outbox,
    events: Receiver<Event>,
    pub(crate) data_folder: PathBuf,
    pub(crate) engine: EngineOptions,
    pub(crate) history: History,
    pub(crate) unsaved: bool,
    /// Decisions asked for; a library read before the last was carried out is out of date.
    pub(crate) decisions: u64,
    /// Requests to decide of which it is not known yet what was decided before.
    pub(crate) unnoted: usize,
    /// Steps to be taken back once that is known.
    pub(crate) undos: usize,
    /// How many photos the labels had that were decided on, right after that.
    pub(crate) taught: HashMap<String, (usize, usize)>,
    /// What is to be exported by itself once there is time.
    pub(crate) due: Due,
    /// Whether neighbours are being looked for.
    pub(crate) seeking: bool,
    pictures: Vec<(ContentHash, Option<Picture>)>,
    previews: Vec<(PathBuf, Result<Picture, String>)>,
    facts: VecDeque<(PathBuf, Facts)>,
    /// What was to be asked of a thread that was too busy.
    waiting: Vec<Request>,
    /// Whether the library was read once.
    pub loaded: bool,
    /// The library.
    pub catalogue: Catalogue,
    /// Counted up with every change of `catalogue` or `shown`.
    pub revision: u64,
    /// What is set.
    pub settings: Settings,
    /// What the middle shows.
    pub screen: Screen,
    /// Which photos are wanted.
    pub filter: Filter,
    /// Their places in the catalogue, in order.
    pub shown: Vec<usize>,
    /// The groups of `shown`: name, and where it begins in it.
    pub groups: Vec<(String, usize)>,
    /// The numbers of the selected rows ([`Row::id`]).
    pub selected: HashSet<i64>,
    /// The place in `shown` that the keyboard stands on.
    pub cursor: Option<usize>,
    /// Where a selection with shift begins.
    pub(crate) anchor: Option<usize>,
    /// How the work goes, and whether it is paused.
    pub progress: Option<(Snapshot, bool)>,
    /// Which model computes where, once it is known.
    pub computing: String,
    /// What happened, the latest last.
    pub messages: Vec<Message>,
    /// How many of them were not read.
    pub unread: usize,
    /// Photos that cannot be read.
    pub failures: Vec<Failure>,
    /// The label that the editor is at.
    pub editing: Option<String>,
    /// Its confidences, or those of the text that is tried.
    pub scores: Option<LabelScores>,
    /// The threshold while it is dragged.
    pub dragged: Option<f32>,
    /// The label that is reviewed.
    pub reviewing: Option<String>,
    /// Whether suggestions are reviewed photo by photo.
    pub by_photo: bool,
    /// Why a label is on a photo.
    pub explained: Option<Explained>,
    /// The photos nearest to one.
    pub neighbours: Option<Neighbours>,
    /// What decisions taught labels, since the last decision on each.
    pub learned: HashMap<String, Learned>,
    /// What is odd about the vocabulary, where that was asked for.
    pub report: Option<VocabularyReport>,
    /// The devices that can compute here: what `--device` calls them, and what they are. Empty until
    /// they are asked for.
    pub devices: Vec<(String, String)>,
    /// How fetching a model stands, or ended.
    pub download: Option<DownloadState>,
    /// How the export stands.
    pub export: Option<ExportState>,
    /// Whether the photo is shown large.
    pub large: bool,
    /// Whether the window shall close.
    pub quit: bool,
    /// What the window itself has to do: a dialog, the focus, the palette.
    pub asks: Vec<Action>,
    /// Models that are here or can be had; known before the library is.
    pub models: Vec<ModelInfo>,
}

impl App {
    /// Starts the services. `wake` is called when there is something new to drain.
    ///
    /// # Errors
    /// Where a thread cannot be started.
    pub fn start(mut options: AppOptions, wake: Wake) -> std::io::Result<Self> {
        crash::install(&options.data_folder);
        let (sender, events) = bounded(EVENTS);
        let outbox = Outbox::new(sender, wake);
        let settings = Settings::load(&options.data_folder.join(SETTINGS));
        // What was asked for at the start counts more than what is set.
        if options.engine.device == DeviceChoice::Auto {
            options.engine.device = settings.device.parse().unwrap_or_default();
        }
        options.engine.fast |= settings.fast;
        let models = ModelStore::new(options.data_folder.clone());
        let engines = EngineCache::new(models.clone());
        let library = options.library.clone();
        let service = Service::start(
            library.clone(),
            engines.clone(),
            options.engine.clone(),
            settings.threads,
            outbox.clone(),
        )?;
        let seeker = Seeker::start(
            library.clone(),
            engines,
            options.engine.clone(),
            outbox.clone(),
        )?;
        let thumbs = Thumbs::start(&library, &outbox)?;
        let downloads = Downloads::new(models.clone(), outbox.clone());
        let exporter = Exporter::new(library, outbox.clone());
        let mut app = Self {
            service,
            seeker,
            thumbs,
            exporter,
            downloads,
            outbox,
            events,
            data_folder: options.data_folder,
            engine: options.engine,
            history: History::default(),
            unsaved: false,
            decisions: 0,
            unnoted: 0,
            undos: 0,
            taught: HashMap::new(),
            due: Due::default(),
            seeking: false,
            pictures: Vec::new(),
            previews: Vec::new(),
            facts: VecDeque::new(),
            waiting: Vec::new(),
            loaded: false,
            catalogue: Catalogue::default(),
            revision: 0,
            settings,
            screen: Screen::Photos,
            filter: Filter::default(),
            shown: Vec::new(),
            groups: Vec::new(),
            selected: HashSet::new(),
            cursor: None,
            anchor: None,
            progress: None,
            computing: String::new(),
            messages: Vec::new(),
            unread: 0,
            failures: Vec::new(),
            editing: None,
            scores: None,
            dragged: None,
            reviewing: None,
            by_photo: false,
            explained: None,
            neighbours: None,
            learned: HashMap::new(),
            report: None,
            devices: Vec::new(),
            download: None,
            export: None,
            large: false,
            quit: false,
            asks: Vec::new(),
            models: Vec::new(),
        };
        if let Some(report) = crash::unseen(&app.data_folder) {
            let text = format!(
                "Taglens ended by a mistake of ours the last time. Nothing is lost. What happened is \
                 in {}; please send it to us.",
                report.display()
            );
            app.say(Severity::Problem, text);
        }
        if !options.folders.is_empty() {
            app.apply(Command::AddFolders(options.folders));
        }
        Ok(app)
    }

    /// Takes up what the services report, for at most `budget`.
    pub fn drain(&mut self, budget: Duration) {
        let start = Instant::now();
        for request in std::mem::take(&mut self.waiting) {
            self.ask(request);
        }
        while start.elapsed() < budget {
            match self.events.try_recv() {
                Ok(event) => self.take(event),
                Err(_) => break,
            }
        }
        self.export_what_is_due();
    }

    /// Whether there is more to drain.
    pub fn has_more(&self) -> bool {
        !self.events.is_empty() || !self.waiting.is_empty()
    }

    /// Thumbnails that have arrived since the last call.
    pub fn take_pictures(&mut self) -> Vec<(ContentHash, Option<Picture>)> {
        std::mem::take(&mut self.pictures)
    }

    /// Large pictures that have arrived since the last call.
    pub fn take_previews(&mut self) -> Vec<(PathBuf, Result<Picture, String>)> {
        std::mem::take(&mut self.previews)
    }

    /// What a file says of its photo, once its preview was made.
    pub fn facts(&self, path: &Path) -> Option<&Facts> {
        let mut known = self.facts.iter();
        known.find(|(of, _)| of == path).map(|(_, facts)| facts)
    }

    /// Asks for the thumbnails of what is visible; `false`: ask again.
    pub fn want_thumbnails(&self, hashes: &[ContentHash]) -> bool {
        self.thumbs.want(hashes)
    }

    /// Asks for a file's large picture; `false`: ask again.
    pub fn want_preview(&self, path: &Path) -> bool {
        self.thumbs.preview(path)
    }

    /// The row at a place of the list.
    pub fn row(&self, place: usize) -> Option<&Row> {
        self.catalogue.rows.get(*self.shown.get(place)?)
    }

    /// The rows of the selected photos, in order.
    pub fn selected_rows(&self) -> impl Iterator<Item = &Row> {
        let rows = self.catalogue.rows.iter();
        rows.filter(|r| self.selected.contains(&r.id))
    }

    /// The row that the keyboard stands on.
    pub fn current(&self) -> Option<&Row> {
        self.row(self.cursor?)
    }

    /// The selected photos, or the current one.
    pub fn chosen(&self) -> Vec<i64> {
        if self.selected.is_empty() {
            return Vec::new();
        }
        let rows = self.selected_rows();
        let mut photos: Vec<i64> = rows.filter_map(|r| Some(r.photo?.0)).collect();
        photos.sort_unstable();
        photos.dedup();
        photos
    }

    /// The first file of a photo.
    pub fn row_of(&self, photo: i64) -> Option<&Row> {
        self.catalogue.rows.get(self.catalogue.index.row_of(photo)?)
    }

    /// The chosen photos where this one is among several, or it alone.
    pub fn chosen_or(&self, photo: i64) -> Vec<i64> {
        let chosen = self.chosen();
        match chosen.contains(&photo) {
            true => chosen,
            false => vec![photo],
        }
    }

    /// What undo and redo would do.
    pub fn steps(&self) -> (Option<String>, Option<String>) {
        (self.history.undoable(), self.history.redoable())
    }

    /// The vocabulary's name where it is the person's own.
    pub fn own_vocabulary(&self) -> Option<&str> {
        let name = self.catalogue.vocabulary_name.as_str();
        (name != BUILTIN).then_some(name)
    }

    /// Prompt templates other than the model's own.
    pub fn templates(&self) -> &[String] {
        &self.engine.templates
    }

    /// The model in use.
    pub fn model(&self) -> &str {
        &self.engine.model
    }

    /// Whether photos like one are being looked for.
    pub fn is_seeking(&self) -> bool {
        self.seeking
    }

    /// Whether a model is being fetched.
    pub fn is_downloading(&self) -> bool {
        self.downloads.is_running()
    }

    /// Whether an export or its preview runs.
    pub fn is_exporting(&self) -> bool {
        self.exporter.is_running()
    }

    /// Photos that are suggested a label and not decided, the surest first.
    pub fn candidates(&self, label: &str) -> Vec<usize> {
        let Some(at) = self.catalogue.label(label) else {
            return Vec::new();
        };
        let suggested = |row: &Row| {
            let tag = row.tag(at).filter(|t| t.state == TagState::Suggested);
            tag.and_then(|t| t.confidence)
        };
        let rows = self.catalogue.rows.iter().enumerate();
        let mut found: Vec<(f32, usize)> = rows
            .filter_map(|(i, row)| Some((suggested(row)?, i)))
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.into_iter().map(|(_, i)| i).collect()
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Loaded { catalogue, decided } => {
                if decided < self.decisions {
                    self.ask(Request::Forget(catalogue));
                } else {
                    self.loaded = true;
                    let current = self.current().map(|r| r.path.clone());
                    let before = std::mem::replace(&mut self.catalogue, *catalogue);
                    // Taking apart a large library takes longer than a frame has.
                    self.ask(Request::Forget(Box::new(before)));
                    self.note_learning();
                    self.refresh(current.as_deref());
                }
            }
            Event::Decided(before) => self.remember(before),
            Event::VocabularyChanged {
                before,
                after,
                replayed,
            } => {
                if !replayed {
                    self.history.push(Step::Vocabulary { before, after });
                }
                if let Some(label) = self.editing.clone().filter(|_| self.scores.is_none()) {
                    self.question(Question::Label(label));
                }
            }
            Event::Progress(now, paused) => {
                let ended = self
                    .progress
                    .is_some_and(|(before, _)| before.phase != Phase::Idle)
                    && now.phase == Phase::Idle;
                if now.failed != self.progress.map_or(0, |(s, _)| s.failed) || ended {
                    self.ask(Request::Failures);
                }
                if ended {
                    self.due.all = true;
                    if let Some(label) = self.editing.clone() {
                        self.question(Question::Label(label));
                    }
                }
                self.progress = Some((now, paused));
            }
            Event::Engine(name) => self.computing = name,
            Event::Message(message) => self.tell(message),
            Event::Failures(failures) => self.failures = failures,
            Event::Found { query, hits } => {
                // Something else may be looked for by now.
                if self.filter.sought.as_ref() == Some(&query) {
                    self.filter.hits = Some(hits);
                    self.refresh(None);
                }
            }
            Event::Neighbours(neighbours) => {
                self.seeking = false;
                self.neighbours = Some(neighbours);
            }
            Event::Report(report) => self.report = Some(report),
            Event::Devices(devices) => self.devices = devices,
            Event::Models(models) => self.models = models,
            Event::Scores(scores) => self.scores = Some(scores),
            Event::Explained(explained) => self.explained = Some(explained),
            Event::Thumbnail(hash, picture) => self.pictures.push((hash, picture)),
            Event::Preview(path, preview) => {
                let picture = preview.map(|preview| {
                    self.facts.retain(|(of, _)| *of != path);
                    self.facts.push_front((path.clone(), preview.facts));
                    self.facts.truncate(FACTS);
                    preview.picture
                });
                self.previews.push((path, picture));
            }
            Event::Download(state) => self.downloaded(state),
            Event::Export(state) => self.export = Some(state),
            Event::Exported { written, refused } => self.exported(written, &refused),
            Event::Wanted(command) => self.apply(command),
            Event::Chosen(folders) => self.apply(Command::AddFolders(folders)),
        }
    }

    fn tell(&mut self, message: Message) {
        if self.messages.last() == Some(&message) {
            return;
        }
        self.messages.push(message);
        if self.messages.len() > MESSAGES {
            self.messages.remove(0);
        }
        self.unread = (self.unread + 1).min(self.messages.len());
    }

    /// Says something to the person.
    pub fn say(&mut self, severity: Severity, text: impl Into<String>) {
        self.tell(Message {
            severity,
            text: text.into(),
        });
    }

    pub(crate) fn ask(&mut self, request: Request) {
        if let Some(back) = self.service.ask(request) {
            self.waiting.push(back);
        }
    }

    pub(crate) fn question(&mut self, question: Question) {
        if !self.seeker.ask(question) {
            self.say(Severity::Info, "Still computing the last question.");
        }
    }

    pub(crate) fn set(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.settings);
        self.unsaved = true;
    }

    /// The settings where they have changed since the last call, and where they are kept; to be
    /// written by another thread.
    pub fn take_unsaved(&mut self) -> Option<(Settings, PathBuf)> {
        std::mem::take(&mut self.unsaved)
            .then(|| (self.settings.clone(), self.data_folder.join(SETTINGS)))
    }

    /// Where events are sent from outside the services, such as dialogs.
    pub fn outbox(&self) -> Outbox {
        self.outbox.clone()
    }
}
