//! The coordinator's requests to the worker.

use crossbeam_channel::Sender;

use crate::indexer::shared::PipelineError;

/// A request to the worker.
pub(crate) enum Task {
    /// Opens the model, so that the readers know its input.
    Open(Sender<Result<(), PipelineError>>),
    /// Brings all tags up to date with the labels.
    Retag(Sender<Result<(), PipelineError>>),
}
