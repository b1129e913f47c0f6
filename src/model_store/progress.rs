//! The progress of a pull or an import, and its cancellation.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use crate::model_store::error::ModelStoreError;

/// How often to ask the watcher whether to continue, while nothing happens.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long interrupted work may take to clean up before it is abandoned.
const CLEAN_UP: Duration = Duration::from_millis(500);

/// The progress of a pull or an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Waiting for the hub, or for the next attempt.
    Waiting,
    /// Bytes arrive. A resumed download starts with the existing bytes.
    Downloading {
        /// The file's name on the hub.
        file: String,
        /// Bytes on disk.
        done_bytes: u64,
        /// The file's length.
        total_bytes: u64,
    },
    /// The connection broke; the next attempt follows.
    Retrying {
        /// The file's name on the hub.
        file: String,
        /// The reason, as a sentence.
        reason: String,
    },
    /// The digest is being computed.
    Checking {
        /// The file's name on the hub.
        file: String,
        /// Bytes read.
        done_bytes: u64,
        /// The file's length.
        total_bytes: u64,
    },
    /// A warning for the user.
    Warning {
        /// The warning, as a sentence.
        text: String,
    },
    /// The model is opened and moved into the models folder.
    Installing,
}

/// Gets the progress of a pull or an import several times a second, even while nothing happens.
/// `Break` cancels it.
pub type Watcher<'a> = dyn FnMut(Progress) -> ControlFlow<()> + 'a;

/// Tells work on another thread that it was cancelled.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    ended: Arc<AtomicBool>,
    /// The model concerned.
    model: String,
}

impl Interrupt {
    /// Whether to stop.
    pub(crate) fn is_set(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Returns an error if the work should stop.
    pub(crate) fn check(&self) -> Result<(), ModelStoreError> {
        match self.is_set() {
            true => Err(cancelled(&self.model)),
            false => Ok(()),
        }
    }
}

pub(crate) fn cancelled(model: &str) -> ModelStoreError {
    ModelStoreError::Cancelled {
        name: model.to_owned(),
    }
}

/// Runs `work` on a thread of that name, and keeps telling `watcher` that it is at `step` and can
/// cancel it. Work that does not stop when told continues alone, and finds out in the end.
pub(crate) fn watched<T: Send + 'static>(
    thread: &str,
    model: &str,
    step: Progress,
    watcher: &mut Watcher<'_>,
    work: impl FnOnce(&Interrupt) -> Result<T, ModelStoreError> + Send + 'static,
) -> Result<T, ModelStoreError> {
    if watcher(step.clone()).is_break() {
        return Err(cancelled(model));
    }
    let interrupt = Interrupt {
        ended: Arc::default(),
        model: model.to_owned(),
    };
    let (sender, done) = sync_channel(1);
    let for_work = interrupt.clone();
    std::thread::Builder::new()
        .name(thread.to_owned())
        .spawn(move || {
            // The caller may have given up.
            let _ = sender.send(work(&for_work));
        })
        .map_err(|source| ModelStoreError::Thread { source })?;
    let mut ended_at: Option<Instant> = None;
    loop {
        match done.recv_timeout(LOOK_EVERY) {
            // It finished just as it was told to stop.
            Ok(result) => return result,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(ModelStoreError::Invalid {
                    name: model.to_owned(),
                    reason: "reading it failed".to_owned(),
                });
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        match ended_at {
            Some(at) if at.elapsed() >= CLEAN_UP => return Err(cancelled(model)),
            Some(_) => {}
            None if watcher(step.clone()).is_break() => {
                interrupt.ended.store(true, Ordering::Release);
                ended_at = Some(Instant::now());
            }
            None => {}
        }
    }
}
