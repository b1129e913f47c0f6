//! Hints where to look again, from the system where it can watch and from a clock where it cannot.
//!
//! An event is never taken for a fact. It may be late, merged with others or one of many that were
//! lost, and it says nothing about what happened before its folder was watched. So all that comes
//! out of here is "look at this folder again" ([`Hint`]), and a missed event costs time, not truth.
//!
//! Hints of a folder wait until it has been quiet, and those of a thousand files are one. If the
//! receiver is slow they merge further, in the end into a look at everything: memory is bounded,
//! and the system's events are taken without waiting for anybody.
//!
//! A root is watched, polled or offline ([`WatchState`]). It is polled where watching fails or
//! would not tell the truth, and the reason says so. Every root is also looked after: one that goes
//! away, or that something else is mounted over, is noticed within seconds and picked up again when
//! it is back. Look at a root in full *after* [`Watcher::add`]: what changes in between is hinted.

mod backend;
mod care;
mod event;
mod pending;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use crate::folders::scan::FolderId;
use backend::{Backend, System};
use care::Care;
use pending::Pending;

/// How a watcher works.
#[derive(Clone, Debug)]
pub(crate) struct WatchOptions {
    /// A hint is given when its folder has been quiet for this long, or after eight times as long
    /// if it never is.
    pub(crate) debounce: Duration,
    /// How often a root that cannot be watched is to be looked at.
    pub(crate) poll_interval: Duration,
    /// Watch nothing, poll everything.
    pub(crate) force_polling: bool,
    /// As in [`ScanOptions`](crate::folders::scan::ScanOptions), which must agree.
    pub(crate) follow_links: bool,
    /// As in [`ScanOptions`](crate::folders::scan::ScanOptions), which must agree.
    pub(crate) hidden: bool,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self {
            debounce: Duration::from_millis(500),
            poll_interval: Duration::from_secs(30),
            force_polling: false,
            follow_links: false,
            hidden: false,
        }
    }
}

/// A place to look at again. Perhaps nothing changed there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// [`scan_folder`](crate::folders::scan::scan_folder) is to look at this folder, which may be gone.
    Look {
        /// The root that it lies in.
        root: PathBuf,
        /// The folder.
        folder: PathBuf,
        /// Everything below it, too.
        recursive: bool,
    },
    /// [`scan`](crate::folders::scan::scan) is to look at everything.
    LookAll {
        /// The root.
        root: PathBuf,
    },
}

/// How changes below a root are noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WatchState {
    /// The system tells of them.
    Watching,
    /// By looking at intervals.
    Polling {
        /// Why the system cannot tell of them, in sentences.
        reason: String,
    },
    /// Not at all: the root cannot be seen at present. It is picked up again when it is back.
    Offline {
        /// What is wrong with it, in a sentence.
        reason: String,
    },
}

/// What a watcher sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WatchEvent {
    /// Look again.
    Hint(Hint),
    /// A root is in another state than before. A look at everything in it follows.
    State {
        /// The root.
        root: PathBuf,
        /// Its state now.
        state: WatchState,
    },
}

/// Watching cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// No thread could be started.
    #[error(
        "folders cannot be watched, since no thread could be started: {0}. Close some programs"
    )]
    Thread(#[from] io::Error),
}

/// Watches roots until it is dropped.
pub(crate) struct Watcher {
    shared: Arc<Shared>,
}

/// What the API, the events of the system and two threads share.
struct Shared {
    options: WatchOptions,
    backend: Box<dyn Backend>,
    sender: Sender<WatchEvent>,
    roots: Mutex<BTreeMap<PathBuf, Root>>,
    stop: AtomicBool,
    /// Wakes the thread that gives hints.
    hints: Sender<()>,
    /// Wakes the thread that looks after roots.
    care: Sender<()>,
}

struct Root {
    state: WatchState,
    /// The state is to be sent.
    unsent: bool,
    pending: Arc<Mutex<Pending>>,
    identity: Option<FolderId>,
    /// What watches, for as long as it is kept.
    _watch: Option<Box<dyn Send>>,
    next_care: Instant,
}

impl Watcher {
    /// Starts with no roots. Events go to `sender`, whose channel is to be bounded; that it is full
    /// is no harm. Two threads, `watch-hints` and `watch-care`, run until the watcher is dropped.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub(crate) fn new(
        options: WatchOptions,
        sender: Sender<WatchEvent>,
    ) -> Result<Self, WatchError> {
        Self::with_backend(options, sender, Box::new(System))
    }

    fn with_backend(
        options: WatchOptions,
        sender: Sender<WatchEvent>,
        backend: Box<dyn Backend>,
    ) -> Result<Self, WatchError> {
        let (hints, hints_woken) = bounded(1);
        let (care, care_woken) = bounded(1);
        let shared = Arc::new(Shared {
            options,
            backend,
            sender,
            roots: Mutex::default(),
            stop: AtomicBool::new(false),
            hints,
            care,
        });
        let watcher = Self { shared };
        let shared = Arc::clone(&watcher.shared);
        thread::Builder::new()
            .name("watch-hints".to_owned())
            .spawn(move || shared.give_hints(&hints_woken))?;
        let shared = Arc::clone(&watcher.shared);
        thread::Builder::new()
            .name("watch-care".to_owned())
            .spawn(move || Care::new(&shared).run(&care_woken))?;
        Ok(watcher)
    }

    /// Begins to watch `root`, an absolute path, and says how. It takes as long as listing its
    /// folders. A root that is watched already is begun with anew.
    pub(crate) fn add(&self, root: &Path) -> WatchState {
        let opened = Care::new(&self.shared).open(root, None);
        let state = opened.state.clone();
        lock(&self.shared.roots).insert(root.to_path_buf(), opened);
        wake(&self.shared.care);
        wake(&self.shared.hints);
        state
    }

    /// Stops watching `root`. Hints that were sent before may still be in the channel.
    pub(crate) fn remove(&self, root: &Path) {
        let removed = lock(&self.shared.roots).remove(root);
        // What watches may take a moment to end, and others need not wait for that.
        drop(removed);
    }

    /// All roots and how they are watched, sorted by path.
    pub(crate) fn states(&self) -> Vec<(PathBuf, WatchState)> {
        let roots = lock(&self.shared.roots);
        roots
            .iter()
            .map(|(path, root)| (path.clone(), root.state.clone()))
            .collect()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        wake(&self.shared.hints);
        wake(&self.shared.care);
        // The threads are not waited for: one of them may be held up by a network drive.
        lock(&self.shared.roots).clear();
    }
}

/// How soon to try again when the receiver is busy.
const RETRY: Duration = Duration::from_millis(50);

impl Shared {
    fn give_hints(&self, woken: &Receiver<()>) {
        while !self.stop.load(Ordering::Relaxed) {
            match self.give_due(Instant::now()) {
                Some(next) => {
                    // A timeout is what it waits for.
                    let _ = woken.recv_deadline(next);
                }
                None if woken.recv().is_err() => return,
                None => {}
            }
        }
    }

    /// Sends what is due and says when more will be.
    fn give_due(&self, now: Instant) -> Option<Instant> {
        let mut next: Option<Instant> = None;
        let mut sooner = |at: Instant| next = Some(next.map_or(at, |next| next.min(at)));
        for (path, root) in lock(&self.roots).iter_mut() {
            if root.unsent {
                root.unsent = !self.send(WatchEvent::State {
                    root: path.clone(),
                    state: root.state.clone(),
                });
            }
            let mut pending = lock(&root.pending);
            // A state goes before the look that it asks for.
            if root.unsent {
                sooner(now + RETRY);
                continue;
            }
            for hint in pending.take_due(path, now) {
                if !self.send(WatchEvent::Hint(hint)) {
                    // The hints that were not given are part of a look at everything.
                    pending.look_everywhere_now(now + RETRY);
                    break;
                }
            }
            if let Some(at) = pending.next_due() {
                sooner(at);
            }
        }
        next
    }

    /// Whether the event was taken, or nobody is there to take it.
    fn send(&self, event: WatchEvent) -> bool {
        !matches!(self.sender.try_send(event), Err(TrySendError::Full(_)))
    }
}

/// Wakes a thread; if it was woken already and has not seen it yet, once is enough.
fn wake(thread: &Sender<()>) {
    let _ = thread.try_send(());
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
