//! How far a pull or an import has come, and how it is ended.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use crate::model_store::error::ModelStoreError;

/// How often whoever looks on is asked whether to go on, while nothing happens.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long interrupted work may take to clean up before it is left to itself.
const CLEAN_UP: Duration = Duration::from_millis(500);

/// How far a pull or an import has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The hub is asked, or a pause before the next attempt lasts.
    Waiting,
    /// Bytes arrive. A resumed download starts with what is there already.
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
        /// What happened, as a sentence.
        reason: String,
    },
    /// The digest is being computed.
    Checking {
        /// The file's name on the hub.
        file: String,
        /// Bytes that have been read.
        done_bytes: u64,
        /// The file's length.
        total_bytes: u64,
    },
    /// Something that a person should know, though it goes on.
    Warning {
        /// What, as a sentence.
        text: String,
    },
    /// The model is read and put into the models folder.
    Installing,
}

/// Hears how far a pull or an import has come, several times a second also where nothing happens.
/// `Break` ends it.
pub type Watcher<'a> = dyn FnMut(Progress) -> ControlFlow<()> + 'a;

/// Tells work in another thread that nobody wants it any more.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    ended: Arc<AtomicBool>,
    /// The model that it is about.
    model: String,
}

impl Interrupt {
    /// Whether the work shall end.
    pub(crate) fn is_set(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// An error once the work shall end.
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

/// Does `work` in a thread of that name, while `watcher` hears again and again that it is at `step`
/// and can end it. Work that does not end when told goes on alone, and finds that out in the end.
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
            // Whoever waited may have given up.
            let _ = sender.send(work(&for_work));
        })
        .map_err(|source| ModelStoreError::Thread { source })?;
    let mut ended_at: Option<Instant> = None;
    loop {
        match done.recv_timeout(LOOK_EVERY) {
            // Done all the same, in the moment in which it was told to end.
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
