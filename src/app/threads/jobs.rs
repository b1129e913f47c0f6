//! Runs jobs one at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::app::threads::outbox::Outbox;

/// Starts jobs of one kind, each on its own thread while there is no other.
#[derive(Clone)]
pub(crate) struct Jobs {
    name: &'static str,
    outbox: Outbox,
    running: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
}

impl Jobs {
    /// Names their threads `name`, and wakes the window through `outbox` when one has ended.
    pub(crate) fn new(name: &'static str, outbox: Outbox) -> Self {
        Self {
            name,
            outbox,
            running: Arc::default(),
            stop: Arc::default(),
        }
    }

    /// Whether a job is running.
    pub(crate) fn is_running(&self) -> bool {
        self.running.load(Ordering::Relaxed)
    }

    /// Asks the job to stop soon, which it finds out from [`Jobs::is_cancelled`].
    pub(crate) fn cancel(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether the job should stop.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The same as a flag.
    pub(crate) fn stop_flag(&self) -> &AtomicBool {
        &self.stop
    }

    /// Starts a job. Returns `false` if one is running, or no thread can be started.
    pub(crate) fn start(&self, job: impl FnOnce() + Send + 'static) -> bool {
        if self.running.swap(true, Ordering::Relaxed) {
            return false;
        }
        self.stop.store(false, Ordering::Relaxed);
        let (running, outbox) = (self.running.clone(), self.outbox.clone());
        let work = move || {
            job();
            running.store(false, Ordering::Relaxed);
            // The window drew the job's last event while it was still running.
            outbox.wake();
        };
        let thread = std::thread::Builder::new().name(self.name.into());
        let spawned = thread.spawn(work).is_ok();
        if !spawned {
            self.running.store(false, Ordering::Relaxed);
        }
        spawned
    }
}
