//! Finds out what has to be done, and when all is done.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, never, select};

use crate::core::photo::FileStamp;
use crate::engine::ModelIdentity;
use crate::folders::roots;
use crate::folders::{
    Change, Hint, Now, RootState, Scan, ScanOptions, Scope, SettleOptions, Settler, WatchEvent,
    WatchOptions, WatchState, Watcher, reconcile, scan, scan_folder,
};
use crate::indexer::burst::Burst;
use crate::indexer::changes;
use crate::indexer::control::Control;
use crate::indexer::keywords;
use crate::indexer::notice::Notice;
use crate::indexer::progress::Phase;
use crate::indexer::queue::Job;
use crate::indexer::readback;
use crate::indexer::reader::{Contents, Note};
use crate::indexer::shared::{DECODER_VERSION, PipelineError, Shared};
use crate::indexer::tag_inputs;
use crate::indexer::tag_inputs::TagInputs;
use crate::indexer::worker::Task;
use crate::indexer::writer::WriterHandle;
use crate::store::{Folder, FolderState, ModelId, Store, Writer};

/// How often the coordinator looks around when nothing calls it.
const TICK: Duration = Duration::from_millis(25);
/// How often it looks whether another process has written into the library.
const LIBRARY_TICK: Duration = Duration::from_secs(1);
/// How often the list of waiting files is read while there is work.
const REFILL_TICK: Duration = Duration::from_secs(2);
/// Hints on their way from the watcher.
const HINTS: usize = 1024;

/// What to do.
pub(crate) struct Plan {
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) watch: bool,
    pub(crate) tags_only: bool,
    pub(crate) scan: ScanOptions,
    pub(crate) watching: WatchOptions,
    pub(crate) settle: SettleOptions,
}

/// The coordinator's ways to the others.
pub(crate) struct Ways {
    pub(crate) shared: Arc<Shared>,
    pub(crate) contents: Arc<Contents>,
    pub(crate) writer: WriterHandle,
    pub(crate) worker: Sender<Task>,
    pub(crate) notes: Receiver<Note>,
    pub(crate) orders: Receiver<Control>,
}

pub(crate) struct Coordinator {
    ways: Ways,
    shared: Arc<Shared>,
    store: Store,
    model: ModelId,
    identity: ModelIdentity,
    plan: Plan,
    settler: Settler,
    /// Files that wait for their turn or are being written, by number, and as what.
    taken: HashMap<i64, FileStamp>,
    /// Files that have waited long enough.
    settled: HashMap<PathBuf, FileStamp>,
    watcher: Option<(Watcher, Receiver<WatchEvent>)>,
    /// The vocabulary's, when it was last looked at.
    revision: i64,
    /// The folders that were looked at since the start.
    followed: HashSet<PathBuf>,
    /// Folders that were there at the start and were not asked for.
    left_out: HashSet<PathBuf>,
    /// Files that were found and then were not there, with the stamp that they had.
    vanished: HashMap<i64, FileStamp>,
    /// Whether there may be work that is not in the queue yet.
    stale: bool,
    /// Where sidecars may have changed.
    sidecars: Vec<PathBuf>,
    opened: bool,
    /// Jobs were dropped on their way, so that `contents` claims more than there is.
    dropped: bool,
    refilled: Instant,
    looked: Instant,
    burst: Option<Burst>,
}

impl Coordinator {
    pub(crate) fn new(
        ways: Ways,
        store: Store,
        model: ModelId,
        identity: ModelIdentity,
        plan: Plan,
    ) -> Self {
        Self {
            shared: ways.shared.clone(),
            ways,
            store,
            model,
            identity,
            settler: Settler::new(plan.settle.clone()),
            plan,
            taken: HashMap::new(),
            settled: HashMap::new(),
            watcher: None,
            revision: -1,
            followed: HashSet::new(),
            left_out: HashSet::new(),
            vanished: HashMap::new(),
            stale: true,
            sidecars: Vec::new(),
            opened: false,
            dropped: false,
            refilled: Instant::now(),
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
            self.left_out = there.filter(|path| !wanted.contains(path)).collect();
        }
        // Watching starts first, so that nothing happens unseen between the scan and the watch.
        self.watch()?;
        self.scan_all()?;
        self.retag()?;
        let mut is_grown = true;
        while !self.shared.stopped() {
            self.refill()?;
            if self.is_done() && !self.sidecars.is_empty() {
                self.read_sidecars()?;
            }
            is_grown |= self.burst.is_some();
            if self.is_done() && std::mem::take(&mut is_grown) {
                self.take_scale()?;
                self.retag()?;
            }
            if self.is_done() {
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

    /// The folders that are to be brought up to date. What is added to the library later comes
    /// along: whoever added it found the library in use.
    fn folders(&self) -> Result<Vec<Folder>, PipelineError> {
        let mut folders = self.store.folders()?;
        folders.retain(|folder| {
            folder.state != FolderState::Paused && !self.left_out.contains(&folder.path)
        });
        Ok(folders)
    }

    /// Takes up folders that another process has added or resumed; tells whether there were any.
    fn take_new_folders(&mut self) -> Result<bool, PipelineError> {
        let folders = self.folders()?;
        let paths: HashSet<PathBuf> = folders.iter().map(|f| f.path.clone()).collect();
        self.followed.retain(|path| paths.contains(path));
        if self.followed.len() == paths.len() {
            return Ok(false);
        }
        self.follow_folders()?;
        for folder in folders {
            if !self.followed.contains(&folder.path) {
                self.scan_one(&folder)?;
            }
        }
        Ok(true)
    }

    fn watch(&mut self) -> Result<(), PipelineError> {
        if !self.plan.watch {
            return Ok(());
        }
        let (sender, hints) = bounded(HINTS);
        let watcher = Watcher::new(self.plan.watching.clone(), sender)?;
        for folder in self.folders()? {
            let state = watcher.add(&folder.path);
            self.note_watch(folder.path, state);
        }
        self.watcher = Some((watcher, hints));
        Ok(())
    }

    /// Has the watcher watch the folders that there are now.
    fn follow_folders(&mut self) -> Result<(), PipelineError> {
        let folders: Vec<PathBuf> = self.folders()?.into_iter().map(|f| f.path).collect();
        let Some((watcher, _)) = &self.watcher else {
            return Ok(());
        };
        let watched: Vec<PathBuf> = watcher.states().into_iter().map(|(root, _)| root).collect();
        for root in watched.iter().filter(|root| !folders.contains(root)) {
            watcher.remove(root);
        }
        for root in folders.iter().filter(|root| !watched.contains(root)) {
            self.note_watch(root.clone(), watcher.add(root));
        }
        Ok(())
    }

    fn scan_all(&mut self) -> Result<(), PipelineError> {
        for folder in self.folders()? {
            self.scan_one(&folder)?;
        }
        Ok(())
    }

    fn scan_one(&mut self, folder: &Folder) -> Result<(), PipelineError> {
        self.followed.insert(folder.path.clone());
        self.shared.progress.set_phase(Phase::Scanning);
        let seen = AtomicUsize::new(0);
        let progress = |count: usize| {
            // Counts arrive out of order: only what is more than before is new.
            let before = seen.fetch_max(count, Ordering::Relaxed);
            self.shared.progress.add_found(count.saturating_sub(before));
        };
        let stop = self.shared.stop_flag();
        let found = scan(&folder.path, &self.plan.scan, stop, &progress);
        let counts = serde_json::to_string(&found.passed_over).unwrap_or_default();
        let id = folder.id;
        if self.store.passed_over(id)?.as_ref() != Some(&counts) && !found.stopped {
            self.ways
                .writer
                .apply_now(move |w| w.set_passed_over(id, &counts))?;
        }
        tracing::info!(
            photos = found.files.len(),
            problems = found.problems.len(),
            "looked at a folder"
        );
        self.take_up(folder, &found)
    }

    fn look_again(&mut self, root: &Path, at: &Path, recursive: bool) -> Result<(), PipelineError> {
        let folders = self.folders()?;
        let Some(folder) = folders.iter().find(|f| f.path == root) else {
            return Ok(());
        };
        let stop = self.shared.stop_flag();
        let found = scan_folder(root, at, recursive, &self.plan.scan, stop, &|_| {});
        self.take_up(folder, &found)
    }

    /// Compares what a scan found with what the library knows, and keeps the difference.
    fn take_up(&mut self, folder: &Folder, found: &Scan) -> Result<(), PipelineError> {
        for problem in &found.problems {
            self.shared.notices.add(Notice::Unseen {
                path: problem.path.clone(),
                reason: problem.reason.clone(),
            });
        }
        let below = match &found.scope {
            Scope::Root => None,
            Scope::Folder(folder) | Scope::Tree(folder) => Some(folder.as_path()),
        };
        let known = self.store.files(folder.id, below)?;
        let offline = match found.root {
            RootState::Present => false,
            RootState::Empty => !known.is_empty(),
            RootState::Missing | RootState::Unreadable(_) => true,
        };
        if offline != (folder.state == FolderState::Offline) {
            let path = folder.path.clone();
            self.shared.notices.add(match offline {
                true => Notice::Offline { path },
                false => Notice::Returned { path },
            });
        }
        self.sidecars
            .push(below.unwrap_or(&folder.path).to_path_buf());
        let changes = reconcile(&known, &found.found());
        if changes.is_empty() && offline == (folder.state == FolderState::Offline) {
            return Ok(());
        }
        self.stale = true;
        for change in &changes {
            // What is there again, or was away, is read again where it has to be.
            if let Change::Returned { id, .. } | Change::Missing { id } | Change::Offline { id } =
                change
            {
                self.taken.remove(id);
            }
        }
        let id = folder.id;
        let keep = move |w: &Writer<'_>| {
            w.set_folder_offline(id, offline)?;
            changes::apply(w, id, &changes)
        };
        self.ways.writer.apply_now(keep)
    }

    /// Has labels that keywords have made be one with those that the vocabulary has by now.
    fn join_labels(&mut self) -> Result<(), PipelineError> {
        let vocabulary = tag_inputs::vocabulary(&self.store)?;
        let known = self.store.label_names()?.into_iter().map(|(_, name)| name);
        let joined = keywords::renamed(None, &vocabulary, known.collect());
        if joined.is_empty() {
            return Ok(());
        }
        self.ways.writer.apply_now(move |w| {
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
                let kept = self.ways.writer.apply_now(keep)?;
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
    /// arrive, the tags of those that are there stay as they are.
    fn take_scale(&mut self) -> Result<(), PipelineError> {
        let model = self.model;
        // Everything sent so far is in the library before it is read.
        self.ways.writer.apply_now(|_| Ok(()))?;
        let now = self.store.scale_photos(model)?.map_or(0, |s| s.count);
        match tag_inputs::new_scale(self.store.embedded(model)?, now) {
            Some(count) => {
                let set = move |w: &Writer<'_>| w.set_scale_photos(model, count);
                self.ways.writer.apply_now(set)
            }
            None => Ok(()),
        }
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
        let sent = self.ways.worker.send(task(reply));
        match sent.ok().and_then(|()| replies.recv().ok()) {
            Some(result) => result,
            // Whoever was asked to end has ended.
            None if self.shared.stopped() => Ok(()),
            None => Err(lost()),
        }
    }

    /// Puts into the queue what waits in the library.
    fn refill(&mut self) -> Result<(), PipelineError> {
        let (waiting, open) = self.shared.queue.load();
        // Reading the whole list anew for each hint would keep the library busy for nothing.
        let hurried = waiting + open > 0 && self.refilled.elapsed() < REFILL_TICK;
        if !self.stale || hurried || (self.dropped && open > 0) {
            return Ok(());
        }
        self.stale = false;
        self.refilled = Instant::now();
        let folders: HashSet<PathBuf> = self.folders()?.into_iter().map(|f| f.path).collect();
        let files = self.store.waiting(self.model, DECODER_VERSION)?;
        let now = Now::read();
        let mut ready = Vec::new();
        for file in files {
            if self.taken.get(&file.id) == Some(&file.stamp)
                || !file.path.ancestors().any(|a| folders.contains(a))
            {
                continue;
            }
            let settled = self.settled.get(&file.path) == Some(&file.stamp)
                || file.stamp.is_settled(now.wall_ns);
            if settled {
                self.settled.remove(&file.path);
                self.taken.insert(file.id, file.stamp);
                ready.push((file.id, file.path, file.stamp));
            } else {
                self.settler.offer(file.path, file.stamp, now);
            }
        }
        if ready.is_empty() {
            return Ok(());
        }
        if !self.opened || self.dropped {
            // The readers have to know what the model takes before the first file is read.
            self.ask(Task::Open)?;
            let settled = self.store.settled_contents(self.model, DECODER_VERSION)?;
            self.ways.contents.replace(settled);
            self.opened = true;
            self.dropped = false;
        }
        self.burst
            .get_or_insert_with(|| Burst::begin(&self.shared.progress));
        self.shared.progress.set_phase(Phase::Embedding);
        // Counted first: the readers may be quicker than the next line.
        self.shared.progress.add_total(ready.len());
        self.shared.queue.push(ready);
        Ok(())
    }

    fn is_done(&self) -> bool {
        let (waiting, open) = self.shared.queue.load();
        let heard = self.ways.notes.is_empty() && !self.shared.missed.load(Ordering::Relaxed);
        waiting + open == 0 && !self.stale && self.settler.is_empty() && heard
    }

    /// Waits for something to happen, and sees to it.
    fn wait(&mut self) -> Result<(), PipelineError> {
        let hints = match &self.watcher {
            Some((_, hints)) => hints.clone(),
            None => never(),
        };
        select! {
            recv(self.ways.notes) -> note => match note {
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
            recv(self.ways.orders) -> order => if let Ok(order) = order {
                self.obey(order)?;
            },
            recv(hints) -> hint => if let Ok(hint) = hint {
                self.heed(hint)?;
            },
            default(TICK) => {}
        }
        if self.shared.missed.swap(false, Ordering::Relaxed) {
            self.obey(Control::Rescan)?;
        }
        let due = self.settler.due(Now::read(), stamp_of);
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

    /// A file is not what it was when it was queued: it has the stamp now, or is not there.
    fn changed(&mut self, job: &Job, stamp: Option<FileStamp>) -> Result<(), PipelineError> {
        self.settled.remove(&job.path);
        let file_id = job.file_id;
        if let Some(stamp) = stamp {
            self.stale = true;
            self.taken.remove(&file_id);
            return self
                .ways
                .writer
                .apply_now(move |w| w.edit_file(file_id, stamp));
        }
        // A folder may list what cannot be opened; such a file is not tried for ever.
        if self.vanished.insert(file_id, job.stamp) == Some(job.stamp) {
            self.shared.notices.add(Notice::Unseen {
                path: job.path.clone(),
                reason: "its folder lists it, but it cannot be opened".into(),
            });
            return Ok(());
        }
        self.stale = true;
        self.taken.remove(&file_id);
        // Its folder, or the whole root, may have gone with it.
        let folders: Vec<PathBuf> = self.folders()?.into_iter().map(|f| f.path).collect();
        let around = job.path.parent().unwrap_or(&job.path).to_path_buf();
        match roots::owner(&folders, &job.path).map(Path::to_path_buf) {
            Some(root) => self.look_again(&root, &around, false),
            None => Ok(()),
        }
    }

    /// Files have come to rest, some with another stamp than they were found with.
    fn settle(&mut self, due: Vec<(PathBuf, FileStamp)>) -> Result<(), PipelineError> {
        self.stale = true;
        let mut edited = Vec::new();
        let folders = self.folders()?;
        for (path, stamp) in due {
            for folder in &folders {
                if !path.starts_with(&folder.path) {
                    continue;
                }
                let known = self.store.files(folder.id, Some(&path))?;
                let known = known.into_iter().filter(|f| f.path == path);
                edited.extend(known.filter(|f| f.stamp != stamp).map(|f| (f.id, stamp)));
            }
            self.settled.insert(path, stamp);
        }
        if edited.is_empty() {
            return Ok(());
        }
        self.ways.writer.apply_now(move |w| {
            edited
                .iter()
                .try_for_each(|(id, stamp)| w.edit_file(*id, *stamp))
        })
    }

    fn obey(&mut self, order: Control) -> Result<(), PipelineError> {
        match order {
            Control::Pause => self.shared.queue.pause(true),
            Control::Resume => self.shared.queue.pause(false),
            Control::Cancel => {
                self.shared.queue.cancel();
                self.shared.progress.cut_total();
                self.dropped = true;
            }
            Control::Rescan => {
                self.taken.clear();
                self.stale = true;
                self.follow_folders()?;
                self.scan_all()?;
            }
            Control::Retag => self.retag()?,
        }
        Ok(())
    }

    fn heed(&mut self, event: WatchEvent) -> Result<(), PipelineError> {
        match event {
            WatchEvent::Hint(Hint::Look {
                root,
                folder,
                recursive,
            }) => self.look_again(&root, &folder, recursive),
            WatchEvent::Hint(Hint::LookAll { root }) => {
                let everything = root.clone();
                self.look_again(&root, &everything, true)
            }
            WatchEvent::State { root, state } => {
                self.note_watch(root, state);
                Ok(())
            }
        }
    }

    fn note_watch(&self, path: PathBuf, state: WatchState) {
        let polling = match state {
            WatchState::Watching => None,
            WatchState::Polling { reason } => Some(reason),
            // The scan that follows says so.
            WatchState::Offline { .. } => return,
        };
        self.shared.notices.add(Notice::Watching { path, polling });
    }

    /// Keeps how the work went that has just come to its end.
    fn note_run(&mut self) -> Result<(), PipelineError> {
        let Some(burst) = self.burst.take() else {
            return Ok(());
        };
        let device = self.shared.device();
        let run = burst.end(&self.shared.progress, &self.identity.name, device);
        self.ways.writer.apply_now(move |w| w.set_last_run(&run))
    }
}

fn stamp_of(path: &Path) -> Option<FileStamp> {
    std::fs::metadata(path).ok().map(|m| FileStamp::of(&m))
}
