//! What the worker is asked for by the coordinator.

use crossbeam_channel::Sender;

use crate::indexer::shared::PipelineError;
use crate::indexer::tag_inputs::TagInputs;

/// What the worker is asked for.
pub(crate) enum Task {
    /// Open the model, so that the readers know what it takes.
    Open(Sender<Result<(), PipelineError>>),
    /// Bring all tags up to date with these labels.
    Retag(Box<TagInputs>, Sender<Result<(), PipelineError>>),
}
