//! State shared by the watcher, the system's events and two threads, and the sending of hints.

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

/// State shared by the API, the system's events and two threads.
pub(super) struct Shared {
    pub(super) options: WatchOptions,
    pub(super) backend: Box<dyn Backend>,
    pub(super) sender: Sender<WatchEvent>,
    pub(super) roots: Mutex<BTreeMap<PathBuf, Root>>,
    pub(super) stop: AtomicBool,
    /// Wakes the thread that sends hints.
    pub(super) hints: Sender<()>,
    /// Wakes the thread that checks roots.
    pub(super) care: Sender<()>,
}

pub(super) struct Root {
    pub(super) state: WatchState,
    /// Whether the state must still be sent.
    pub(super) unsent: bool,
    pub(super) pending: Arc<Mutex<Pending>>,
    pub(super) identity: Option<FolderIdentity>,
    /// Keeps watching as long as it exists.
    pub(super) _watch: Option<Box<dyn Send>>,
    pub(super) next_care: Instant,
}

/// How soon to try again if the receiver is busy.
const RETRY: Duration = Duration::from_millis(50);

impl Shared {
    pub(super) fn give_hints(&self, woken: &Receiver<()>) {
        while !self.stop.load(Ordering::Relaxed) {
            match self.give_due(Instant::now()) {
                Some(next) => {
                    // A timeout is the normal case.
                    let _ = woken.recv_deadline(next);
                }
                None if woken.recv().is_err() => return,
                None => {}
            }
        }
    }

    /// Sends what is due and returns when more will be.
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
            // A state goes before the scan that it requires.
            if root.unsent {
                sooner(now + RETRY);
                continue;
            }
            for hint in pending.take_due(path, now) {
                if !self.send(WatchEvent::Hint(hint)) {
                    // A scan of everything includes the hints that were not sent.
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

    /// Whether the event was accepted, or nobody is there to receive it.
    fn send(&self, event: WatchEvent) -> bool {
        !matches!(self.sender.try_send(event), Err(TrySendError::Full(_)))
    }
}

/// Wakes a thread; if it is about to wake already, once is enough.
pub(super) fn wake(thread: &Sender<()>) {
    let _ = thread.try_send(());
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
