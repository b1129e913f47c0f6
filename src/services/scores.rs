//! Scores one label on every photo of a library.

use crate::core::ids::{EmbeddingId, ModelId, PhotoId};
use crate::engine::{Engine, ModelIdentity};
use crate::indexer::chunk::{Chunk, Scale};
use crate::indexer::judge::Library;
use crate::indexer::labels;
use crate::indexer::shared::PipelineError;
use crate::indexer::tag_inputs::TagInputs;
use crate::store::Store;
use crate::tagging::{Label, LabelModel, Reference};

/// Photos read at once.
const CHUNK: usize = 16_384;

/// A label's confidences.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Confidences {
    /// The confidence from which the label is applied.
    pub(crate) threshold: f32,
    /// Photos with their confidence, the highest first.
    pub(crate) photos: Vec<(PhotoId, f32)>,
}

/// Photos kept prepared for scoring, a kilobyte each, so that each further label costs one product.
pub(crate) struct Scores {
    reference: Reference,
    model: ModelId,
    chunks: Vec<Chunk>,
    /// The last embedding among them.
    last_id: EmbeddingId,
    scale: Scale,
}

impl Scores {
    /// Prepares for the embeddings of `model`, the engine's id in the library.
    ///
    /// # Errors
    /// If the engine cannot embed the reference texts.
    pub(crate) fn new(engine: &Engine, model: ModelId) -> Result<Self, PipelineError> {
        Ok(Self {
            reference: labels::reference(engine)?,
            model,
            chunks: Vec::new(),
            last_id: EmbeddingId::default(),
            scale: Scale::default(),
        })
    }

    /// Returns the confidences of the vocabulary's label `name`; `None` if there is none of that
    /// name.
    ///
    /// # Errors
    /// If the library cannot be read, or the model cannot embed the label's texts.
    pub(crate) fn label(
        &mut self,
        engine: &Engine,
        store: &Store,
        identity: &ModelIdentity,
        name: &str,
    ) -> Result<Option<Confidences>, PipelineError> {
        let inputs = self.catch_up(store, identity)?;
        let label = self
            .library(engine, store, &inputs)?
            .in_force(&inputs, name)?;
        match label {
            Some(label) => self.assess(&label).map(Some),
            None => Ok(None),
        }
    }

    /// Returns the confidences of a label that is not in the vocabulary, as if it were, with the
    /// vocabulary's threshold.
    ///
    /// # Errors
    /// As [`Scores::label`].
    pub(crate) fn tried(
        &mut self,
        engine: &Engine,
        store: &Store,
        identity: &ModelIdentity,
        label: &Label,
    ) -> Result<Confidences, PipelineError> {
        let inputs = self.catch_up(store, identity)?;
        let label = Label {
            general_threshold: inputs.vocabulary.general_threshold(),
            general_prior: inputs.vocabulary.general_prior(),
            ..label.clone()
        };
        let label = self.library(engine, store, &inputs)?.tried(&label)?;
        let label = label.ok_or(PipelineError::Lost { name: "label" })?;
        self.assess(&label)
    }

    fn library<'a>(
        &'a mut self,
        engine: &'a Engine,
        store: &'a Store,
        inputs: &TagInputs,
    ) -> Result<Library<'a>, PipelineError> {
        let (reference, model) = (&self.reference, self.model);
        Ok(Library {
            engine,
            reference,
            store,
            model,
            scale: self.scale.of(inputs, store, model, reference)?,
        })
    }

    /// Prepares the library's new photos, and reads its labels.
    fn catch_up(
        &mut self,
        store: &Store,
        identity: &ModelIdentity,
    ) -> Result<TagInputs, PipelineError> {
        let inputs = TagInputs::read(store, identity)?;
        loop {
            let (matrix, last_id) = store.matrix_after(self.model, self.last_id, CHUNK)?;
            if matrix.is_empty() {
                return Ok(inputs);
            }
            self.chunks.push(Chunk::new(matrix, &self.reference)?);
            self.last_id = last_id;
        }
    }

    fn assess(&self, label: &LabelModel) -> Result<Confidences, PipelineError> {
        let mut photos = Vec::with_capacity(self.chunks.iter().map(Chunk::len).sum());
        for chunk in &self.chunks {
            photos.extend(chunk.confidences(label)?);
        }
        photos.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        Ok(Confidences {
            threshold: label.threshold(),
            photos,
        })
    }
}
