//! Jobs that are done one at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::app::threads::outbox::Outbox;

/// Where jobs of one kind are started, each on a thread of its own while there is no other.
#[derive(Clone)]
pub(crate) struct Jobs {
    name: &'static str,
    outbox: Outbox,
    running: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
}

impl Jobs {
    /// Their threads are called `name`; that one has ended is told through `outbox`.
    pub(crate) fn new(name: &'static str, outbox: Outbox) -> Self {
        Self {
            name,
            outbox,
            running: Arc::default(),
            stop: Arc::default(),
        }
    }

    /// Whether a job is being done.
    pub(crate) fn is_running(&self) -> bool {
        self.running.load(Ordering::Relaxed)
    }

    /// Has the job end soon, which it finds out by [`Jobs::is_cancelled`].
    pub(crate) fn cancel(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether the job shall end.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The same for those who look at a flag.
    pub(crate) fn stop_flag(&self) -> &AtomicBool {
        &self.stop
    }

    /// Starts a job, unless one is being done already or there is no thread to be had: `false` then.
    pub(crate) fn start(&self, job: impl FnOnce() + Send + 'static) -> bool {
        if self.running.swap(true, Ordering::Relaxed) {
            return false;
        }
        self.stop.store(false, Ordering::Relaxed);
        let (running, outbox) = (self.running.clone(), self.outbox.clone());
        let work = move || {
            job();
            running.store(false, Ordering::Relaxed);
            // Whoever drew the job's last event drew it as running.
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
