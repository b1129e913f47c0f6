//! Judges embeddings by the labels in use and what they have learned.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::core::embedding::Embedding;
use crate::core::ids::{LabelId, ModelId, PhotoId};
use crate::engine::Engine;
use crate::indexer::chunk::{Chunk, Measured};
use crate::indexer::labels;
use crate::indexer::shared::PipelineError;
use crate::indexer::tag_inputs::TagInputs;
use crate::store::{LearnedRow, Store, StoreError, TagRow, Writer};
use crate::tagging;
use crate::tagging::learning::learn;
use crate::tagging::scoring::calibration::to_library;
use crate::tagging::scoring::judge::lift_parents;
use crate::tagging::{
    Assessment, Band, Label, LabelBatch, LabelModel, Reference, ShapeError, Verdict,
};

/// Judges embeddings of one model by one set of inputs.
pub(crate) struct Judge {
    inputs: TagInputs,
    ids: Vec<LabelId>,
    /// The labels that it can judge, by their places in the vocabulary: all, or those that a change
    /// of labels needs.
    places: Vec<usize>,
    /// The models of those labels, in the same order.
    inner: tagging::Judge,
}

/// Which labels a judge is wanted for.
#[derive(Clone, Copy)]
pub(crate) enum Wanted<'a> {
    /// All labels, to tag new photos.
    All,
    /// The labels with these ids, and those that they follow from.
    Some(&'a HashSet<LabelId>),
}

impl Judge {
    /// Embeds the labels, scales them to the library and learns from the decisions. Labels that
    /// have not changed are taken from `previous`. Others that are not wanted are left out, so
    /// editing one label costs only that label, also in a program that has just started.
    ///
    /// # Errors
    /// If the model cannot embed the labels, or the library cannot be read.
    pub(crate) fn new(
        inputs: TagInputs,
        ids: Vec<LabelId>,
        library: &Library<'_>,
        previous: Option<&Self>,
        wanted: Wanted<'_>,
    ) -> Result<Self, PipelineError> {
        let mut known: HashMap<&[u8; 32], &LabelModel> = HashMap::new();
        if let Some(previous) = previous {
            let prints = previous
                .places
                .iter()
                .filter_map(|at| previous.inputs.own.get(*at));
            known.extend(prints.zip(previous.inner.labels()));
        }
        let known = |place: &usize| known.get(inputs.own.get(*place)?).copied();
        let mut new: Vec<usize> = match wanted {
            Wanted::All => (0..inputs.own.len()).collect(),
            Wanted::Some(labels) => needed(&inputs, &ids, labels),
        };
        new.retain(|place| known(place).is_none());
        let places: Vec<usize> = (0..inputs.own.len())
            .filter(|place| known(place).is_some() || new.binary_search(place).is_ok())
            .collect();
        let mut fresh = library.models(&inputs, &new)?.into_iter();
        let mut models = Vec::with_capacity(places.len());
        for place in &places {
            let model = match known(place) {
                Some(known) => Some(known.clone()),
                None => fresh.next(),
            };
            models.push(model.ok_or(PipelineError::Lost { name: "label" })?);
        }
        let parents = parents_among(&inputs, &places);
        let reference = library.reference.clone();
        Ok(Self {
            inner: tagging::Judge::new(reference, models, parents),
            inputs,
            ids,
            places,
        })
    }

    /// Whether it can judge all labels, and so tag new photos.
    pub(crate) fn is_complete(&self) -> bool {
        self.places.len() == self.inputs.own.len()
    }

    /// The ids of the labels that it can judge.
    fn judged(&self) -> impl Iterator<Item = LabelId> + '_ {
        self.places
            .iter()
            .filter_map(|at| self.ids.get(*at).copied())
    }

    /// What a label learned from its decisions; `None` if there are too few.
    pub(crate) fn learned(&self, label: LabelId) -> Option<LearnedRow> {
        let at = self.judged().position(|id| id == label)?;
        let decisions = self.inputs.decisions.get(*self.places.get(at)?)?.len();
        let learned = self.inner.labels().get(at)?.learned();
        (decisions >= learn::ACTIVE_FROM).then(|| LearnedRow {
            decisions,
            in_force: learned.is_some(),
            shift: learned.map_or(0.0, |l| l.shift),
            loss_without: learned.map_or(0.0, |l| l.held_out_loss.0),
            loss_with: learned.map_or(0.0, |l| l.held_out_loss.1),
        })
    }

    /// The label of that name, ready to score photos, with its index in the vocabulary.
    pub(crate) fn model(&self, label: &str) -> Option<(&Label, &LabelModel)> {
        let labels = self.inputs.vocabulary.labels();
        let place = labels.iter().position(|l| l.id == label)?;
        let at = self.places.iter().position(|p| *p == place)?;
        labels.get(place).zip(self.inner.labels().get(at))
    }

    /// The reference texts that photos are compared with besides the labels.
    pub(crate) fn reference(&self) -> &Reference {
        self.inner.reference()
    }

    /// The label vectors with their labels' ids, in the vocabulary's order.
    pub(crate) fn vectors(&self) -> impl Iterator<Item = (&str, &[f32])> {
        let labels = self.inputs.vocabulary.labels();
        let labels = self.places.iter().filter_map(|at| labels.get(*at));
        let models = self.inner.labels().iter();
        labels.zip(models).map(|(l, m)| (l.id.as_str(), m.vector()))
    }

    /// Returns the library's ids of the labels in `names`.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn label_ids(w: &Writer<'_>, names: &[String]) -> Result<Vec<LabelId>, StoreError> {
        names.iter().map(|name| w.label(name)).collect()
    }

    /// The vocabulary revision that it uses.
    pub(crate) fn revision(&self) -> i64 {
        self.inputs.revision
    }

    /// The labels with their fingerprints.
    pub(crate) fn labels(&self) -> impl Iterator<Item = (LabelId, [u8; 32])> + '_ {
        let fingerprints = self.inputs.fingerprints.iter().copied();
        self.ids.iter().copied().zip(fingerprints)
    }

    /// Returns the labels that are applied to a photo or suggested, of those that it can judge.
    pub(crate) fn tags(&self, embedding: &Embedding) -> Vec<TagRow> {
        let verdicts = self.inner.judge(embedding);
        self.judged()
            .zip(verdicts)
            .filter_map(|(label, verdict)| tag(label, &verdict))
            .collect()
    }

    /// Adds to `by_label` the tags that the labels in `wanted` get on all photos of a chunk.
    ///
    /// # Errors
    /// If the embeddings have another dimension.
    pub(crate) fn tag_chunk(
        &self,
        chunk: &Chunk,
        wanted: &HashSet<LabelId>,
        by_label: &mut HashMap<LabelId, Vec<(PhotoId, TagRow)>>,
    ) -> Result<(), ShapeError> {
        let part = self.part(wanted);
        let models: Vec<&LabelModel> = part
            .labels
            .iter()
            .filter_map(|at| self.inner.labels().get(*at))
            .collect();
        let found = Mutex::new(Vec::new());
        LabelBatch::new(models.iter().copied()).for_each_block(
            &chunk.views,
            |first, assessed| {
                let mut tags = Vec::new();
                let photos = chunk.photo_ids.iter().skip(first);
                for (photo, assessed) in photos.zip(assessed.chunks_exact(models.len())) {
                    self.tags_of_row(&part, &models, assessed, wanted, |tag| {
                        tags.push((*photo, tag));
                    });
                }
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                found.push((first, tags));
            },
        )?;
        // The store writes photos faster in the order of their ids.
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.sort_unstable_by_key(|(first, _)| *first);
        for (photo, tag) in found.into_iter().flat_map(|(_, tags)| tags) {
            by_label.entry(tag.label).or_default().push((photo, tag));
        }
        Ok(())
    }

    fn tags_of_row(
        &self,
        part: &Part,
        models: &[&LabelModel],
        assessed: &[Assessment],
        wanted: &HashSet<LabelId>,
        give: impl FnMut(TagRow),
    ) {
        let mut verdicts: Vec<Verdict> = models
            .iter()
            .zip(assessed)
            .map(|(model, Assessment { score, confidence })| Verdict {
                similarity: 0.0,
                score: *score,
                confidence: *confidence,
                band: model.decide(*confidence),
            })
            .collect();
        lift_parents(&part.parents, &mut verdicts);
        let ids = part.places.iter().filter_map(|at| self.ids.get(*at));
        ids.zip(&verdicts)
            .filter(|(label, verdict)| verdict.band != Band::None && wanted.contains(label))
            .filter_map(|(label, verdict)| tag(*label, verdict))
            .for_each(give);
    }

    /// The labels to score for the tags of `wanted`: they and all below them.
    fn part(&self, wanted: &HashSet<LabelId>) -> Part {
        let places = needed(&self.inputs, &self.ids, wanted);
        let (labels, places): (Vec<usize>, Vec<usize>) = places
            .into_iter()
            .filter_map(|place| Some((self.places.binary_search(&place).ok()?, place)))
            .unzip();
        Part {
            parents: parents_among(&self.inputs, &places),
            labels,
            places,
        }
    }
}

/// Some labels of a judge by index, with their places in the vocabulary and the positions of their
/// parents in this list.
struct Part {
    labels: Vec<usize>,
    places: Vec<usize>,
    parents: Vec<Option<usize>>,
}

/// The places of the labels that the tags of `wanted` depend on, in order: they and all below them.
fn needed(inputs: &TagInputs, ids: &[LabelId], wanted: &HashSet<LabelId>) -> Vec<usize> {
    let is_wanted = |at: usize| ids.get(at).is_some_and(|id| wanted.contains(id));
    (0..inputs.own.len())
        .filter(|at| is_wanted(*at) || inputs.vocabulary.ancestors(*at).any(is_wanted))
        .collect()
}

/// For each of these places, in order, where its label's parent is among them.
fn parents_among(inputs: &TagInputs, places: &[usize]) -> Vec<Option<usize>> {
    let parents = places.iter().map(|at| inputs.vocabulary.parent(*at));
    parents
        .map(|parent| places.binary_search(&parent?).ok())
        .collect()
}

fn tag(label: LabelId, verdict: &Verdict) -> Option<TagRow> {
    (verdict.band != Band::None).then_some(TagRow {
        label,
        score: verdict.score,
        confidence: verdict.confidence,
        accepted: verdict.band == Band::Accepted,
    })
}

/// A library, and the model that judges its labels.
pub(crate) struct Library<'a> {
    /// The model.
    pub(crate) engine: &'a Engine,
    /// The reference texts that photos are compared with besides the labels.
    pub(crate) reference: &'a Reference,
    /// The library.
    pub(crate) store: &'a Store,
    /// The model's id in the library.
    pub(crate) model: ModelId,
    /// What determines the library's scale; `None` if there are too few photos.
    pub(crate) scale: Option<&'a Measured>,
}

impl Library<'_> {
    /// Returns a label as it is judged; `None` if there is no such label.
    ///
    /// # Errors
    /// If the model cannot embed its texts, or the library cannot be read.
    pub(crate) fn in_force(
        &self,
        inputs: &TagInputs,
        label: &str,
    ) -> Result<Option<LabelModel>, PipelineError> {
        let at = inputs.names().position(|name| name == label);
        Ok(self.models(inputs, at.as_slice())?.pop())
    }

    /// Returns the model of a label that the library does not have yet, without decisions.
    ///
    /// # Errors
    /// As [`Library::in_force`].
    pub(crate) fn tried(&self, label: &Label) -> Result<Option<LabelModel>, PipelineError> {
        Ok(self.to_scale(labels::models(self.engine, &[label])?)?.pop())
    }

    /// Scales labels to the library, if it is large enough.
    fn to_scale(&self, mut models: Vec<LabelModel>) -> Result<Vec<LabelModel>, ShapeError> {
        if let Some(scale) = self.scale {
            let views = &scale.chunk.views;
            let usual = self.reference.usual(views)?;
            models.par_iter_mut().try_for_each(|model| {
                *model = to_library(model, usual, scale.constants, views)?;
                Ok::<_, ShapeError>(())
            })?;
        }
        Ok(models)
    }

    /// The models of some labels of the inputs, by index.
    fn models(&self, inputs: &TagInputs, new: &[usize]) -> Result<Vec<LabelModel>, PipelineError> {
        let all = inputs.vocabulary.labels();
        let labels: Vec<&Label> = new.iter().filter_map(|i| all.get(*i)).collect();
        let mut models = self.to_scale(labels::models(self.engine, &labels)?)?;
        let none = Vec::new();
        let decisions: Vec<&Vec<(PhotoId, bool)>> = new
            .iter()
            .map(|i| inputs.decisions.get(*i).unwrap_or(&none))
            .collect();
        self.learn(&mut models, &decisions)?;
        Ok(models)
    }

    /// Applies decisions to the models of their labels.
    fn learn(
        &self,
        models: &mut [LabelModel],
        decisions: &[&Vec<(PhotoId, bool)>],
    ) -> Result<(), PipelineError> {
        let taught = |made: &&&Vec<(PhotoId, bool)>| made.len() >= learn::ACTIVE_FROM;
        let mut photos: Vec<PhotoId> = decisions
            .iter()
            .filter(taught)
            .flat_map(|made| made.iter())
            .map(|(photo, _)| *photo)
            .collect();
        photos.sort_unstable();
        photos.dedup();
        if photos.is_empty() {
            return Ok(());
        }
        let matrix = self.store.matrix_of(self.model, &photos)?;
        let chunk = Chunk::new(matrix, self.reference)?;
        let rows: HashMap<PhotoId, usize> = chunk
            .photo_ids
            .iter()
            .enumerate()
            .map(|(row, photo)| (*photo, row))
            .collect();
        models
            .par_iter_mut()
            .zip(decisions)
            .filter(|(_, made)| taught(made))
            .try_for_each(|(label, made)| {
                let made: Vec<tagging::Decision> = made
                    .iter()
                    .filter_map(|(photo, accepted)| {
                        Some(tagging::Decision {
                            row: *rows.get(photo)?,
                            accepted: *accepted,
                        })
                    })
                    .collect();
                if let Some(learned) = learn::learn(label, &made, &chunk.views)? {
                    *label = label.clone().with_learned(&learned);
                }
                Ok::<_, ShapeError>(())
            })?;
        Ok(())
    }
}
