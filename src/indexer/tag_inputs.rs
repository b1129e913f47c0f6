//! What a library's tags are computed from, beside the photos: known without a model.

use std::collections::HashSet;

use crate::core::ids::{LabelId, PhotoId};
use crate::engine::ModelIdentity;
use crate::indexer::shared::PipelineError;
use crate::store;
use crate::store::{ScalePhotos, Store, StoreError};
use crate::tagging::learning::learn;
use crate::tagging::{Label, Vocabulary};

/// Counted up whenever the same labels and embeddings give other tags than before.
const SCORING_VERSION: u32 = 8;
/// Photos from which on a library says something about how a label's similarities lie.
const SCALE_FROM: usize = 16;
/// Photos that it is asked of, at most.
const SCALE_MOST: usize = 16_384;
/// Decisions of each kind on a label that are looked at: as many as learning uses.
const DECISIONS: usize = 64;

/// A vocabulary and the decisions on it, with what tells whether a label's tags are up to date,
/// without a model.
pub(crate) struct TagInputs {
    /// The vocabulary's revision in the library.
    pub(crate) revision: i64,
    pub(crate) vocabulary: Vocabulary,
    /// For each label the decisions on it, photo and whether it was accepted, oldest first.
    pub(crate) decisions: Vec<Vec<(PhotoId, bool)>>,
    /// The photos that tell the library's scale; `None` where it is too small to tell.
    pub(crate) scale: Option<ScalePhotos>,
    /// What each label's own scores depend on.
    pub(crate) own: Vec<[u8; 32]>,
    /// What each label's tags depend on.
    pub(crate) fingerprints: Vec<[u8; 32]>,
}

/// How many of a complete library's photos are to tell its scale, of `photos` that are embedded, where
/// `now` do; `None` where they are to stay as they are. They are the greatest power of two, within
/// bounds, and others only when the library has doubled, or has lost most of its photos.
pub(crate) fn new_scale(photos: usize, now: usize) -> Option<usize> {
    let wanted = match photos.checked_ilog2() {
        Some(log) if photos >= SCALE_FROM => (1 << log).min(SCALE_MOST),
        _ => 0,
    };
    (wanted > now || wanted * 2 < now).then_some(wanted)
}

impl TagInputs {
    /// The rules that are in force in a library for a model.
    ///
    /// # Errors
    /// Where the library or its vocabulary cannot be read.
    pub(crate) fn read(store: &Store, model: &ModelIdentity) -> Result<Self, PipelineError> {
        // First the revision: if the vocabulary changes in between, the next look sees it.
        let revision = store.vocabulary_revision()?;
        let vocabulary = vocabulary(store)?;
        let mut by_label = store.lessons()?;
        let scale = match store.model(&model.fingerprint)? {
            Some(model) => store.scale_photos(model)?,
            None => None,
        };
        let labels = vocabulary.labels();
        let mut decisions = Vec::with_capacity(labels.len());
        for label in labels {
            let id = store.label(&label.id)?;
            let made = id.and_then(|id| by_label.remove(&id)).unwrap_or_default();
            decisions.push(latest(&made));
        }
        let own: Vec<[u8; 32]> = labels
            .iter()
            .zip(&decisions)
            .map(|(label, decisions)| fingerprint(label, decisions, model, scale))
            .collect();
        // A parent follows from its children, and has to be looked at when they change.
        let mut fingerprints = own.clone();
        for (i, child) in own.iter().enumerate() {
            for above in vocabulary.ancestors(i) {
                if let Some(print) = fingerprints.get_mut(above) {
                    for (a, b) in print.iter_mut().zip(blake3::hash(child).as_bytes()) {
                        *a ^= b;
                    }
                }
            }
        }
        Ok(Self {
            revision,
            vocabulary,
            decisions,
            scale,
            own,
            fingerprints,
        })
    }

    /// What the library calls the labels.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.vocabulary.labels().iter().map(|l| l.id.as_str())
    }

    /// Whether some tags in the library were not computed by these rules.
    ///
    /// # Errors
    /// Where the library cannot be read.
    pub(crate) fn is_outdated(&self, store: &Store) -> Result<bool, StoreError> {
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
pub(crate) fn vocabulary(store: &Store) -> Result<Vocabulary, PipelineError> {
    Ok(match store.vocabulary()? {
        None => Vocabulary::builtin().clone(),
        Some(own) => Vocabulary::parse(&own.text)?,
    })
}

/// The photos that a person accepted for a label.
///
/// # Errors
/// Where the library cannot be read.
pub(crate) fn accepted_photos(store: &Store, label: LabelId) -> Result<Vec<PhotoId>, StoreError> {
    let made = store.decisions_on(label)?.into_iter();
    Ok(made
        .filter(|(_, decision)| decision.verdict == store::Verdict::Accepted)
        .map(|(photo, _)| photo)
        .collect())
}

/// The latest decisions of each kind, oldest first.
fn latest(decisions: &[(PhotoId, bool)]) -> Vec<(PhotoId, bool)> {
    let mut left = [DECISIONS; 2];
    let mut kept: Vec<(PhotoId, bool)> = decisions
        .iter()
        .rev()
        .filter(|(_, accepted)| {
            let left = &mut left[usize::from(*accepted)];
            let wanted = *left > 0;
            *left = left.saturating_sub(1);
            wanted
        })
        .copied()
        .collect();
    kept.reverse();
    kept
}

fn fingerprint(
    label: &Label,
    decisions: &[(PhotoId, bool)],
    model: &ModelIdentity,
    scale: Option<ScalePhotos>,
) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let mut add = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    add(&SCORING_VERSION.to_le_bytes());
    add(&model.fingerprint);
    if let Some(scale) = scale {
        add(&(scale.count as u64).to_le_bytes());
        add(&scale.last_photo.number().to_le_bytes());
    }
    for template in &model.templates {
        add(template.as_bytes());
    }
    add(label.id.as_bytes());
    for list in [&label.texts(), &label.prompts, &label.negatives] {
        add(&(list.len() as u64).to_le_bytes());
        for text in list {
            add(text.as_bytes());
        }
    }
    add(&label.given_from().unwrap_or(-1.0).to_le_bytes());
    add(&label.likely_share().to_le_bytes());
    if decisions.len() >= learn::ACTIVE_FROM {
        for (photo, accepted) in decisions {
            add(&photo.number().to_le_bytes());
            add(&[u8::from(*accepted)]);
        }
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_changes_when_a_library_has_doubled_and_seldom_else() {
        let cases = [
            (15, 0, None),
            (16, 0, Some(16)),
            (31, 16, None),
            (32, 16, Some(32)),
            (100, 16, Some(64)),
            (40, 64, None),
            (20, 64, Some(16)),
            (3, 16, Some(0)),
            (1_000_000, 8192, Some(16_384)),
            (1_000_000, 16_384, None),
        ];
        for (photos, now, expected) in cases {
            assert_eq!(new_scale(photos, now), expected, "{photos} photos, {now}");
        }
    }
}
