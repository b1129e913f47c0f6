//! Photos that are made ready for scoring, some thousands at a time.

use half::f16;

use crate::core::embedding::Embedding;
use crate::core::ids::{ModelId, PhotoId};
use crate::indexer::shared::PipelineError;
use crate::indexer::tag_inputs::TagInputs;
use crate::store::{EmbeddingMatrix, ScalePhotos, Store};
use crate::tagging::{LabelModel, Matrix, Reference, ShapeError, Views};

/// Photos of a library that are ready to be scored.
pub(crate) struct Chunk {
    pub(crate) photo_ids: Vec<PhotoId>,
    pub(crate) views: Views,
}

impl Chunk {
    /// Makes photos ready.
    ///
    /// # Errors
    /// Where they come from a model of another dimension than the reference.
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

    /// How many photos there are.
    pub(crate) fn len(&self) -> usize {
        self.photo_ids.len()
    }

    /// The photos, each with the confidence that a label is right for it.
    ///
    /// # Errors
    /// Where they come from a model of another dimension than the label.
    pub(crate) fn confidences(
        &self,
        label: &LabelModel,
    ) -> Result<impl Iterator<Item = (PhotoId, f32)>, ShapeError> {
        let assessed = label.assess_all(&self.views)?.into_iter();
        let confidences = assessed.map(|a| a.confidence);
        Ok(self.photo_ids.iter().copied().zip(confidences))
    }
}

/// The photos that tell a library's scale, kept until its rules ask for others.
#[derive(Default)]
pub(crate) struct Scale {
    photos: Option<ScalePhotos>,
    chunk: Option<Chunk>,
}

impl Scale {
    /// The photos that labels are brought to scale by; `None` where the library is too small to
    /// tell, or is not complete yet.
    ///
    /// # Errors
    /// Where the library cannot be read, or its embeddings come from a model of another
    /// dimension.
    pub(crate) fn of(
        &mut self,
        inputs: &TagInputs,
        store: &Store,
        model: ModelId,
        reference: &Reference,
    ) -> Result<Option<&Chunk>, PipelineError> {
        if self.photos != inputs.scale {
            self.chunk = match inputs.scale {
                None => None,
                Some(photos) => {
                    let matrix = store.scale_matrix(model, photos)?;
                    let chunk = (!matrix.is_empty()).then(|| Chunk::new(matrix, reference));
                    chunk.transpose()?
                }
            };
            self.photos = inputs.scale;
        }
        Ok(self.chunk.as_ref())
    }
}

/// A stored row as an embedding again.
pub(crate) fn widen(row: &[f16]) -> Option<Embedding> {
    Embedding::normalised(row.iter().map(|v| v.to_f32()).collect())
}
