//! Scores one label on every photo of a library.

use crate::core::ids::{ModelId, PhotoId};
use crate::engine::{Engine, ModelIdentity};
use crate::indexer::chunk::Scale;
use crate::indexer::judge::Library;
use crate::indexer::labels;
use crate::indexer::prepared::{PreparedPhotos, Source};
use crate::indexer::shared::PipelineError;
use crate::indexer::tag_inputs::TagInputs;
use crate::store::Store;
use crate::tagging::{Label, LabelModel, Reference};

/// A label's confidences.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Confidences {
    /// The confidence from which the label is applied.
    pub(crate) threshold: f32,
    /// Photos with their confidence, the highest first.
    pub(crate) photos: Vec<(PhotoId, f32)>,
}

/// What scoring a label needs, kept so that each further label costs one product.
pub(crate) struct Scores {
    reference: Reference,
    model: ModelId,
    prepared: PreparedPhotos,
    scale: Scale,
}

impl Scores {
    /// For the embeddings of `model`, the engine's id in the library. Photos in `prepared` are not
    /// prepared again.
    ///
    /// # Errors
    /// If the engine cannot embed the reference texts.
    pub(crate) fn new(
        engine: &Engine,
        model: ModelId,
        prepared: PreparedPhotos,
    ) -> Result<Self, PipelineError> {
        Ok(Self {
            reference: labels::reference(engine)?,
            model,
            prepared,
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
        let inputs = TagInputs::read(store, identity)?;
        let label = self
            .library(engine, store, &inputs)?
            .in_force(&inputs, name)?;
        match label {
            Some(label) => self.assess(store, identity, &label).map(Some),
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
        let inputs = TagInputs::read(store, identity)?;
        let label = Label {
            general: inputs.vocabulary.general(),
            ..label.clone()
        };
        let label = self.library(engine, store, &inputs)?.tried(&label)?;
        let label = label.ok_or(PipelineError::Lost { name: "label" })?;
        self.assess(store, identity, &label)
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

    fn assess(
        &self,
        store: &Store,
        identity: &ModelIdentity,
        label: &LabelModel,
    ) -> Result<Confidences, PipelineError> {
        let source = Source {
            store,
            identity,
            model: self.model,
            reference: &self.reference,
        };
        let mut photos = Vec::new();
        self.prepared.for_each(&source, |chunk| {
            photos.extend(chunk.confidences(label)?);
            Ok(())
        })?;
        photos.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        Ok(Confidences {
            threshold: label.threshold(),
            photos,
        })
    }
}
