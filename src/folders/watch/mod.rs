//! Hints where to scan again, from the system if it can watch and from a timer if it cannot.
//!
//! An event is never treated as a fact. It may be late, merged with others or one of many that were
//! lost, and it says nothing about what happened before its folder was watched. So the only output
//! is "scan this folder again" ([`Hint`]), and a missed event costs time, not correctness.
//!
//! Hints for a folder wait until it has been quiet, and those for a thousand files become one. If
//! the receiver is slow they merge further, in the end into a scan of everything. So memory is
//! bounded, and the system's events are accepted without waiting.
//!
//! A root is watched, polled or offline ([`WatchState`]). It is polled if watching fails or would
//! be unreliable, and the reason says so. Every root is also checked: one that disappears, or that
//! is covered by another mount, is noticed within seconds and resumed when it is back. Scan a root
//! completely *after* [`Watcher::add`]: changes in between produce hints.

mod backend;
mod care;
mod event;
mod hint;
mod pending;
mod shared;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crossbeam_channel::{Sender, bounded};

use backend::{Backend, System};
use care::Care;
pub(crate) use hint::{Hint, WatchEvent, WatchOptions, WatchState};
use shared::{Shared, lock, wake};

/// Watching cannot start.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// A thread could not be started.
    #[error(
        "folders cannot be watched, since no thread could be started: {0}. Close some programs"
    )]
    Thread(#[from] io::Error),
}

/// Watches roots until it is dropped.
pub(crate) struct Watcher {
    shared: Arc<Shared>,
}

impl Watcher {
    /// Starts without roots. Events go to `sender`, whose channel should be bounded; it may be
    /// full. Two threads, `watch-hints` and `watch-care`, run until the watcher is dropped.
    ///
    /// # Errors
    /// If a thread cannot be started.
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

    /// Starts watching `root`, an absolute path, and returns how. This takes as long as listing its
    /// folders. A root that is already watched is restarted.
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
        // Dropping a watch may take a moment, and others need not wait for that.
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
        // Do not wait for the threads: a network drive may block one of them.
        lock(&self.shared.roots).clear();
    }
}

#[cfg(test)]
mod tests;
