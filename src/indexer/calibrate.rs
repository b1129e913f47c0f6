//! Fits the constants of a model that nobody measured on photographs to the starter's verdicts on
//! the library's photos. Both must have embedded them, as in a library that began with the starter.

use std::collections::HashSet;

use rayon::prelude::*;

use crate::core::ids::{ModelId, PhotoId};
use crate::engine::{Engine, ModelIdentity, Scoring};
use crate::indexer::chunk::Chunk;
use crate::indexer::labels;
use crate::indexer::shared::PipelineError;
use crate::indexer::tag_inputs::TagInputs;
use crate::store::{EmbeddingMatrix, ScaleConstants, ScalePhotos, Store};
use crate::tagging::scoring::calibration::to_library;
use crate::tagging::{Label, LabelModel, ShapeError, Standing, Vocabulary, constants};

/// The fewest photos with both embeddings to fit constants to.
const FEWEST_PHOTOS: usize = 16;
/// The most: more change the constants by less than a hundredth.
const MOST_PHOTOS: usize = 512;
/// The most labels of the person's vocabulary.
const MOST_LABELS: usize = 512;

/// Returns the constants; `None` if the starter has embedded too few of the photos that determine the
/// scale, or the engine's model needs none because it is the starter.
///
/// # Errors
/// If the library cannot be read, or a model cannot embed the labels.
pub(crate) fn by_starter(
    engine: &Engine,
    store: &Store,
    model: ModelId,
    inputs: &TagInputs,
) -> Result<Option<ScaleConstants>, PipelineError> {
    let starter = store.model(&ModelIdentity::starter().fingerprint)?;
    let (Some(starter), Some(scale)) = (starter, inputs.scale) else {
        return Ok(None);
    };
    if engine.scoring == Scoring::Starter {
        return Ok(None);
    }
    let (own, theirs) = common(store, [model, starter], scale)?;
    if own.photo_ids.len() < FEWEST_PHOTOS {
        return Ok(None);
    }
    let labels = compared(&inputs.vocabulary);
    let (theirs, models) = scaled(&Engine::starter()?, &labels, theirs)?;
    let verdicts = models.par_iter().map(|label| {
        let assessed = label.assess_all(&theirs.views)?;
        Ok(assessed.into_iter().map(|a| a.confidence).collect())
    });
    let verdicts = verdicts.collect::<Result<Vec<Vec<f32>>, ShapeError>>()?;
    let (own, models) = scaled(engine, &labels, own)?;
    let fitted = constants(&models, &own.views, &verdicts)?;
    Ok(fitted.and_then(to_stored))
}

/// The constants as the library keeps them; `None` if they cannot be kept.
fn to_stored(constants: Standing) -> Option<ScaleConstants> {
    let thousandths = |value: f32| (1000.0 * value).round() as i32;
    let stored = ScaleConstants {
        slope: thousandths(constants.slope),
        bias: thousandths(constants.bias),
    };
    (stored.slope > 0).then_some(stored)
}

/// Those of the scale's photos that both models have embedded, in one order.
fn common(
    store: &Store,
    models: [ModelId; 2],
    scale: ScalePhotos,
) -> Result<(EmbeddingMatrix, EmbeddingMatrix), PipelineError> {
    let scale = ScalePhotos {
        count: scale.count.min(MOST_PHOTOS),
        ..scale
    };
    let chosen = store.scale_matrix(models[0], scale)?.photo_ids;
    let theirs = store.matrix_of(models[1], &chosen)?;
    let both: Vec<PhotoId> = theirs.photo_ids.clone();
    Ok((store.matrix_of(models[0], &both)?, theirs))
}

/// The labels to compare verdicts on: the person's, and the words that photos are compared with
/// anyway, which cost nothing.
fn compared<'a>(vocabulary: &'a Vocabulary) -> Vec<&'a Label> {
    let own = vocabulary.labels().iter().take(MOST_LABELS);
    let mut known = HashSet::new();
    let all = own.chain(labels::background().map(|label| -> &'a Label { label }));
    all.filter(|label| known.insert(label.name.as_str()))
        .collect()
}

/// The photos as a model sees them, and the labels, scaled to them.
fn scaled(
    engine: &Engine,
    labels: &[&Label],
    photos: EmbeddingMatrix,
) -> Result<(Chunk, Vec<LabelModel>), PipelineError> {
    let reference = labels::reference(engine)?;
    let chunk = Chunk::new(photos, &reference)?;
    let usual = reference.usual(&chunk.views)?;
    let mut models = labels::models(engine, labels)?;
    models.par_iter_mut().try_for_each(|model| {
        *model = to_library(model, usual, None, &chunk.views)?;
        Ok::<_, ShapeError>(())
    })?;
    Ok((chunk, models))
}
