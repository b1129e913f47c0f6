//! The coordinator's requests to the worker.

use crossbeam_channel::Sender;

use crate::indexer::shared::PipelineError;
use crate::indexer::tag_inputs::TagInputs;
use crate::store::ScaleConstants;

/// A request to the worker.
pub(crate) enum Task {
    /// Opens the model, so that the readers know its input.
    Open(Sender<Result<(), PipelineError>>),
    /// Brings all tags up to date with these labels.
    Retag(Box<TagInputs>, Sender<Result<(), PipelineError>>),
    /// Fits the model's constants to the starter's verdicts on the photos that determine the scale.
    Calibrate(
        Box<TagInputs>,
        Sender<Result<Option<ScaleConstants>, PipelineError>>,
    ),
}
