//! The library's thread: runs the indexer, stores decisions, and reads the catalogue.

use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};

use crate::app::catalogue::Catalogue;
use crate::app::messages::event::{Event, Work};
use crate::app::messages::message::Severity;
use crate::app::messages::request::Request;
use crate::app::messages::scale_report::ScaleReport;
use crate::app::threads::crash;
use crate::app::threads::models;
use crate::app::threads::outbox::Outbox;
use crate::app::threads::shared_scoring::SharedScoring;
use crate::app::threads::unsaved::UnsavedRequests;
use crate::engine::{EngineCache, EngineOptions, ModelIdentity};
use crate::indexer::prepared::PreparedPhotos;
use crate::indexer::{Control, IndexOptions, Indexer, Notice, Phase, PipelineError};
use crate::services::builtin_labels;
use crate::services::vocabulary_file::{Followed, Follower};
use crate::store::{Store, StoreError};
use crate::words::{Language, Phrase, phrase};

/// How often to check the indexer while it works.
const BUSY_TICK: Duration = Duration::from_millis(150);
/// How often to check while it is idle: other programs may change the library.
const IDLE_TICK: Duration = Duration::from_millis(700);
/// The least time between two reads of a changing library.
const RELOAD: Duration = Duration::from_millis(600);

/// The files from which a library takes long enough to read that its beginning is shown first.
const LARGE: usize = 50_000;
/// The photos of that beginning: more than fit on a screen.
const FIRST_PAGE: usize = 1000;
/// The wait before the indexer is started again after it could not write.
const RESTART: Duration = Duration::from_secs(30);

/// The channel to the library's thread.
pub(crate) struct Service {
    requests: Sender<Request>,
    _thread: JoinHandle<()>,
}

impl Service {
    /// Starts the thread. A new library gets the built-in labels in the language `labels`.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn start(
        library: PathBuf,
        scoring: SharedScoring,
        engine: EngineOptions,
        threads: usize,
        labels: Language,
        outbox: Outbox,
    ) -> std::io::Result<Self> {
        let (requests, inbox) = bounded(256);
        let keeper = Keeper {
            library,
            engines: scoring.engines,
            prepared: scoring.prepared,
            engine,
            threads,
            inbox,
            outbox,
            indexer: None,
            decided: 0,
            handled: 0,
            unsaved: UnsavedRequests::default(),
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
                crash::guarded(phrase!("part-library"), &outbox, || keeper.run(labels));
            })?;
        Ok(Self {
            requests,
            _thread: thread,
        })
    }

    /// Sends a request. Returns it if too many are waiting: try again.
    pub(crate) fn ask(&self, request: Request) -> Option<Request> {
        match self.requests.try_send(request) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => None,
            Err(TrySendError::Full(request)) => Some(request),
        }
    }
}

/// The thread's data.
pub(crate) struct Keeper {
    pub(crate) library: PathBuf,
    pub(crate) engines: EngineCache,
    pub(crate) prepared: PreparedPhotos,
    pub(crate) engine: EngineOptions,
    pub(crate) threads: usize,
    pub(crate) inbox: Receiver<Request>,
    pub(crate) outbox: Outbox,
    pub(crate) indexer: Option<Indexer>,
    /// Decision requests carried out.
    pub(crate) decided: u64,
    /// Requests carried out that must be saved.
    pub(crate) handled: u64,
    pub(crate) unsaved: UnsavedRequests,
    pub(crate) seen: Option<Work>,
    pub(crate) version: Option<i64>,
    pub(crate) reload_at: Option<Instant>,
    pub(crate) follower: Follower,
    /// When to try the indexer again, if another program has the library or it cannot be written.
    pub(crate) retry_at: Option<Instant>,
}

pub(crate) type Failure = Box<dyn std::error::Error>;

impl Keeper {
    fn run(mut self, labels: Language) {
        self.send(Event::Models(models::known(self.engines.models())));
        let mut store = match Store::open(&self.library) {
            Ok(store) => store,
            Err(error) => return self.problem(error.to_string()),
        };
        if let Err(error) = builtin_labels::begin(&mut store, labels) {
            self.problem(error.to_string());
        }
        let identity = match self.engine.identify(self.engines.models()) {
            Ok(identity) => identity,
            Err(error) => {
                self.problem(phrase!("model-fallback", error = error.to_string()));
                self.engine.model = crate::engine::STARTER.into();
                match self.engine.identify(self.engines.models()) {
                    Ok(identity) => identity,
                    Err(error) => return self.problem(error.to_string()),
                }
            }
        };
        let mut identity = identity;
        self.load_first_page(&store);
        self.load(&store, &identity);
        self.start_indexer(&store, &identity);
        loop {
            let busy = self.seen.is_some_and(|w| w.now.phase != Phase::Idle);
            let tick = match busy || self.reload_at.is_some() {
                true => BUSY_TICK,
                false => IDLE_TICK,
            };
            match self.inbox.recv_timeout(tick) {
                Ok(request) if request.must_be_saved() => self.save(&mut store, request),
                Ok(request) => {
                    if let Err(error) = self.carry_out(&mut store, &mut identity, request) {
                        self.problem(error);
                        self.soon();
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.save_again(&mut store);
            self.look(&store);
            self.follow(&mut store);
            if self.retry_at.is_some_and(|at| at <= Instant::now()) {
                self.start_indexer(&store, &identity);
            }
            if self.inbox.is_empty() && self.reload_at.is_some_and(|at| at <= Instant::now()) {
                self.load(&store, &identity);
            }
        }
    }

    pub(crate) fn send(&self, event: Event) {
        self.outbox.send(event);
    }

    pub(crate) fn tell(&self, severity: Severity, said: impl Into<Phrase>) {
        self.outbox.tell(severity, said);
    }

    pub(crate) fn problem(&self, said: impl Into<Phrase>) {
        self.tell(Severity::Problem, said);
    }

    /// Makes the library be read again, but not too often.
    pub(crate) fn soon(&mut self) {
        self.reload_at
            .get_or_insert(Instant::now() + Duration::from_millis(30));
    }

    /// Shows the beginning of a large library, whose reading takes seconds.
    fn load_first_page(&self, store: &Store) {
        let page = store.at_one_moment(|store| match store.has_files(LARGE)? {
            true => Catalogue::first_page(store, FIRST_PAGE).map(Some),
            false => Ok(None),
        });
        // What is wrong, reading everything says.
        if let Ok(Some(page)) = page {
            self.send(Event::FirstPage(Box::new(page)));
        }
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
            Err(error) => self.problem(error.to_string()),
        }
        // A large library is read less often, which leaves most of the time for other work.
        let rest = RELOAD.max(start.elapsed() * 6);
        if self.reload_at.is_some() {
            self.reload_at = Some(Instant::now() + rest);
        }
    }

    pub(crate) fn start_indexer(&mut self, store: &Store, identity: &ModelIdentity) {
        self.indexer = None;
        let is_told = self.retry_at.take().is_some();
        if store.check_place().is_err() {
            // By its path the indexer would open another file.
            self.retry_at = Some(Instant::now() + RESTART);
            return;
        }
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
        options.prepared = self.prepared.clone();
        options.readers = self.threads;
        match Indexer::start(options) {
            Ok(indexer) => self.indexer = Some(indexer),
            Err(PipelineError::Store(StoreError::Locked { .. })) => {
                if !is_told && self.seen.is_none() {
                    self.tell(Severity::Info, phrase!("library-shared"));
                }
                self.retry_at = Some(Instant::now() + Duration::from_secs(5));
            }
            Err(error) => self.problem(error.to_string()),
        }
    }

    /// Takes over changes in the file that the vocabulary came from.
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
                    self.vocabulary_changed(Some(before), Some(after), Vec::new(), false);
                }
            }
            Err(error) => self.problem(error.to_string()),
        }
    }

    /// Checks the indexer's progress and whether the library has changed.
    fn look(&mut self, store: &Store) {
        if let Some(indexer) = &self.indexer {
            let (mut now, paused) = (indexer.progress(), indexer.is_paused());
            if now.phase == Phase::Idle {
                // The speed of finished work would keep changing, and redraw the window.
                (now.per_second, now.left) = (0.0, None);
            }
            let work = Work { now, paused };
            let notices = indexer.notices();
            if self.seen != Some(work) {
                self.seen = Some(work);
                self.send(Event::Progress(work));
            }
            if indexer.wait(Duration::ZERO)
                && let Some(indexer) = self.indexer.take()
                && let Err(error) = indexer.finish()
            {
                self.problem(error.to_string());
                if matches!(&error, PipelineError::Store(error) if error.may_pass()) {
                    self.retry_at = Some(Instant::now() + RESTART);
                }
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
            // These are in the list of failures.
            Notice::Failed { .. } | Notice::Watching { polling: None, .. } => {}
            Notice::Returned { .. } => self.tell(Severity::Info, notice.to_string()),
            // A toast and a card on Activity tell it; a message would tell it again.
            Notice::Rescaled {
                photos,
                constants,
                labels,
            } => {
                self.send(Event::Rescaled(ScaleReport {
                    photos: *photos,
                    constants: *constants,
                    undone: false,
                    labels: labels.clone(),
                }));
            }
            _ => self.tell(Severity::Problem, notice.to_string()),
        }
        if matches!(notice, Notice::Offline { .. } | Notice::Returned { .. }) {
            self.soon();
        }
    }

    pub(crate) fn control(&self, control: Control) {
        if let Some(indexer) = &self.indexer
            && !indexer.control(control)
        {
            self.problem(phrase!("library-busy"));
        }
    }
}
