//! The thread that keeps the library: it runs the indexer, writes what is decided, and reads what
//! is shown.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};

use crate::app::catalogue::{BUILTIN, Catalogue};
use crate::app::messages::event::{Decided, Event, Severity};
use crate::app::threads::crash;
use crate::app::threads::models;
use crate::app::threads::outbox::Outbox;
use crate::engine::{DeviceChoice, EngineCache, EngineOptions, ModelIdentity};
use crate::folders::roots as folders;
use crate::folders::roots::FolderError;
use crate::indexer::{Control, DECODER_VERSION, IndexOptions, Indexer, Notice, Phase, Snapshot};
use crate::services::vocabulary_edit;
use crate::services::vocabulary_file;
use crate::services::vocabulary_file::{Followed, Follower};
use crate::store::{Decision, Origin, Store, StoreError, StoredVocabulary, Verdict};
use crate::tagging::{Edit, Vocabulary};

/// How often the work is looked at while there is some.
const BUSY_TICK: Duration = Duration::from_millis(150);
/// And while there is none: other programs may change the library.
const IDLE_TICK: Duration = Duration::from_millis(700);
/// The least time between two readings of the library while it changes.
const RELOAD: Duration = Duration::from_millis(600);

/// A decision, or with `None` taking one back.
#[derive(Clone, Debug, PartialEq)]
pub struct Decide {
    /// The photo.
    pub photo: i64,
    /// The label's name.
    pub label: String,
    /// What is decided.
    pub decision: Option<Decision>,
}

impl Decide {
    /// A person's decision of now.
    pub fn now(photo: i64, label: &str, accepted: Option<bool>) -> Self {
        let decision = accepted.map(|accepted| {
            let verdict = match accepted {
                true => Verdict::Accepted,
                false => Verdict::Rejected,
            };
            Decision::now(verdict, Origin::Person)
        });
        Self {
            photo,
            label: label.to_owned(),
            decision,
        }
    }
}

/// What the library's thread is asked for.
#[derive(Debug)]
pub enum Request {
    /// Take folders in.
    AddFolders(Vec<PathBuf>),
    /// Forget a folder.
    RemoveFolder(i64),
    /// Leave a folder alone, or go on with it.
    PauseFolder(i64, bool),
    /// Decide. `note` is whether the decisions before shall be reported, for undo.
    Decide(Vec<Decide>, bool),
    /// Change the vocabulary in use.
    Edit(Vec<Edit>),
    /// Replace the vocabulary in use by a text, under a name; `None` for the built-in one.
    SetVocabulary(Option<(String, String)>, bool),
    /// Use the person's vocabulary of that name; `None` for the built-in one.
    UseVocabulary(Option<String>),
    /// Read a vocabulary file and use it.
    ImportVocabulary(PathBuf),
    /// Write the vocabulary in use to a file.
    ExportVocabulary(PathBuf),
    /// Ask the indexer for something.
    Control(Control),
    /// Compute with another model.
    UseModel(EngineOptions),
    /// List the photos that failed.
    Failures,
    /// How a label shall learn.
    Learn(String, Learn),
    /// Decode with so many threads; 0 for as many as there are cores.
    Threads(usize),
    /// List the devices.
    Devices,
    /// List the models.
    Models,
    /// Take apart a library that is not shown any more.
    Forget(Box<Catalogue>),
}

/// How a label shall learn from decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learn {
    /// Whether it does at all.
    Active(bool),
    /// Forget what was learned: decisions until now teach it nothing more.
    Reset,
}

/// The way to the library's thread.
pub struct Service {
    requests: Sender<Request>,
    _thread: JoinHandle<()>,
}

impl Service {
    /// Starts the thread.
    ///
    /// # Errors
    /// Where no thread can be started.
    pub fn start(
        library: PathBuf,
        engines: EngineCache,
        engine: EngineOptions,
        threads: usize,
        outbox: Outbox,
    ) -> std::io::Result<Self> {
        let (requests, inbox) = bounded(256);
        let keeper = Keeper {
            library,
            engines,
            engine,
            threads,
            inbox,
            outbox,
            indexer: None,
            decided: 0,
            seen: None,
            version: None,
            reload_at: Some(Instant::now()),
            follower: Follower::default(),
            retry_at: None,
        };
        let thread = std::thread::Builder::new()
            .name("library".into())
            .spawn(move || {
                let outbox = keeper.outbox.clone();
                crash::guarded("keeps the library", &outbox, || keeper.run());
            })?;
        Ok(Self {
            requests,
            _thread: thread,
        })
    }

    /// Asks; gives the request back where so much is asked already that it has to be asked again.
    pub fn ask(&self, request: Request) -> Option<Request> {
        match self.requests.try_send(request) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => None,
            Err(TrySendError::Full(request)) => Some(request),
        }
    }
}

struct Keeper {
    library: PathBuf,
    engines: EngineCache,
    engine: EngineOptions,
    threads: usize,
    inbox: Receiver<Request>,
    outbox: Outbox,
    indexer: Option<Indexer>,
    /// Requests to decide that were carried out.
    decided: u64,
    seen: Option<(Snapshot, bool)>,
    version: Option<i64>,
    reload_at: Option<Instant>,
    follower: Follower,
    /// When the indexer is tried again, where another program has the library.
    retry_at: Option<Instant>,
}

type Failure = Box<dyn std::error::Error>;

impl Keeper {
    fn run(mut self) {
        self.send(Event::Models(models::known(self.engines.models())));
        let mut store = match Store::open(&self.library) {
            Ok(store) => store,
            Err(error) => return self.problem(&error.to_string()),
        };
        let identity = match self.engine.identify(self.engines.models()) {
            Ok(identity) => identity,
            Err(error) => {
                self.problem(&format!("{error}. The built-in model is used instead"));
                self.engine.model = crate::engine::STARTER.into();
                match self.engine.identify(self.engines.models()) {
                    Ok(identity) => identity,
                    Err(error) => return self.problem(&error.to_string()),
                }
            }
        };
        let mut identity = identity;
        self.load(&store, &identity);
        self.start_indexer(&store, &identity);
        loop {
            let busy = self.seen.is_some_and(|(s, _)| s.phase != Phase::Idle);
            let tick = match busy || self.reload_at.is_some() {
                true => BUSY_TICK,
                false => IDLE_TICK,
            };
            match self.inbox.recv_timeout(tick) {
                Ok(request) => {
                    if let Err(error) = self.carry_out(&mut store, &mut identity, request) {
                        self.problem(&error.to_string());
                        self.soon();
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.look(&store);
            self.follow(&mut store);
            if self.retry_at.is_some_and(|at| at <= Instant::now()) {
                self.retry_at = None;
                self.start_indexer(&store, &identity);
            }
            if self.inbox.is_empty() && self.reload_at.is_some_and(|at| at <= Instant::now()) {
                self.load(&store, &identity);
            }
        }
    }

    fn send(&self, event: Event) {
        self.outbox.send(event);
    }

    fn tell(&self, severity: Severity, text: impl Into<String>) {
        self.outbox.tell(severity, text);
    }

    fn problem(&self, text: &str) {
        self.tell(Severity::Problem, text);
    }

    /// Has the library read again, but not too often.
    fn soon(&mut self) {
        self.reload_at
            .get_or_insert(Instant::now() + Duration::from_millis(30));
    }

    fn load(&mut self, store: &Store, identity: &ModelIdentity) {
        let start = Instant::now();
        self.reload_at = None;
        self.version = store.data_version().ok();
        match store.at_one_moment(|store| Catalogue::load(store, identity)) {
            Ok(catalogue) => self.send(Event::Loaded {
                catalogue: Box::new(catalogue),
                decided: self.decided,
            }),
            Err(error) => self.problem(&error.to_string()),
        }
        // A large library is read less often, so that most of the time is left for other things.
        let rest = RELOAD.max(start.elapsed() * 6);
        if self.reload_at.is_some() {
            self.reload_at = Some(Instant::now() + rest);
        }
    }

    fn start_indexer(&mut self, store: &Store, identity: &ModelIdentity) {
        self.indexer = None;
        if store.folders().map_or(true, |f| f.is_empty()) {
            return;
        }
        let mut options = IndexOptions::new(
            self.library.clone(),
            identity.clone(),
            self.engine.clone(),
            self.engines.clone(),
        );
        options.watch = true;
        options.readers = self.threads;
        match Indexer::start(options) {
            Ok(indexer) => self.indexer = Some(indexer),
            Err(crate::indexer::PipelineError::Store(StoreError::Locked { .. })) => {
                if self.retry_at.is_none() && self.seen.is_none() {
                    self.tell(
                        Severity::Info,
                        "Another Taglens is at work on this library; this window shows what it does.",
                    );
                }
                self.retry_at = Some(Instant::now() + Duration::from_secs(5));
            }
            Err(error) => self.problem(&error.to_string()),
        }
    }

    /// Takes up what was changed in the file that the vocabulary came from.
    fn follow(&mut self, store: &mut Store) {
        match self.follower.look(store) {
            Ok(None) => {}
            Ok(Some(followed)) => {
                let is_taken = matches!(followed, Followed::Taken { .. });
                let severity = match is_taken {
                    true => Severity::Info,
                    false => Severity::Problem,
                };
                self.tell(severity, followed.describe());
                if let Followed::Taken { before, after, .. } = followed {
                    let text = |v: StoredVocabulary| Some((v.name, v.text));
                    self.vocabulary_changed(text(before), text(after), false);
                }
            }
            Err(error) => self.problem(&error.to_string()),
        }
    }

    /// Looks how the work goes and whether the library has changed.
    fn look(&mut self, store: &Store) {
        if let Some(indexer) = &self.indexer {
            let mut now = (indexer.progress(), indexer.is_paused());
            if now.0.phase == Phase::Idle {
                // The speed of what has ended would change for ever, and the window with it.
                (now.0.per_second, now.0.left) = (0.0, None);
            }
            let notices = indexer.notices();
            if self.seen != Some(now) {
                self.seen = Some(now);
                self.send(Event::Progress(now.0, now.1));
            }
            if indexer.wait(Duration::ZERO)
                && let Some(indexer) = self.indexer.take()
                && let Err(error) = indexer.finish()
            {
                self.problem(&error.to_string());
            }
            for notice in notices {
                self.notice(&notice);
            }
        }
        let version = store.data_version().ok();
        if version != self.version {
            self.version = version;
            self.reload_at.get_or_insert(Instant::now() + RELOAD);
        }
    }

    fn notice(&mut self, notice: &Notice) {
        match notice {
            // Listed where failures are.
            Notice::Failed { .. } | Notice::Watching { polling: None, .. } => {}
            Notice::Returned { .. } => self.tell(Severity::Info, notice.to_string()),
            _ => self.tell(Severity::Problem, notice.to_string()),
        }
        if matches!(notice, Notice::Offline { .. } | Notice::Returned { .. }) {
            self.soon();
        }
    }

    fn carry_out(
        &mut self,
        store: &mut Store,
        identity: &mut ModelIdentity,
        request: Request,
    ) -> Result<(), Failure> {
        match request {
            Request::AddFolders(folders) => {
                for folder in &folders {
                    match add_folder(store, folder) {
                        Ok(()) => {}
                        Err(error) => self.problem(&error.to_string()),
                    }
                }
                self.start_indexer(store, identity);
                self.soon();
            }
            Request::RemoveFolder(id) => {
                self.indexer = None;
                store.write(|w| w.remove_folder(id))?;
                self.start_indexer(store, identity);
                self.soon();
            }
            Request::PauseFolder(id, paused) => {
                store.write(|w| w.set_folder_paused(id, paused))?;
                self.start_indexer(store, identity);
                self.soon();
            }
            Request::Decide(decisions, note) => {
                self.decided += 1;
                let before = store.write(|w| {
                    let mut before = Vec::with_capacity(decisions.len());
                    for d in &decisions {
                        let label = w.label(&d.label)?;
                        before.push(Decided {
                            photo: d.photo,
                            label: d.label.clone(),
                            before: w.decide(d.photo, label, d.decision)?,
                        });
                    }
                    w.bump_revision()?;
                    Ok(before)
                });
                if note {
                    // Undo waits for this, also where nothing could be kept.
                    let before = before.as_ref().map_or_else(|_| Vec::new(), Clone::clone);
                    self.send(Event::Decided(before));
                }
                before?;
                self.control(Control::Retag);
                self.soon();
            }
            Request::Edit(edits) => {
                let before = now_in_use(store)?;
                let edited = vocabulary_edit::edit(store, &edits)?;
                let after = Some((edited.vocabulary.name, edited.vocabulary.text));
                self.vocabulary_changed(before, after, false);
                if edited.converted {
                    self.tell(
                        Severity::Info,
                        "The list is now kept in the full form, which can hold synonyms and thresholds.",
                    );
                }
            }
            Request::SetVocabulary(wanted, replayed) => {
                let before = now_in_use(store)?;
                if let Some((name, text)) = &wanted {
                    Vocabulary::parse(text)?;
                    let vocabulary = StoredVocabulary {
                        name: own_name(name),
                        text: text.clone(),
                    };
                    store.write(|w| w.set_vocabulary(&vocabulary))?;
                } else {
                    store.write(|w| w.use_vocabulary(None))?;
                }
                let after = now_in_use(store)?;
                self.vocabulary_changed(before, after, replayed);
            }
            Request::UseVocabulary(name) => {
                let before = now_in_use(store)?;
                store.write(|w| w.use_vocabulary(name.as_deref()))?;
                let after = now_in_use(store)?;
                self.vocabulary_changed(before, after, false);
            }
            Request::ImportVocabulary(path) => {
                let name = path.file_stem().unwrap_or(path.as_os_str());
                let name = own_name(&name.to_string_lossy());
                let before = now_in_use(store)?;
                let vocabulary = vocabulary_file::import(store, &path, name)?;
                self.tell(
                    Severity::Info,
                    format!(
                        "“{}” is now the list of labels; what you change in its file is taken up.",
                        vocabulary.name
                    ),
                );
                let after = Some((vocabulary.name, vocabulary.text));
                self.vocabulary_changed(before, after, false);
            }
            Request::ExportVocabulary(path) => {
                let text = match store.vocabulary()? {
                    Some(own) => own.text,
                    None => Vocabulary::BUILTIN_TEXT.to_owned(),
                };
                std::fs::write(&path, text)
                    .map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
                self.tell(
                    Severity::Info,
                    format!("The labels are in {}.", path.display()),
                );
            }
            Request::Control(control) => self.control(control),
            Request::UseModel(engine) => {
                let new = engine.identify(self.engines.models())?;
                if engine.model != self.engine.model {
                    // The next start computes with it as well.
                    match engine.model == crate::engine::STARTER {
                        true => self.engines.models().clear_default()?,
                        false => self.engines.models().set_default(&engine.model)?,
                    }
                }
                if engine.templates != self.engine.templates {
                    self.engines.models().set_templates(&engine.templates)?;
                }
                self.indexer = None;
                self.engine = engine;
                *identity = new;
                self.start_indexer(store, identity);
                self.soon();
            }
            Request::Learn(label, learn) => {
                store.write(|w| {
                    let label = w.label(&label)?;
                    match learn {
                        Learn::Active(active) => w.switch_learning(label, active)?,
                        Learn::Reset => w.reset_learning(label)?,
                    }
                    w.bump_revision()
                })?;
                self.control(Control::Retag);
                self.soon();
            }
            Request::Threads(threads) => {
                self.threads = threads;
                self.start_indexer(store, identity);
            }
            Request::Devices => {
                let found = DeviceChoice::available().into_iter();
                self.send(Event::Devices(
                    found.map(|d| (d.id, d.description)).collect(),
                ));
            }
            Request::Models => self.send(Event::Models(models::known(self.engines.models()))),
            Request::Forget(catalogue) => drop(catalogue),
            Request::Failures => {
                let model = store.model(&identity.fingerprint)?;
                let failures = store.failures(Path::new("/"), model, DECODER_VERSION)?;
                self.send(Event::Failures(failures));
            }
        }
        Ok(())
    }

    fn vocabulary_changed(
        &mut self,
        before: Option<(String, String)>,
        after: Option<(String, String)>,
        replayed: bool,
    ) {
        if before != after {
            self.send(Event::VocabularyChanged {
                before,
                after,
                replayed,
            });
        }
        self.control(Control::Retag);
        self.soon();
    }

    fn control(&self, control: Control) {
        if let Some(indexer) = &self.indexer
            && !indexer.control(control)
        {
            self.problem("The worker is busy; try that again in a moment.");
        }
    }
}

fn own_name(name: &str) -> String {
    match name == BUILTIN {
        true => "My labels".into(),
        false => name.to_owned(),
    }
}

fn now_in_use(store: &Store) -> Result<Option<(String, String)>, StoreError> {
    Ok(store.vocabulary()?.map(|v| (v.name, v.text)))
}

/// Adds a folder; one that lies in another is in the library already, and one that contains others
/// takes their place.
fn add_folder(store: &mut Store, named: &Path) -> Result<(), Failure> {
    let current = std::env::current_dir()?;
    let folder = folders::normalise(named, &current, |p| p.canonicalize())?;
    if !folder.is_dir() {
        let path = folder.display();
        return Err(format!("{path} is no folder that can be looked into").into());
    }
    let existing = store.folders()?;
    let paths: Vec<PathBuf> = existing.iter().map(|f| f.path.clone()).collect();
    match folders::check_new(&folder, &paths, |p| p.canonicalize().ok()) {
        Ok(()) => {
            store.write(|w| w.add_folder(&folder))?;
        }
        Err(FolderError::AlreadyThere { .. } | FolderError::Inside { .. }) => {}
        Err(FolderError::Contains { inner, .. }) => {
            store.write(|w| {
                let outer = w.add_folder(&folder)?;
                existing
                    .iter()
                    .filter(|f| inner.contains(&f.path))
                    .try_for_each(|f| w.merge_folder(f.id, outer))
            })?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
