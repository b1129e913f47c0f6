//! What is shown, and what a command does to it.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::catalogue::{BUILTIN, Catalogue, LabelInfo, Row, Tag};
use super::command::{Action, Command};
use super::event::{Decided, Event, Explained, ExportState, LabelScores, Message, Severity, Wake};
use super::exporting::{Exporter, Job};
use super::filter::{Filter, Grouping, Query, group_of};
use super::samples;
use super::seek::{Question, Seeker};
use super::service::{Decide, Request, Service};
use super::settings::{Settings, ThemeChoice};
use super::thumbs::{Picture, Thumbs};
use super::undo::{History, Step};
use crate::clip::zoo::ModelStore;
use crate::photo::ContentHash;
use crate::pipeline::export::ExportOptions;
use crate::pipeline::{Control, EngineOptions, Phase, Snapshot};
use crate::store::{Failure, TagState};
use crate::tagging::Edit;

/// Events that wait to be shown; who brings more waits.
const EVENTS: usize = 1024;
/// Messages that can be read again.
const MESSAGES: usize = 200;
/// Folders that are remembered.
const RECENT: usize = 8;

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
}

/// A model that is here or can be had.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelInfo {
    /// Its name.
    pub name: String,
    /// What it is and what it is good for.
    pub description: String,
    /// Whether it is on this machine.
    pub installed: bool,
}

/// The window's state.
pub struct App {
    service: Service,
    seeker: Seeker,
    thumbs: Thumbs,
    exporter: Exporter,
    sender: Sender<Event>,
    wake: Wake,
    events: Receiver<Event>,
    settings_path: PathBuf,
    data_folder: PathBuf,
    engine: EngineOptions,
    history: History,
    unsaved: bool,
    /// Decisions asked for; a library read before the last was carried out is out of date.
    decisions: u64,
    pictures: Vec<(ContentHash, Option<Picture>)>,
    previews: Vec<(PathBuf, Result<Picture, String>)>,
    /// What was to be asked of a thread that was too busy.
    waiting: Vec<Request>,
    /// The first row of each photo.
    by_photo: HashMap<i64, usize>,
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
    /// The selected photos' paths.
    pub selected: BTreeSet<PathBuf>,
    /// The place in `shown` that the keyboard stands on.
    pub cursor: Option<usize>,
    /// Where a selection with shift begins.
    anchor: Option<usize>,
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
    /// The label that is reviewed; `None` for photo by photo.
    pub reviewing: Option<String>,
    /// Why a label is on a photo.
    pub explained: Option<Explained>,
    /// How the export stands.
    pub export: Option<ExportState>,
    /// Whether the photo is shown large.
    pub large: bool,
    /// Whether the window shall close.
    pub quit: bool,
    /// What the window itself has to do: a dialog, the focus, the palette.
    pub asks: Vec<Action>,
    /// Models that are here or can be had.
    pub models: Vec<ModelInfo>,
}

impl App {
    /// Starts the services. `wake` is called when there is something new to drain.
    ///
    /// # Errors
    /// Where a thread cannot be started.
    pub fn start(options: AppOptions, wake: Wake) -> std::io::Result<Self> {
        let (sender, events) = bounded(EVENTS);
        let settings_path = options.data_folder.join("window.json");
        let settings = Settings::load(&settings_path);
        let models = ModelStore::new(options.data_folder.clone());
        let library = options.library.clone();
        let service = Service::start(
            library.clone(),
            models.clone(),
            options.engine.clone(),
            settings.threads,
            sender.clone(),
            wake.clone(),
        )?;
        let seeker = Seeker::start(
            library.clone(),
            models.clone(),
            options.engine.clone(),
            sender.clone(),
            wake.clone(),
        )?;
        let thumbs = Thumbs::start(&library, &sender, &wake)?;
        let exporter = Exporter::new(library, sender.clone(), wake.clone());
        let mut app = Self {
            service,
            seeker,
            thumbs,
            exporter,
            sender,
            wake,
            events,
            settings_path,
            data_folder: options.data_folder,
            engine: options.engine,
            history: History::default(),
            unsaved: false,
            decisions: 0,
            pictures: Vec::new(),
            previews: Vec::new(),
            waiting: Vec::new(),
            by_photo: HashMap::new(),
            loaded: false,
            catalogue: Catalogue::default(),
            revision: 0,
            settings,
            screen: Screen::Photos,
            filter: Filter::default(),
            shown: Vec::new(),
            groups: Vec::new(),
            selected: BTreeSet::new(),
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
            explained: None,
            export: None,
            large: false,
            quit: false,
            asks: Vec::new(),
            models: known_models(&models),
        };
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

    /// The row that the keyboard stands on.
    pub fn current(&self) -> Option<&Row> {
        self.row(self.cursor?)
    }

    /// The selected photos, or the current one.
    pub fn chosen(&self) -> Vec<i64> {
        let rows = self.catalogue.rows.iter();
        let selected = rows.filter(|r| self.selected.contains(&r.path));
        let mut photos: Vec<i64> = selected.filter_map(|r| Some(r.photo?.0)).collect();
        photos.sort_unstable();
        photos.dedup();
        photos
    }

    /// The first file of a photo.
    pub fn row_of(&self, photo: i64) -> Option<&Row> {
        self.catalogue.rows.get(*self.by_photo.get(&photo)?)
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

    /// The model in use.
    pub fn model(&self) -> &str {
        &self.engine.model
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
                if decided >= self.decisions {
                    self.loaded = true;
                    self.catalogue = *catalogue;
                    let rows = self.catalogue.rows.iter().enumerate().rev();
                    self.by_photo = rows.filter_map(|(i, r)| Some((r.photo?.0, i))).collect();
                    self.refresh();
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
            }
            Event::Progress(now, paused) => {
                let ended = self
                    .progress
                    .is_some_and(|(before, _)| before.phase != Phase::Idle)
                    && now.phase == Phase::Idle;
                if now.failed != self.progress.map_or(0, |(s, _)| s.failed) || ended {
                    self.ask(Request::Failures);
                }
                if ended && let Some(label) = self.editing.clone() {
                    self.question(Question::Label(label));
                }
                self.progress = Some((now, paused));
            }
            Event::Engine(name) => self.computing = name,
            Event::Message(message) => self.tell(message),
            Event::Failures(failures) => self.failures = failures,
            Event::Found { hits, .. } => {
                self.filter.hits = Some(hits);
                self.refresh();
            }
            Event::Scores(scores) => {
                self.scores = Some(scores);
                self.revision += 1;
            }
            Event::Explained(explained) => self.explained = Some(explained),
            Event::Thumbnail(hash, picture) => self.pictures.push((hash, picture)),
            Event::Preview(path, picture) => self.previews.push((path, picture)),
            Event::Export(state) => self.export = Some(state),
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

    fn ask(&mut self, request: Request) {
        if let Some(back) = self.service.ask(request) {
            self.waiting.push(back);
        }
    }

    fn question(&mut self, question: Question) {
        if !self.seeker.ask(question) {
            self.say(Severity::Info, "Still computing the last question.");
        }
    }

    /// Finds out anew what is shown.
    fn refresh(&mut self) {
        let current = self.current().map(|r| r.path.clone());
        self.revision += 1;
        self.shown = self.filter.apply(&self.catalogue, self.settings.order);
        self.groups.clear();
        if self.settings.grouping != Grouping::None && self.filter.hits.is_none() {
            self.group();
        }
        let at = |path: &PathBuf| {
            let mut places = self.shown.iter();
            places.position(|i| self.catalogue.rows.get(*i).is_some_and(|r| r.path == *path))
        };
        self.cursor = match current.as_ref().and_then(at) {
            Some(place) => Some(place),
            None => self
                .cursor
                .map(|c| c.min(self.shown.len().saturating_sub(1)))
                .filter(|_| !self.shown.is_empty()),
        };
    }

    fn group(&mut self) {
        let grouping = self.settings.grouping;
        let rows = &self.catalogue.rows;
        let mut names: HashMap<String, usize> = HashMap::new();
        let mut keyed: Vec<(usize, usize)> = Vec::with_capacity(self.shown.len());
        let mut order: Vec<String> = Vec::new();
        for i in &self.shown {
            let name = rows.get(*i).and_then(|r| group_of(r, grouping));
            let name = name.unwrap_or_default();
            let next = names.len();
            let group = *names.entry(name).or_insert_with_key(|name| {
                order.push(name.clone());
                next
            });
            keyed.push((group, *i));
        }
        keyed.sort_by_key(|(group, _)| *group);
        for (place, (group, _)) in keyed.iter().enumerate() {
            if self.groups.len() == *group
                && let Some(name) = order.get(*group)
            {
                self.groups.push((name.clone(), place));
            }
        }
        self.shown = keyed.into_iter().map(|(_, i)| i).collect();
    }

    fn remember(&mut self, before: Vec<Decided>) {
        let (rows, by_photo) = (&self.catalogue, &self.by_photo);
        let after = |d: &Decided| {
            let label = rows.label(&d.label)?;
            let row = rows.rows.get(*by_photo.get(&d.photo)?)?;
            let tag = row.tag(label).filter(|t| t.decided);
            Some(Decide::now(
                d.photo,
                &d.label,
                tag.map(|t| t.state == TagState::Accepted),
            ))
        };
        let after = before.iter().filter_map(after).collect();
        let before = before.into_iter().map(|d| Decide {
            photo: d.photo,
            label: d.label,
            decision: d.before,
        });
        self.history.push(Step::Decisions {
            before: before.collect(),
            after,
        });
    }

    /// Shows decisions at once, and has them kept.
    fn decide(&mut self, decisions: Vec<Decide>, note: bool) {
        if decisions.is_empty() {
            return;
        }
        let mut by_photo: HashMap<i64, Vec<(usize, Option<bool>)>> = HashMap::new();
        for d in &decisions {
            let label = match self.catalogue.label(&d.label) {
                Some(label) => label,
                None => {
                    self.catalogue.labels.push(LabelInfo::new(&d.label));
                    self.catalogue.labels.len() - 1
                }
            };
            let accepted = d
                .decision
                .map(|d| d.verdict == crate::store::Verdict::Accepted);
            by_photo.entry(d.photo).or_default().push((label, accepted));
        }
        for row in &mut self.catalogue.rows {
            let Some((photo, _)) = row.photo else {
                continue;
            };
            for (label, accepted) in by_photo.get(&photo).into_iter().flatten() {
                put(row, *label, *accepted);
            }
        }
        self.catalogue.count();
        self.revision += 1;
        self.decisions += 1;
        self.ask(Request::Decide(decisions, note));
    }

    fn replay(&mut self, step: Option<Step>, back: bool) {
        match step {
            None => self.say(
                Severity::Info,
                "There is nothing more to take back or do again.",
            ),
            Some(Step::Decisions { before, after }) => {
                self.decide(if back { before } else { after }, false);
            }
            Some(Step::Vocabulary { before, after }) => {
                let text = if back { before } else { after };
                self.ask(Request::SetVocabulary(text, true));
            }
        }
    }

    fn set(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.settings);
        self.unsaved = true;
    }

    /// The settings where they have changed since the last call, and where they are kept; to be
    /// written by another thread.
    pub fn take_unsaved(&mut self) -> Option<(Settings, PathBuf)> {
        std::mem::take(&mut self.unsaved)
            .then(|| (self.settings.clone(), self.settings_path.clone()))
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
                if screen != Screen::Labels && self.filter.reaching.take().is_some() {
                    self.refresh();
                }
            }
            Command::FilterFolder(folder) => {
                self.filter.folder = folder;
                self.screen = Screen::Photos;
                self.refresh();
            }
            Command::FilterLabel(label) => {
                self.filter.label = label;
                self.screen = Screen::Photos;
                self.refresh();
            }
            Command::Search(text) => {
                self.filter.query = Query::parse(&text);
                self.filter.hits = None;
                self.screen = Screen::Photos;
                let words = self.filter.query.words.clone();
                if !words.is_empty() {
                    self.question(Question::Words(words));
                }
                self.refresh();
            }
            Command::Sort(order) => {
                self.set(|s| s.order = order);
                self.refresh();
            }
            Command::Group(grouping) => {
                self.set(|s| s.grouping = grouping);
                self.refresh();
            }
            Command::Tile(points) => self.set(|s| s.tile = points.clamp(90.0, 400.0)),
            Command::Select(place) => {
                self.selected.clear();
                self.selected
                    .extend(self.row(place).map(|r| r.path.clone()));
                (self.cursor, self.anchor) = (Some(place), Some(place));
            }
            Command::ToggleSelect(place) => {
                if let Some(path) = self.row(place).map(|r| r.path.clone())
                    && !self.selected.remove(&path)
                {
                    self.selected.insert(path);
                }
                (self.cursor, self.anchor) = (Some(place), Some(place));
            }
            Command::SelectTo(place) => {
                let from = self.anchor.or(self.cursor).unwrap_or(place);
                let range = from.min(place)..=from.max(place);
                self.selected = range
                    .filter_map(|p| self.row(p).map(|r| r.path.clone()))
                    .collect();
                (self.cursor, self.anchor) = (Some(place), Some(from));
            }
            Command::Move(by, extend) => {
                let last = self.shown.len().saturating_sub(1);
                let from = self.cursor.unwrap_or(0);
                let place = match self.cursor {
                    None => 0,
                    Some(_) => from.saturating_add_signed(by).min(last),
                };
                match (self.shown.is_empty(), extend) {
                    (true, _) => {}
                    (false, true) => self.apply(Command::SelectTo(place)),
                    (false, false) => self.apply(Command::Select(place)),
                }
            }
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
            Command::Edit(edits) => {
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
                self.screen = Screen::Review;
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
                self.computing.clear();
                self.ask(Request::UseModel(self.engine.clone()));
                self.question(Question::UseModel(self.engine.clone()));
            }
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
            Action::ChooseFolder | Action::AddTag | Action::Search | Action::Palette => {
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
            Action::Undo => {
                let step = self.history.undo();
                self.replay(step, true);
            }
            Action::Redo => {
                let step = self.history.redo();
                self.replay(step, false);
            }
            Action::SelectAll => {
                let rows = self
                    .shown
                    .iter()
                    .filter_map(|i| self.catalogue.rows.get(*i));
                self.selected = rows.map(|r| r.path.clone()).collect();
            }
            Action::SelectNone => {
                if self.large {
                    self.large = false;
                } else {
                    self.selected.clear();
                }
            }
            Action::Accept => self.settle_suggestions(true),
            Action::Reject => self.settle_suggestions(false),
            Action::FindSimilar => {
                let current = self.current().and_then(|r| Some((r.photo?.0, r.name())));
                if let Some((photo, name)) = current {
                    self.screen = Screen::Photos;
                    self.filter = Filter::default();
                    self.question(Question::Similar(photo, name));
                }
            }
            Action::ClearFilters => {
                self.filter = Filter::default();
                self.screen = Screen::Photos;
                self.refresh();
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
            Action::ToggleTheme => self.set(|s| {
                s.theme = match s.theme {
                    ThemeChoice::Dark => ThemeChoice::Light,
                    _ => ThemeChoice::Dark,
                }
            }),
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

    /// Accepts or rejects everything that is suggested for the chosen photos.
    fn settle_suggestions(&mut self, accept: bool) {
        let labels = &self.catalogue.labels;
        let rows = self.catalogue.rows.iter();
        let chosen = rows.filter(|r| self.selected.contains(&r.path));
        let mut decisions = Vec::new();
        for row in chosen {
            let Some((photo, _)) = row.photo else {
                continue;
            };
            let suggested = row.tags.iter().filter(|t| t.state == TagState::Suggested);
            for label in suggested.filter_map(|t| labels.get(t.label)) {
                decisions.push(Decide::now(photo, &label.name, Some(accept)));
            }
        }
        if decisions.is_empty() {
            let text = match self.selected.is_empty() {
                true => "Select photos first; click one, or press Ctrl+A for all.",
                false => "Nothing is suggested for the selected photos.",
            };
            self.say(Severity::Info, text);
        }
        self.decide(decisions, true);
    }

    fn tag(&mut self, name: &str) {
        let photos = self.chosen();
        if name.is_empty() || photos.is_empty() {
            return;
        }
        let known = self.catalogue.label(name);
        let label = match known.and_then(|l| self.catalogue.labels.get(l)) {
            Some(label) => label.name.clone(),
            None => {
                // A word that no list has becomes a label, so that it is found on other photos too.
                let add = Edit::Add {
                    name: name.to_owned(),
                    parent: None,
                };
                self.ask(Request::Edit(vec![add]));
                name.to_owned()
            }
        };
        let decisions = photos.iter().map(|p| Decide::now(*p, &label, Some(true)));
        self.decide(decisions.collect(), true);
    }

    /// Where events are sent from outside the services, such as dialogs.
    pub fn sender(&self) -> Sender<Event> {
        self.sender.clone()
    }

    /// What has the window look at them.
    pub fn wake(&self) -> Wake {
        self.wake.clone()
    }
}

/// Shows a decision on a row.
fn put(row: &mut Row, label: usize, accepted: Option<bool>) {
    let state = |given: bool| match (accepted, given) {
        (Some(true), _) | (None, true) => TagState::Accepted,
        (Some(false), _) => TagState::Rejected,
        (None, false) => TagState::Suggested,
    };
    let at = row.tags.iter().position(|t| t.label == label);
    match (at.and_then(|at| row.tags.get_mut(at)), accepted) {
        (Some(tag), None) if tag.confidence.is_none() => row.tags.retain(|t| t.label != label),
        (Some(tag), _) => (tag.state, tag.decided) = (state(tag.given), accepted.is_some()),
        (None, None) => {}
        (None, Some(_)) => row.tags.push(Tag {
            label,
            confidence: None,
            given: false,
            state: state(false),
            decided: true,
        }),
    }
    row.sort_tags();
}

fn known_models(store: &ModelStore) -> Vec<ModelInfo> {
    let mut models = vec![ModelInfo {
        name: crate::pipeline::engine::STARTER.into(),
        description: "Built in: quick, works offline, good for everyday subjects.".into(),
        installed: true,
    }];
    for entry in crate::clip::zoo::entries::ENTRIES {
        models.push(ModelInfo {
            name: entry.name.into(),
            description: format!(
                "{}, {} MB, {:.0} % on ImageNet. {}",
                entry.architecture, entry.size_mb, entry.imagenet_top1_percent, entry.good_for
            ),
            installed: store.contains(entry.name),
        });
    }
    for installed in store.list().into_iter().flatten().flatten() {
        let name = installed.manifest.name;
        if !models.iter().any(|m| m.name == name) {
            models.push(ModelInfo {
                name,
                description: "A model of your own.".into(),
                installed: true,
            });
        }
    }
    models
}
