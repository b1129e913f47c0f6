//! What the worker is asked for by the coordinator.

use crossbeam_channel::Sender;

use crate::indexer::shared::PipelineError;

/// What the worker is asked for.
pub(crate) enum Task {
    /// Open the model, so that the readers know what it takes.
    Open(Sender<Result<(), PipelineError>>),
    /// Bring all tags up to date with the labels.
    Retag(Sender<Result<(), PipelineError>>),
}
