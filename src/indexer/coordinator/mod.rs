//! Determines the work to do, and when all is done.

mod about;
mod files;
mod folders;
mod scale;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, never, select};

use crate::core::ids::{FileId, ModelId, PhotoId};
use crate::core::photo::FileStamp;
use crate::engine::ModelIdentity;
use crate::folders::{Now, ScanOptions, SettleOptions, Settler, WatchEvent, WatchOptions, Watcher};
use crate::indexer::burst::Burst;
use crate::indexer::control::Control;
use crate::indexer::keywords;
use crate::indexer::progress::Phase;
use crate::indexer::readback;
use crate::indexer::reader::{Contents, Note};
use crate::indexer::shared::{DECODER_VERSION, PipelineError, Shared};
use crate::indexer::tag_inputs;
use crate::indexer::tag_inputs::TagInputs;
use crate::indexer::task::Task;
use crate::indexer::writer::WriterHandle;
use crate::store::{Store, StoreError, Writer};

/// How often the coordinator checks for work without being called.
const TICK: Duration = Duration::from_millis(25);
/// How often it checks whether another process has written to the library.
const LIBRARY_TICK: Duration = Duration::from_secs(1);

/// The work to do.
pub(crate) struct Plan {
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) watch: bool,
    pub(crate) tags_only: bool,
    pub(crate) scan: ScanOptions,
    pub(crate) watching: WatchOptions,
    pub(crate) settle: SettleOptions,
}

/// The channels to the other threads.
pub(crate) struct Channels {
    pub(crate) shared: Arc<Shared>,
    pub(crate) contents: Arc<Contents>,
    pub(crate) writer: WriterHandle,
    pub(crate) worker: Sender<Task>,
    pub(crate) notes: Receiver<Note>,
    pub(crate) orders: Receiver<Control>,
}

/// Determines the work to do. `folders` has its work on folders, and `files` its work on files that
/// enter the queue.
pub(crate) struct Coordinator {
    channels: Channels,
    shared: Arc<Shared>,
    store: Store,
    model: ModelId,
    identity: ModelIdentity,
    plan: Plan,
    folders: Folders,
    files: Files,
    /// Folders in which sidecars may have changed.
    sidecars: Vec<PathBuf>,
    /// The vocabulary's revision at the last check.
    revision: i64,
    /// The last check whether another process has written to the library.
    looked: Instant,
    burst: Option<Burst>,
}

/// The folders to keep up to date.
#[derive(Default)]
struct Folders {
    watcher: Option<(Watcher, Receiver<WatchEvent>)>,
    /// Folders scanned since the start.
    scanned: HashSet<PathBuf>,
    /// Folders that existed at the start and were not requested.
    left_out: HashSet<PathBuf>,
}

/// Files on their way into the queue.
struct Files {
    settler: Settler,
    /// Files in the queue or in progress, by id, with their stamps.
    taken: HashMap<FileId, FileStamp>,
    /// Files that have waited long enough.
    settled: HashMap<PathBuf, FileStamp>,
    /// Files that were found and then disappeared, with their stamps.
    vanished: HashMap<FileId, FileStamp>,
    /// Whether there may be work that is not in the queue yet.
    stale: bool,
    /// Whether the model was opened.
    opened: bool,
    /// When the list of waiting files was last read.
    refilled: Instant,
    /// The photo up to which those were read that were not read yet for what they say of themselves;
    /// `None` where there are no more.
    about_after: Option<PhotoId>,
    /// The same for those whose pictures have no hash yet.
    pictures_after: Option<PhotoId>,
}

impl Files {
    fn new(settle: SettleOptions) -> Self {
        Self {
            settler: Settler::new(settle),
            taken: HashMap::new(),
            settled: HashMap::new(),
            vanished: HashMap::new(),
            stale: true,
            opened: false,
            refilled: Instant::now(),
            about_after: Some(PhotoId::new(0)),
            pictures_after: Some(PhotoId::new(0)),
        }
    }
}

impl Coordinator {
    pub(crate) fn new(
        channels: Channels,
        store: Store,
        model: ModelId,
        identity: ModelIdentity,
        plan: Plan,
    ) -> Self {
        Self {
            shared: channels.shared.clone(),
            channels,
            store,
            model,
            identity,
            files: Files::new(plan.settle.clone()),
            plan,
            folders: Folders::default(),
            sidecars: Vec::new(),
            revision: -1,
            looked: Instant::now(),
            burst: None,
        }
    }

    /// Runs until all is done, or with watching until it is stopped.
    pub(crate) fn run(mut self) {
        let result = self.work().and_then(|()| self.note_run());
        self.shared.progress.set_phase(Phase::Idle);
        if let Err(error) = result {
            self.shared.fail(error);
        }
        // The readers will get no more files.
        self.shared.queue.close();
    }

    fn work(&mut self) -> Result<(), PipelineError> {
        if self.plan.tags_only {
            // Whether the library is complete takes a look at each file, so it comes last.
            return match self.due_scale()? {
                Some(count) if self.is_complete()? => self.rescale(count),
                _ => self.retag(),
            };
        }
        if !self.plan.folders.is_empty() {
            let there = self.store.folders()?.into_iter().map(|f| f.path);
            let wanted = &self.plan.folders;
            self.folders.left_out = there.filter(|path| !wanted.contains(path)).collect();
        }
        // Watching starts first, so that no change is missed between the scan and the watch.
        self.watch()?;
        self.scan_all()?;
        self.retag()?;
        // A run that ended early may have left a complete library without its scale.
        let mut is_first = true;
        while !self.shared.stopped() {
            self.refill()?;
            if self.is_done() && !self.sidecars.is_empty() {
                self.read_sidecars()?;
            }
            if self.is_done() {
                let has_new = self.burst.is_some();
                let due = match std::mem::take(&mut is_first) || has_new {
                    true => self.due_scale()?,
                    false => None,
                };
                match due {
                    Some(count) => self.rescale(count)?,
                    None if has_new => self.retag()?,
                    None => {}
                }
            }
            if self.is_done() && !self.read_again()? {
                self.note_run()?;
                self.shared.progress.set_phase(Phase::Idle);
                if !self.plan.watch && !self.take_new_folders()? {
                    return Ok(());
                }
            }
            self.wait()?;
        }
        Ok(())
    }

    /// Joins labels created from keywords with labels that have since been added to the vocabulary.
    fn join_labels(&mut self) -> Result<(), PipelineError> {
        let vocabulary = tag_inputs::vocabulary(&self.store)?;
        let known = self.store.label_names()?.into_iter().map(|(_, name)| name);
        let joined = keywords::renamed(None, &vocabulary, known.collect());
        if joined.is_empty() {
            return Ok(());
        }
        self.channels.writer.apply_now(move |w| {
            w.rename_labels(&joined)?;
            w.bump_revision()
        })
    }

    /// Reads keywords from sidecars that other programs have changed.
    fn read_sidecars(&mut self) -> Result<(), PipelineError> {
        self.join_labels()?;
        self.sidecars.sort();
        self.sidecars
            .dedup_by(|inner, outer| inner.starts_with(&*outer));
        let mut any = false;
        while let Some(folder) = self.sidecars.first() {
            let stop = self.shared.stop_flag();
            let read = readback::changed(&self.store, folder, stop, |changes| {
                let keep = move |w: &Writer<'_>| readback::keep(w, changes);
                let kept = self.channels.writer.apply_now(keep)?;
                any |= kept.decided;
                for notice in kept.notices {
                    self.shared.notices.add(notice);
                }
                Ok(())
            });
            match read {
                // Another Taglens takes long over its export, and the watch goes on.
                Err(PipelineError::Store(StoreError::SidecarsLocked { .. })) if self.plan.watch => {
                    break;
                }
                read => read?,
            }
            self.sidecars.remove(0);
        }
        if any { self.retag() } else { Ok(()) }
    }

    /// Makes the worker bring outdated tags up to date.
    fn retag(&mut self) -> Result<(), PipelineError> {
        let inputs = TagInputs::read(&self.store, &self.identity)?;
        if self.store.embedded(self.model)? == 0 || !inputs.is_outdated(&self.store)? {
            return Ok(());
        }
        self.ask(|reply| Task::Retag(Box::new(inputs), reply))
    }

    fn ask<T: Default>(
        &self,
        task: impl FnOnce(Sender<Result<T, PipelineError>>) -> Task,
    ) -> Result<T, PipelineError> {
        let lost = || PipelineError::Lost { name: "embed" };
        let (reply, replies) = bounded(1);
        let sent = self.channels.worker.send(task(reply));
        match sent.ok().and_then(|()| replies.recv().ok()) {
            Some(result) => result,
            // The worker was asked to stop, and has.
            None if self.shared.stopped() => Ok(T::default()),
            None => Err(lost()),
        }
    }

    /// Whether no file waits to be embedded.
    fn is_complete(&self) -> Result<bool, PipelineError> {
        let waiting = self.store.waiting(self.model, DECODER_VERSION)?;
        Ok(waiting.is_empty())
    }

    fn is_done(&self) -> bool {
        let (waiting, open) = self.shared.queue.load();
        let heard = self.channels.notes.is_empty() && !self.shared.missed.load(Ordering::Relaxed);
        waiting + open == 0 && !self.files.stale && self.files.settler.is_empty() && heard
    }

    /// Waits for an event and handles it.
    fn wait(&mut self) -> Result<(), PipelineError> {
        let hints = match &self.folders.watcher {
            Some((_, hints)) => hints.clone(),
            None => never(),
        };
        select! {
            recv(self.channels.notes) -> note => match note {
                Ok(Note::Changed(job, stamp)) => {
                    // The next scan of the folder finds out what happened to a missing file.
                    self.shared.queue.finish(1);
                    self.shared.progress.add_done(1, 0, 0);
                    self.changed(&job, stamp)?;
                }
                // If nobody stopped them, the readers should be running.
                Err(_) if self.shared.stopped() => return Ok(()),
                Err(_) => return Err(PipelineError::Lost { name: "decode" }),
            },
            recv(self.channels.orders) -> order => if let Ok(order) = order {
                self.control(order)?;
            },
            recv(hints) -> hint => if let Ok(hint) = hint {
                self.watched(hint)?;
            },
            default(TICK) => {}
        }
        if self.shared.missed.swap(false, Ordering::Relaxed) {
            self.control(Control::Rescan)?;
        }
        let due = self.files.settler.due(Now::read(), stamp_of);
        if !due.is_empty() {
            self.settle(due)?;
        }
        if self.looked.elapsed() <= LIBRARY_TICK {
            return Ok(());
        }
        self.looked = Instant::now();
        // A watcher may not write for hours, so no failed write would reveal a moved library.
        self.store.check_place()?;
        self.take_new_folders()?;
        if self.plan.watch {
            let revision = self.store.vocabulary_revision()?;
            let is_new = std::mem::replace(&mut self.revision, revision) != revision;
            if is_new || !self.store.unscored()?.is_empty() {
                self.retag()?;
            }
        }
        Ok(())
    }

    fn control(&mut self, order: Control) -> Result<(), PipelineError> {
        match order {
            Control::Pause => self.shared.queue.pause(true),
            Control::Resume => self.shared.queue.pause(false),
            Control::Rescan => {
                self.files.about_after = Some(PhotoId::new(0));
                self.files.pictures_after = Some(PhotoId::new(0));
                self.files.taken.clear();
                self.files.stale = true;
                self.follow_folders()?;
                self.scan_all()?;
            }
            Control::Retag => self.retag()?,
        }
        Ok(())
    }

    /// Stores a report of the work that has just ended.
    fn note_run(&mut self) -> Result<(), PipelineError> {
        let Some(burst) = self.burst.take() else {
            return Ok(());
        };
        let device = self.shared.device();
        let run = burst.end(&self.shared.progress, &self.identity.name, device);
        let decoded = self.shared.progress.snapshot().decoded;
        tracing::info!(run.read, decoded, run.embedded, "indexed");
        self.channels
            .writer
            .apply_now(move |w| w.set_last_run(&run))
    }
}

fn stamp_of(path: &Path) -> Option<FileStamp> {
    std::fs::metadata(path).ok().map(|m| FileStamp::of(&m))
}
