//! Finds out what has to be done, and when all is done.

mod about;
mod files;
mod folders;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, never, select};

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
use crate::store::{ModelId, Store, Writer};

/// How often the coordinator looks around when nothing calls it.
const TICK: Duration = Duration::from_millis(25);
/// How often it looks whether another process has written into the library.
const LIBRARY_TICK: Duration = Duration::from_secs(1);

/// What to do.
pub(crate) struct Plan {
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) watch: bool,
    pub(crate) tags_only: bool,
    pub(crate) scan: ScanOptions,
    pub(crate) watching: WatchOptions,
    pub(crate) settle: SettleOptions,
}

/// What joins the coordinator to the others.
pub(crate) struct Channels {
    pub(crate) shared: Arc<Shared>,
    pub(crate) contents: Arc<Contents>,
    pub(crate) writer: WriterHandle,
    pub(crate) worker: Sender<Task>,
    pub(crate) notes: Receiver<Note>,
    pub(crate) orders: Receiver<Control>,
}

/// Decides what has to be done. What it does with folders is in `folders`, with files on their way into
/// the queue in `files`.
pub(crate) struct Coordinator {
    channels: Channels,
    shared: Arc<Shared>,
    store: Store,
    model: ModelId,
    identity: ModelIdentity,
    plan: Plan,
    folders: Folders,
    files: Files,
    /// Where sidecars may have changed.
    sidecars: Vec<PathBuf>,
    /// The vocabulary's, when it was last looked at.
    revision: i64,
    /// When it was last looked whether another process has written into the library.
    looked: Instant,
    burst: Option<Burst>,
}

/// The folders that are brought up to date.
#[derive(Default)]
struct Folders {
    watcher: Option<(Watcher, Receiver<WatchEvent>)>,
    /// Those that were looked at since the start.
    scanned: HashSet<PathBuf>,
    /// Those that were there at the start and were not asked for.
    left_out: HashSet<PathBuf>,
}

/// Files on their way into the queue.
struct Files {
    settler: Settler,
    /// Those that are in the queue or are being written, by number, and as what.
    taken: HashMap<i64, FileStamp>,
    /// Those that have waited long enough.
    settled: HashMap<PathBuf, FileStamp>,
    /// Those that were found and then were not there, with the stamp that they had.
    vanished: HashMap<i64, FileStamp>,
    /// Whether there may be work that is not in the queue yet.
    stale: bool,
    /// Whether the model was opened.
    opened: bool,
    /// Jobs were dropped on their way, so that `contents` claims more than there is.
    dropped: bool,
    /// When the list of waiting files was last read.
    refilled: Instant,
    /// The photo up to which those were read that were not read yet for what they say of themselves;
    /// `None` where there are no more.
    about_after: Option<i64>,
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
            dropped: false,
            refilled: Instant::now(),
            about_after: Some(0),
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

    /// Until all is done, or with watching until it is stopped.
    pub(crate) fn run(mut self) {
        let result = self.work().and_then(|()| self.note_run());
        self.shared.progress.set_phase(Phase::Idle);
        if let Err(error) = result {
            self.shared.fail(error);
        }
        // The readers have nothing more to come.
        self.shared.queue.close();
        self.shared.notices.wake();
    }

    fn work(&mut self) -> Result<(), PipelineError> {
        if self.plan.tags_only {
            if self.store.waiting(self.model, DECODER_VERSION)?.is_empty() {
                self.take_scale()?;
            }
            return self.retag();
        }
        if !self.plan.folders.is_empty() {
            let there = self.store.folders()?.into_iter().map(|f| f.path);
            let wanted = &self.plan.folders;
            self.folders.left_out = there.filter(|path| !wanted.contains(path)).collect();
        }
        // Watching starts first, so that nothing happens unseen between the scan and the watch.
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
                let is_rescaled =
                    (std::mem::take(&mut is_first) || has_new) && self.take_scale()?;
                if is_rescaled || has_new {
                    self.retag()?;
                }
            }
            if self.is_done() && !self.read_about()? {
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

    /// Has labels that keywords have made be one with those that the vocabulary has by now.
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

    /// Takes in keywords of sidecars that other programs have changed.
    fn read_sidecars(&mut self) -> Result<(), PipelineError> {
        self.join_labels()?;
        self.sidecars.sort();
        self.sidecars
            .dedup_by(|inner, outer| inner.starts_with(&*outer));
        let mut any = false;
        for folder in std::mem::take(&mut self.sidecars) {
            let stop = self.shared.stop_flag();
            readback::changed(&self.store, &folder, stop, |changes| {
                let keep = move |w: &Writer<'_>| readback::keep(w, changes);
                let kept = self.channels.writer.apply_now(keep)?;
                any |= kept.decided;
                for notice in kept.notices {
                    self.shared.notices.add(notice);
                }
                Ok(())
            })?;
        }
        if any { self.retag() } else { Ok(()) }
    }

    /// Brings labels to the scale of a library that is complete and has grown much: while photos
    /// arrive, the tags of those that are there stay as they are. Whether the scale is a new one.
    fn take_scale(&mut self) -> Result<bool, PipelineError> {
        let model = self.model;
        // Everything sent so far is in the library before it is read.
        self.channels.writer.apply_now(|_| Ok(()))?;
        let now = self.store.scale_photos(model)?.map_or(0, |s| s.count);
        let Some(count) = tag_inputs::new_scale(self.store.embedded(model)?, now) else {
            return Ok(false);
        };
        let set = move |w: &Writer<'_>| w.set_scale_photos(model, count);
        self.channels.writer.apply_now(set)?;
        Ok(true)
    }

    /// Has the worker bring tags up to date, where they are not.
    fn retag(&mut self) -> Result<(), PipelineError> {
        let inputs = TagInputs::read(&self.store, &self.identity)?;
        if self.store.embedded(self.model)? == 0 || !inputs.is_outdated(&self.store)? {
            return Ok(());
        }
        self.ask(Task::Retag)
    }

    fn ask(
        &self,
        task: impl FnOnce(Sender<Result<(), PipelineError>>) -> Task,
    ) -> Result<(), PipelineError> {
        let lost = || PipelineError::Lost { name: "embed" };
        let (reply, replies) = bounded(1);
        let sent = self.channels.worker.send(task(reply));
        match sent.ok().and_then(|()| replies.recv().ok()) {
            Some(result) => result,
            // Whoever was asked to end has ended.
            None if self.shared.stopped() => Ok(()),
            None => Err(lost()),
        }
    }

    fn is_done(&self) -> bool {
        let (waiting, open) = self.shared.queue.load();
        let heard = self.channels.notes.is_empty() && !self.shared.missed.load(Ordering::Relaxed);
        waiting + open == 0 && !self.files.stale && self.files.settler.is_empty() && heard
    }

    /// Waits for something to happen, and sees to it.
    fn wait(&mut self) -> Result<(), PipelineError> {
        let hints = match &self.folders.watcher {
            Some((_, hints)) => hints.clone(),
            None => never(),
        };
        select! {
            recv(self.channels.notes) -> note => match note {
                Ok(Note::Changed(job, stamp)) => {
                    // The next look at the folder tells what became of a file that is gone.
                    self.shared.queue.finish(1);
                    self.shared.progress.add_done(1, 0, 0);
                    self.changed(&job, stamp)?;
                }
                // Stopping has ended the readers; otherwise they should be there.
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
        // A watcher may not write for hours, and would not notice by that.
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
            Control::Cancel => {
                self.shared.queue.cancel();
                self.shared.progress.cut_total();
                self.files.dropped = true;
            }
            Control::Rescan => {
                self.files.about_after = Some(0);
                self.files.taken.clear();
                self.files.stale = true;
                self.follow_folders()?;
                self.scan_all()?;
            }
            Control::Retag => self.retag()?,
        }
        Ok(())
    }

    /// Keeps how the work went that has just come to its end.
    fn note_run(&mut self) -> Result<(), PipelineError> {
        let Some(burst) = self.burst.take() else {
            return Ok(());
        };
        let device = self.shared.device();
        let run = burst.end(&self.shared.progress, &self.identity.name, device);
        self.channels
            .writer
            .apply_now(move |w| w.set_last_run(&run))
    }
}

fn stamp_of(path: &Path) -> Option<FileStamp> {
    std::fs::metadata(path).ok().map(|m| FileStamp::of(&m))
}
