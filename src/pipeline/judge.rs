//! The labels in force, and what they make of an embedding.

use std::collections::{HashMap, HashSet};

use half::f16;
use rayon::prelude::*;

use super::engine::{Engine, ModelIdentity};
use super::labels;
use super::readback::Names;
use super::shared::PipelineError;
use crate::embedding::Embedding;
use crate::sidecar::Keyword;
use crate::store::{EmbeddingMatrix, LabelId, Store, StoreError, TagRow, Writer};
use crate::tagging::{Label, Scorer, Vocabulary};

/// Counted up whenever the same labels and embeddings give other tags than before.
const SCORING_VERSION: u32 = 1;

/// A vocabulary with what tells whether a label's tags are up to date, without a model.
pub struct Ruling {
    /// The vocabulary's revision in the library.
    pub revision: i64,
    vocabulary: Vocabulary,
    fingerprints: Vec<[u8; 32]>,
}

impl Ruling {
    /// The rules that are in force in a library for a model.
    ///
    /// # Errors
    /// Where the library or its vocabulary cannot be read.
    pub fn read(store: &Store, model: &ModelIdentity) -> Result<Self, PipelineError> {
        // First the revision: if the vocabulary changes in between, the next look sees it.
        let revision = store.vocabulary_revision()?;
        let vocabulary = vocabulary(store)?;
        let fingerprints = vocabulary
            .labels()
            .iter()
            .map(|label| fingerprint(label, model))
            .collect();
        Ok(Self {
            revision,
            vocabulary,
            fingerprints,
        })
    }

    /// What the library calls the labels.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.vocabulary.labels().iter().map(|l| l.id.as_str())
    }

    /// Whether some tags in the library were not computed by these rules.
    ///
    /// # Errors
    /// Where the library cannot be read.
    pub fn is_outdated(&self, store: &Store) -> Result<bool, StoreError> {
        let scored = store.scored_labels()?;
        if scored.len() != self.fingerprints.len() || !store.unscored()?.is_empty() {
            return Ok(true);
        }
        let done: HashSet<&[u8; 32]> = scored.values().collect();
        Ok(self.fingerprints.iter().any(|f| !done.contains(f)))
    }
}

/// The vocabulary in force.
///
/// # Errors
/// Where the library cannot be read, or its text is no vocabulary any more.
pub fn vocabulary(store: &Store) -> Result<Vocabulary, PipelineError> {
    Ok(match store.vocabulary()? {
        None => Vocabulary::builtin().clone(),
        Some(own) => Vocabulary::parse(&own.text)?,
    })
}

fn fingerprint(label: &Label, model: &ModelIdentity) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let mut add = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    add(&SCORING_VERSION.to_le_bytes());
    add(&model.fingerprint);
    add(label.id.as_bytes());
    for list in [&label.texts(), &label.prompts, &label.negatives] {
        add(&(list.len() as u64).to_le_bytes());
        for text in list {
            add(text.as_bytes());
        }
    }
    add(&label.threshold.unwrap_or(-1.0).to_le_bytes());
    hasher.finalize().into()
}

/// Judges embeddings of one model by one ruling.
pub struct Judge {
    ruling: Ruling,
    ids: Vec<LabelId>,
    scorer: Scorer,
    names: Names,
}

impl Judge {
    /// Embeds the labels. `ids` are those of the ruling's labels ([`Judge::label_ids`]).
    ///
    /// # Errors
    /// Where the model cannot embed them.
    pub fn new(ruling: Ruling, ids: Vec<LabelId>, engine: &Engine) -> Result<Self, PipelineError> {
        let scorer = labels::scorer(engine, &ruling.vocabulary)?;
        let names = Names::new(&ruling.vocabulary);
        Ok(Self {
            ruling,
            ids,
            scorer,
            names,
        })
    }

    /// The library's numbers for the labels that `names` gives.
    ///
    /// # Errors
    /// Where the library cannot be written.
    pub fn label_ids(w: &Writer<'_>, names: &[String]) -> Result<Vec<LabelId>, StoreError> {
        names.iter().map(|name| w.label(name)).collect()
    }

    /// The revision of the vocabulary that it judges by.
    pub fn revision(&self) -> i64 {
        self.ruling.revision
    }

    /// The label that a keyword stands for.
    pub fn label(&self, keyword: &Keyword) -> String {
        self.names.label(keyword)
    }

    /// The labels, each with its fingerprint.
    pub fn labels(&self) -> impl Iterator<Item = (LabelId, [u8; 32])> + '_ {
        let fingerprints = self.ruling.fingerprints.iter().copied();
        self.ids.iter().copied().zip(fingerprints)
    }

    /// The labels that a photo is given or suggested.
    pub fn tags(&self, embedding: &Embedding) -> Vec<TagRow> {
        let scores = self.scorer.score(embedding);
        let labels = self.ruling.vocabulary.labels().iter();
        labels
            .zip(&self.ids)
            .zip(scores)
            .filter_map(|((label, id), score)| {
                let threshold = label.threshold.unwrap_or(self.scorer.threshold());
                let accepted = score.confidence >= threshold;
                let suggested = score.confidence >= threshold * SUGGESTED;
                (accepted || suggested).then_some(TagRow {
                    label: *id,
                    similarity: score.similarity,
                    confidence: score.confidence,
                    accepted,
                })
            })
            .collect()
    }

    /// The tags that some labels give to all photos of `matrix`.
    pub fn tags_by_label(
        &self,
        matrix: &EmbeddingMatrix,
        wanted: &HashSet<LabelId>,
    ) -> HashMap<LabelId, Vec<(i64, TagRow)>> {
        let rows = matrix.rows.par_chunks(matrix.dimension.max(1));
        let found: Vec<(i64, TagRow)> = rows
            .zip(&matrix.photo_ids)
            .flat_map_iter(|(row, photo)| {
                let tags = widen(row).map_or_else(Vec::new, |e| self.tags(&e));
                tags.into_iter()
                    .filter(|tag| wanted.contains(&tag.label))
                    .map(|tag| (*photo, tag))
            })
            .collect();
        let mut by_label: HashMap<LabelId, Vec<(i64, TagRow)>> =
            wanted.iter().map(|label| (*label, Vec::new())).collect();
        for (photo, tag) in found {
            by_label.entry(tag.label).or_default().push((photo, tag));
        }
        by_label
    }
}

/// Labels this far below their threshold are suggested for review.
const SUGGESTED: f32 = 0.6;

/// A stored row as an embedding again.
pub fn widen(row: &[f16]) -> Option<Embedding> {
    Embedding::normalised(row.iter().map(|v| v.to_f32()).collect())
}
