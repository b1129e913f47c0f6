//! Brings a library up to date, and keeps it so.
//!
//! ```text
//! scan → reconcile → queue → readers (decode-N) → worker (embed) → writer (store)
//! ```
//!
//! The coordinator determines the work, and the others do it. The channels between them are
//! bounded, so the slowest sets the pace. Waits never form a cycle: the coordinator waits for
//! worker and writer, readers wait for worker and writer, the worker waits for the writer (and 5 ms
//! at most for a reader's next photo), and the writer for no one.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::decode::Limits;
use crate::engine::DeviceChoice;
use crate::engine::EngineCache;
use crate::engine::fallback::images::BATCH;
use crate::engine::{EngineOptions, ModelIdentity};
use crate::folders::{ScanOptions, SettleOptions, WatchOptions};
use crate::indexer::control::Control;
use crate::indexer::coordinator::{Channels, Coordinator, Plan};
use crate::indexer::health_check::HealthCheck;
use crate::indexer::notice::Notice;
use crate::indexer::prepared::PreparedPhotos;
use crate::indexer::progress::Snapshot;
use crate::indexer::reader::{Contents, Reader};
use crate::indexer::shared::{PipelineError, Shared};
use crate::indexer::worker::{Opener, Worker};
use crate::indexer::writer::{Alive, LibraryWriter, WriterHandle};
use crate::store::{DEFAULT_BOUND_BYTES, IndexLock, Store, Thumbnails};

/// The capacity of the channel to the writer.
const TO_WRITER: usize = 256;
/// The capacity of the channel for files that changed while they were read.
const NOTES: usize = 64;
/// The longer side of thumbnails in pixels: enough for a large tile on a high-resolution screen.
const THUMBNAIL_EDGE: u32 = 384;

/// What to bring up to date, and how.
pub struct IndexOptions {
    /// The library's file.
    pub(crate) library: PathBuf,
    /// The folders to update; empty for all.
    pub(crate) folders: Vec<PathBuf>,
    /// Whether to keep watching the folders.
    pub watch: bool,
    /// Whether to update only tags, without scanning folders.
    pub(crate) tags_only: bool,
    /// The model.
    pub(crate) identity: ModelIdentity,
    /// Opens the model once there is something to embed.
    pub(crate) open: Opener,
    /// The number of threads that read and decode; 0 for one per core.
    pub(crate) readers: usize,
    /// Whether to make thumbnails.
    pub(crate) thumbnails: bool,
    /// Photos prepared for scoring, which may be shared with other threads. Only a run that watches
    /// keeps them.
    pub(crate) prepared: PreparedPhotos,
    /// How to scan folders.
    pub(crate) scan: ScanOptions,
    /// How to watch folders.
    pub(crate) watching: WatchOptions,
    /// How to wait for files that are being written.
    pub(crate) settle: SettleOptions,
}

impl IndexOptions {
    /// Options to update all folders of `library` once, with default settings.
    pub fn new(
        library: PathBuf,
        identity: ModelIdentity,
        engine: EngineOptions,
        engines: EngineCache,
    ) -> Self {
        let open: Opener = Arc::new(move |on_cpu| {
            let mut engine = engine.clone();
            if on_cpu {
                engine.device = DeviceChoice::Cpu;
            }
            engines.get(&engine)
        });
        Self {
            library,
            folders: Vec::new(),
            watch: false,
            tags_only: false,
            identity,
            open,
            readers: 0,
            thumbnails: true,
            prepared: PreparedPhotos::default(),
            scan: ScanOptions::default(),
            watching: WatchOptions::default(),
            settle: SettleOptions::default(),
        }
    }
}

/// A running pipeline. Dropping it stops it.
pub struct Indexer {
    shared: Arc<Shared>,
    controls: Sender<Control>,
    threads: Vec<JoinHandle<()>>,
    /// Disconnected when the coordinator and the health check have ended.
    done: Receiver<()>,
    lock: IndexLock,
    /// Whether no damage to the library was found.
    is_whole: Arc<AtomicBool>,
}

impl Indexer {
    /// Starts the threads.
    ///
    /// # Errors
    /// If the library cannot be opened, another process has it, or a thread cannot be started.
    pub fn start(options: IndexOptions) -> Result<Self, PipelineError> {
        let store = Store::open_existing(&options.library)?;
        let lock = IndexLock::take(&options.library)?;
        let mut options = options;
        options.scan.videos = store.videos()?;
        if !options.watch {
            options.prepared = PreparedPhotos::kept_by_none();
        }
        let readers = match options.readers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        let (controls, orders) = bounded(16);
        let (alive, done) = bounded::<()>(0);
        let to_check = match options.tags_only {
            true => None,
            false => Some(store.reader()?),
        };
        let parts = Parts::join(store, options, orders)?;
        let mut indexer = Self {
            shared: parts.reader.shared.clone(),
            controls,
            threads: Vec::new(),
            done,
            is_whole: Arc::new(AtomicBool::new(lock.was_clean())),
            lock,
        };
        let (writer, worker) = (parts.writer, parts.worker);
        indexer.spawn("store", move || writer.run())?;
        indexer.spawn("embed", move || worker.run())?;
        for i in 0..readers {
            let reader = parts.reader.clone();
            indexer.spawn(&format!("decode-{i}"), move || reader.run())?;
        }
        // Only readers may keep the channel to the worker open.
        drop(parts.reader);
        if let Some(store) = to_check {
            let check = HealthCheck {
                shared: indexer.shared.clone(),
                store,
                was_clean: indexer.lock.was_clean(),
                is_whole: indexer.is_whole.clone(),
                _alive: alive.clone(),
            };
            indexer.spawn("health", move || check.run())?;
        }
        let coordinator = parts.coordinator;
        indexer.spawn("index", move || {
            // Dropped when this thread ends, which disconnects `done`.
            let _alive = alive;
            coordinator.run();
        })?;
        Ok(indexer)
    }

    fn spawn(
        &mut self,
        name: &str,
        work: impl FnOnce() + Send + 'static,
    ) -> Result<(), PipelineError> {
        let spawned = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(work);
        match spawned {
            Ok(thread) => {
                self.threads.push(thread);
                Ok(())
            }
            Err(source) => {
                self.shared.stop();
                Err(PipelineError::Thread {
                    name: name.to_owned(),
                    source,
                })
            }
        }
    }

    /// The progress of the work.
    pub fn progress(&self) -> Snapshot {
        self.shared.progress.snapshot()
    }

    /// Takes the notices since the last call, without blocking.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        self.shared.notices.drain()
    }

    /// Sends a request. Returns `false` if too many are waiting: try again.
    pub fn control(&self, control: Control) -> bool {
        self.controls.try_send(control).is_ok()
    }

    /// Whether the work is paused.
    pub(crate) fn is_paused(&self) -> bool {
        self.shared.queue.is_paused()
    }

    /// Waits up to `patience` for the work to end. Returns whether it has. With
    /// [`IndexOptions::watch`] it ends only when it is stopped.
    pub(crate) fn wait(&self, patience: std::time::Duration) -> bool {
        use crossbeam_channel::RecvTimeoutError::Timeout;
        self.done.recv_timeout(patience) != Err(Timeout)
    }

    /// Stops the work soon; what has begun is finished and stored.
    pub fn stop(&self) {
        self.shared.stop();
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// Why the work ended early.
    pub fn finish(mut self) -> Result<(), PipelineError> {
        self.join();
        match self.shared.take_failure() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    fn join(&mut self) {
        // In reverse order: once the coordinator has ended, the others run dry.
        while let Some(thread) = self.threads.pop() {
            if thread.join().is_err() {
                self.shared.fail(PipelineError::Lost { name: "pipeline" });
            }
        }
        if self.is_whole.load(Ordering::Relaxed) && !self.shared.has_failed() {
            self.lock.end_clean();
        }
    }
}

/// The threads' code, connected by channels.
struct Parts {
    writer: LibraryWriter,
    worker: Worker,
    reader: Reader,
    coordinator: Coordinator,
}

impl Parts {
    fn join(
        mut store: Store,
        options: IndexOptions,
        orders: Receiver<Control>,
    ) -> Result<Self, PipelineError> {
        let identity = options.identity;
        let model = store.write(|w| w.model(&identity.name, &identity.fingerprint))?;
        let shared = Shared::new();
        let thumbnails = match options.thumbnails {
            true => Some(Thumbnails::open(&options.library, DEFAULT_BOUND_BYTES)?),
            false => None,
        };
        let (to_writer, inbox) = bounded(TO_WRITER);
        let (to_worker, decoded) = bounded(2 * BATCH);
        // Unbuffered: a task left in the channel of a worker that has ended would never be
        // answered.
        let (task_sender, tasks) = bounded(0);
        let (note_sender, notes) = bounded(NOTES);
        let alive = Alive::default();
        let to_writer = WriterHandle::new(to_writer, &alive);
        let contents = Arc::new(Contents::default());
        Ok(Self {
            writer: LibraryWriter {
                store: Store::open_existing(&options.library)?,
                thumbnails,
                model,
                shared: shared.clone(),
                inbox,
                _alive: alive,
            },
            worker: Worker {
                shared: shared.clone(),
                contents: contents.clone(),
                open: options.open,
                identity: identity.clone(),
                model,
                store: store.reader()?,
                writer: to_writer.clone(),
                tasks,
                decoded,
                prefetches: options.watch,
                prepared: options.prepared,
                state: None,
            },
            reader: Reader {
                shared: shared.clone(),
                contents: contents.clone(),
                limits: Limits {
                    videos: options.scan.videos,
                    ..Limits::default()
                },
                thumbnail_edge: options.thumbnails.then_some(THUMBNAIL_EDGE),
                worker: to_worker,
                writer: to_writer.clone(),
                notes: note_sender,
            },
            coordinator: Coordinator::new(
                Channels {
                    shared,
                    contents,
                    writer: to_writer,
                    worker: task_sender,
                    notes,
                    orders,
                },
                store.reader()?,
                model,
                identity,
                Plan {
                    folders: options.folders,
                    watch: options.watch,
                    tags_only: options.tags_only,
                    scan: options.scan,
                    watching: options.watching,
                    settle: options.settle,
                },
            ),
        })
    }
}

impl Drop for Indexer {
    fn drop(&mut self) {
        self.shared.stop();
        self.join();
    }
}
