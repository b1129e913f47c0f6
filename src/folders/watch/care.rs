//! Maintains roots: starts watching them, polls, and notices when they disappear or come back.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use notify::ErrorKind;

use crate::folders::scan::{FolderIdentity, RootState, folder_identity};
use crate::folders::watch::backend;
use crate::folders::watch::backend::OnEvent;
use crate::folders::watch::event;
use crate::folders::watch::event::Look;
use crate::folders::watch::hint::WatchState;
use crate::folders::watch::pending::Pending;
use crate::folders::watch::shared::{Root, Shared, lock, wake};

/// How often to check that a root still exists. The system does not report a disconnected drive.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// The work of the thread `watch-care`. It queries the file system, which may be slow on a network
/// drive, so it holds no lock meanwhile.
pub(super) struct Care<'a> {
    shared: &'a Shared,
}

/// A root's state when it was last checked.
struct Charge {
    path: PathBuf,
    state: WatchState,
    identity: Option<FolderIdentity>,
    pending: Arc<Mutex<Pending>>,
    /// Something happened to the folder itself, so it may be another one of the same name. Its
    /// number does not tell, because file systems reuse numbers.
    asked: bool,
}

/// The result of checking a root.
enum Turn {
    /// Nothing to do.
    Stay,
    /// A scan is due.
    Poll,
    /// It has this new state and is not watched.
    Become(WatchState),
    /// Start watching it again.
    Reopen,
}

impl<'a> Care<'a> {
    pub(super) fn new(shared: &'a Shared) -> Self {
        Self { shared }
    }

    pub(super) fn run(&self, woken: &Receiver<()>) {
        while !self.shared.stop.load(Ordering::Relaxed) {
            let now = Instant::now();
            for charge in self.charges(now) {
                let turn = self.look_after(&charge);
                self.apply(&charge, turn);
            }
            let next = lock(&self.shared.roots).values().map(|r| r.next_care).min();
            let ended = match next {
                Some(next) => woken.recv_deadline(next) == Err(RecvTimeoutError::Disconnected),
                None => woken.recv().is_err(),
            };
            if ended {
                return;
            }
        }
    }

    /// Starts watching `root`, as far as possible. Hints go to `pending`, if it has some already.
    pub(super) fn open(&self, root: &Path, pending: Option<Arc<Mutex<Pending>>>) -> Root {
        let pending = pending.unwrap_or_else(|| {
            let debounce = self.shared.options.debounce;
            Arc::new(Mutex::new(Pending::new(debounce)))
        });
        let identity = identity(root);
        let (state, watch) = match RootState::of(root) {
            RootState::Missing => (offline(MISSING), None),
            RootState::Unreadable(reason) => (WatchState::Offline { reason }, None),
            RootState::Present | RootState::Empty => self.watch(root, &pending),
        };
        Root {
            next_care: Instant::now() + self.interval(&state),
            state,
            unsent: false,
            pending,
            identity,
            _watch: watch,
        }
    }

    fn watch(
        &self,
        root: &Path,
        pending: &Arc<Mutex<Pending>>,
    ) -> (WatchState, Option<Box<dyn Send>>) {
        let polling = |reason: String| (WatchState::Polling { reason }, None);
        if self.shared.options.force_polling {
            return polling("Watching is switched off.".to_owned());
        }
        if let Some(kind) = self.shared.backend.network(root) {
            return polling(format!(
                "It lies on a network file system ({kind}), which does not tell of changes made by \
                 others."
            ));
        }
        let follow_links = self.shared.options.follow_links;
        let on_event = self.on_event(root.to_path_buf(), Arc::clone(pending));
        match self.shared.backend.watch(root, follow_links, on_event) {
            Ok(watch) => (WatchState::Watching, Some(watch)),
            Err(error) => polling(backend::reason(&error)),
        }
    }

    /// Records the folder to scan because of an event and returns at once, because the system's
    /// event queue fills while it runs.
    fn on_event(&self, root: PathBuf, pending: Arc<Mutex<Pending>>) -> OnEvent {
        let hidden = self.shared.options.hidden;
        let (hints, care): (Sender<()>, Sender<()>) =
            (self.shared.hints.clone(), self.shared.care.clone());
        Box::new(move |event| {
            let now = Instant::now();
            let looks = match &event {
                Ok(event) => event::looks(&root, event, hidden, &|path| path.is_dir()),
                Err(_) => vec![Look::All],
            };
            if looks.is_empty() {
                return;
            }
            let mut pending = lock(&pending);
            let before = pending.next_due();
            if let Err(error) = &event
                && matches!(error.kind, ErrorKind::MaxFilesWatch)
            {
                pending.fail(backend::reason(error));
                wake(&care);
            }
            for look in looks {
                match look {
                    Look::Folder(folder) => pending.look(&folder, false, now),
                    Look::Tree(folder) => pending.look(&folder, true, now),
                    Look::All => pending.look_everywhere(now),
                    Look::Root => {
                        pending.look_everywhere(now);
                        pending.ask_for_care();
                        wake(&care);
                    }
                }
            }
            // The thread already knows an earlier time, and later events only postpone it.
            let after = pending.next_due();
            if before.is_none() || after < before {
                wake(&hints);
            }
        })
    }

    fn interval(&self, state: &WatchState) -> Duration {
        let poll = self.shared.options.poll_interval;
        match state {
            WatchState::Polling { .. } => poll,
            WatchState::Watching | WatchState::Offline { .. } => poll.min(CHECK_INTERVAL),
        }
    }

    /// Returns the roots that are due, and sets their next check.
    fn charges(&self, now: Instant) -> Vec<Charge> {
        let mut charges = Vec::new();
        for (path, root) in lock(&self.shared.roots).iter_mut() {
            let asked = lock(&root.pending).take_care();
            if root.next_care > now && !asked {
                continue;
            }
            root.next_care = now + self.interval(&root.state);
            charges.push(Charge {
                path: path.clone(),
                state: root.state.clone(),
                identity: root.identity.clone(),
                pending: Arc::clone(&root.pending),
                asked,
            });
        }
        charges
    }

    fn look_after(&self, charge: &Charge) -> Turn {
        let failure = lock(&charge.pending).take_failure();
        let root = RootState::of(&charge.path);
        let was_offline = matches!(charge.state, WatchState::Offline { .. });
        let gone = |reason: String| {
            let state = WatchState::Offline { reason };
            if was_offline {
                Turn::Stay
            } else {
                Turn::Become(state)
            }
        };
        match root {
            RootState::Missing => return gone(MISSING.to_owned()),
            RootState::Unreadable(reason) => return gone(reason),
            // An empty folder is what a drive leaves, or what it will be mounted on.
            RootState::Empty if was_offline => return Turn::Stay,
            RootState::Empty if identity(&charge.path) != charge.identity => {
                return gone("Its drive is not mounted: its folder is empty.".to_owned());
            }
            RootState::Present if was_offline => return Turn::Reopen,
            RootState::Present | RootState::Empty => {}
        }
        if let Some(reason) = failure {
            return Turn::Become(WatchState::Polling { reason });
        }
        if charge.asked || identity(&charge.path) != charge.identity {
            return Turn::Reopen;
        }
        match charge.state {
            WatchState::Polling { .. } => Turn::Poll,
            _ => Turn::Stay,
        }
    }

    fn apply(&self, charge: &Charge, turn: Turn) {
        let reopened = match turn {
            Turn::Stay => return,
            Turn::Poll => {
                lock(&charge.pending).look_everywhere_now(Instant::now());
                return wake(&self.shared.hints);
            }
            Turn::Become(state) => Root {
                next_care: Instant::now() + self.interval(&state),
                state,
                unsent: true,
                pending: Arc::clone(&charge.pending),
                identity: charge.identity.clone(),
                _watch: None,
            },
            Turn::Reopen => self.open(&charge.path, Some(Arc::clone(&charge.pending))),
        };
        let mut roots = lock(&self.shared.roots);
        // It may have been removed, or removed and added again, meanwhile.
        let Some(root) = roots.get_mut(&charge.path) else {
            return;
        };
        if !Arc::ptr_eq(&root.pending, &charge.pending) {
            return;
        }
        let unsent = root.unsent || root.state != reopened.state;
        let replaced = std::mem::replace(root, Root { unsent, ..reopened });
        drop(roots);
        drop(replaced);
        lock(&charge.pending).look_everywhere_now(Instant::now());
        wake(&self.shared.hints);
    }
}

const MISSING: &str = "It is not there: its drive is not connected, or it was moved or deleted.";

fn offline(reason: &str) -> WatchState {
    let reason = reason.to_owned();
    WatchState::Offline { reason }
}

fn identity(root: &Path) -> Option<FolderIdentity> {
    folder_identity(root, &fs::metadata(root).ok()?)
}
