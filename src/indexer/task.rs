//! The coordinator's requests to the worker.

use crossbeam_channel::Sender;

use crate::indexer::shared::PipelineError;
use crate::indexer::tag_inputs::TagInputs;

/// A request to the worker.
pub(crate) enum Task {
    /// Opens the model, so that the readers know its input.
    Open(Sender<Result<(), PipelineError>>),
    /// Brings all tags up to date with these labels.
    Retag(Box<TagInputs>, Sender<Result<(), PipelineError>>),
}
