//! State shared by the pipeline's threads.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::core::encoder::{EncodeError, Preprocessing};
use crate::engine::EngineError;
use crate::folders::WatchError;
use crate::indexer::compute_gate::ComputeGate;
use crate::indexer::notice::Notices;
use crate::indexer::progress::Progress;
use crate::indexer::queue::Queue;
use crate::store::StoreError;
use crate::tagging::{ShapeError, VocabularyError};

/// Increased whenever the decoders can read more than before, so that failed files are tried again.
pub const DECODER_VERSION: i64 = 5;
/// Counted up whenever more is read of what photos say of themselves: it is then read again.
pub(crate) const ABOUT_VERSION: i64 = 5;

/// Why the pipeline ended.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The library cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no model to compute with.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Labels cannot be embedded.
    #[error("the labels cannot be embedded: {0}")]
    Labels(#[from] EncodeError),
    /// Embeddings in the library are not from this model.
    #[error("the library's embeddings do not fit the model: {0}")]
    Shape(#[from] ShapeError),
    /// The library's vocabulary is no longer readable.
    #[error("the vocabulary in the library cannot be used: {0}")]
    Vocabulary(#[from] VocabularyError),
    /// Folders cannot be watched at all.
    #[error(transparent)]
    Watch(#[from] WatchError),
    /// A thread could not be started.
    #[error("the thread `{name}` could not be started: {source}")]
    Thread {
        /// Its name.
        name: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A thread ended unexpectedly.
    #[error("the thread `{name}` has ended unexpectedly; what was finished is kept")]
    Lost {
        /// Its name.
        name: &'static str,
    },
}

/// One for each pipeline.
pub(crate) struct Shared {
    pub(crate) queue: Queue,
    pub(crate) compute_gate: ComputeGate,
    pub(crate) progress: Progress,
    pub(crate) notices: Notices,
    /// Set once the model is open: the input that it takes.
    pub(crate) preprocessing: OnceLock<Preprocessing>,
    /// Set once the model is open: whether it runs on the decoders' cores.
    pub(crate) shares_cores: AtomicBool,
    /// Whether files changed while they were read and the coordinator could not be told which.
    pub(crate) missed: AtomicBool,
    device: Mutex<String>,
    stop: AtomicBool,
    fatal: Mutex<Option<PipelineError>>,
}

impl Shared {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            queue: Queue::default(),
            compute_gate: ComputeGate::default(),
            progress: Progress::default(),
            notices: Notices::default(),
            preprocessing: OnceLock::new(),
            shares_cores: AtomicBool::new(false),
            missed: AtomicBool::new(false),
            device: Mutex::default(),
            stop: AtomicBool::new(false),
            fatal: Mutex::default(),
        })
    }

    /// The model's device; empty until the model is open.
    pub(crate) fn device(&self) -> String {
        self.device
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Sets the model's device.
    pub(crate) fn set_device(&self, device: &str) {
        let mut current = self.device.lock().unwrap_or_else(PoisonError::into_inner);
        if *current != device {
            device.clone_into(&mut current);
        }
        self.shares_cores.store(device == "cpu", Ordering::Relaxed);
    }

    /// Ends the pipeline because it cannot go on. The first reason counts, because others follow
    /// from it. A lost thread is no reason if the thread itself gives one.
    pub(crate) fn fail(&self, error: PipelineError) {
        let mut fatal = self.fatal.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*fatal, None | Some(PipelineError::Lost { .. })) {
            *fatal = Some(error);
        }
        drop(fatal);
        self.stop();
    }

    /// Whether the pipeline has failed.
    pub(crate) fn has_failed(&self) -> bool {
        let fatal = self.fatal.lock().unwrap_or_else(PoisonError::into_inner);
        fatal.is_some()
    }

    /// Takes the reason for a failure.
    pub(crate) fn take_failure(&self) -> Option<PipelineError> {
        self.fatal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Stops the pipeline: it finishes the work it has begun and begins no more.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.queue.close();
    }

    pub(crate) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(crate) fn stop_flag(&self) -> &AtomicBool {
        &self.stop
    }
}
