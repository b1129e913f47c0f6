//! What the watcher, the system's events and its two threads share, and giving the hints.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError};

use crate::folders::scan::FolderIdentity;
use crate::folders::watch::backend::Backend;
use crate::folders::watch::hint::{WatchEvent, WatchOptions, WatchState};
use crate::folders::watch::pending::Pending;

/// What the API, the events of the system and two threads share.
pub(super) struct Shared {
    pub(super) options: WatchOptions,
    pub(super) backend: Box<dyn Backend>,
    pub(super) sender: Sender<WatchEvent>,
    pub(super) roots: Mutex<BTreeMap<PathBuf, Root>>,
    pub(super) stop: AtomicBool,
    /// Wakes the thread that gives hints.
    pub(super) hints: Sender<()>,
    /// Wakes the thread that looks after roots.
    pub(super) care: Sender<()>,
}

pub(super) struct Root {
    pub(super) state: WatchState,
    /// The state is to be sent.
    pub(super) unsent: bool,
    pub(super) pending: Arc<Mutex<Pending>>,
    pub(super) identity: Option<FolderIdentity>,
    /// What watches, for as long as it is kept.
    pub(super) _watch: Option<Box<dyn Send>>,
    pub(super) next_care: Instant,
}

/// How soon to try again when the receiver is busy.
const RETRY: Duration = Duration::from_millis(50);

impl Shared {
    pub(super) fn give_hints(&self, woken: &Receiver<()>) {
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
pub(super) fn wake(thread: &Sender<()>) {
    let _ = thread.try_send(());
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
