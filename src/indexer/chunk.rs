//! Photos prepared for scoring, some thousands at a time.

use half::f16;

use crate::core::embedding::Embedding;
use crate::core::ids::{ModelId, PhotoId};
use crate::indexer::shared::PipelineError;
use crate::indexer::tag_inputs::TagInputs;
use crate::store::{EmbeddingMatrix, ScaleConstants, ScalePhotos, Store};
use crate::tagging::{LabelModel, Matrix, Reference, ShapeError, Standing, Views};

/// Photos of a library that are prepared for scoring.
pub(crate) struct Chunk {
    pub(crate) photo_ids: Vec<PhotoId>,
    pub(crate) views: Views,
}

impl Chunk {
    /// Prepares photos.
    ///
    /// # Errors
    /// If their embeddings have another dimension than the reference.
    pub(crate) fn new(matrix: EmbeddingMatrix, reference: &Reference) -> Result<Self, ShapeError> {
        let views = match matrix.is_empty() {
            true => Views::default(),
            false => reference.prepare_all(Matrix::new(&matrix.rows, matrix.dimension)?)?,
        };
        Ok(Self {
            photo_ids: matrix.photo_ids,
            views,
        })
    }

    /// The number of photos.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.photo_ids.len()
    }

    /// Returns the photos, each with the confidence that a label is right for it.
    ///
    /// # Errors
    /// If their embeddings have another dimension than the label.
    pub(crate) fn confidences(
        &self,
        label: &LabelModel,
    ) -> Result<impl Iterator<Item = (PhotoId, f32)>, ShapeError> {
        let assessed = label.assess_all(&self.views)?.into_iter();
        let confidences = assessed.map(|a| a.confidence);
        Ok(self.photo_ids.iter().copied().zip(confidences))
    }
}

/// A library's scale: the photos that determine it, and what was fitted to them.
pub(crate) struct Measured {
    /// The photos.
    pub(crate) chunk: Chunk,
    /// The model's constants, if they were fitted.
    pub(crate) constants: Option<Standing>,
}

/// A library's scale, kept until its rules need another one.
#[derive(Default)]
pub(crate) struct Scale {
    photos: Option<ScalePhotos>,
    measured: Option<Measured>,
}

impl Scale {
    /// Returns what scales labels; `None` if the library is too small or not complete
    /// yet.
    ///
    /// # Errors
    /// If the library cannot be read, or its embeddings have another dimension.
    pub(crate) fn of(
        &mut self,
        inputs: &TagInputs,
        store: &Store,
        model: ModelId,
        reference: &Reference,
    ) -> Result<Option<&Measured>, PipelineError> {
        if self.photos != inputs.scale {
            self.measured = match inputs.scale {
                None => None,
                Some(photos) => {
                    let matrix = store.scale_matrix(model, photos)?;
                    let chunk = (!matrix.is_empty()).then(|| Chunk::new(matrix, reference));
                    let constants = photos.constants.map(from_stored);
                    let measured = |chunk| Measured { chunk, constants };
                    chunk.transpose()?.map(measured)
                }
            };
            self.photos = inputs.scale;
        }
        Ok(self.measured.as_ref())
    }
}

fn from_stored(stored: ScaleConstants) -> Standing {
    let value = |thousandths: i32| thousandths as f32 / 1000.0;
    Standing::alone(value(stored.slope), value(stored.bias))
}

/// Converts a stored row into an embedding.
pub(crate) fn widen(row: &[f16]) -> Option<Embedding> {
    Embedding::normalised(row.iter().map(|v| v.to_f32()).collect())
}
