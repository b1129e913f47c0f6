//! The inputs of a library's tags besides the photos. They can be read without a model.

use std::collections::HashSet;

use crate::core::ids::{LabelId, PhotoId};
use crate::engine::ModelIdentity;
use crate::indexer::shared::PipelineError;
use crate::store;
use crate::store::{ScalePhotos, Store, StoreError};
use crate::tagging::learning::learn;
use crate::tagging::{Label, Vocabulary};

/// Increased whenever the same labels and embeddings give other tags than before.
const SCORING_VERSION: u32 = 9;
/// The fewest photos from which a scale is measured.
const SCALE_FROM: usize = 16;
/// The most photos from which a scale is measured.
const SCALE_MOST: usize = 16_384;
/// The most decisions of each kind to use per label: as many as learning uses.
const DECISIONS: usize = 64;

/// A vocabulary, its decisions, and fingerprints that tell whether a label's tags are up to date.
pub(crate) struct TagInputs {
    /// The vocabulary's revision in the library.
    pub(crate) revision: i64,
    pub(crate) vocabulary: Vocabulary,
    /// The decisions on each label that it can learn from, oldest first: the photo, and whether it
    /// was accepted.
    pub(crate) decisions: Vec<Vec<(PhotoId, bool)>>,
    /// The photos that determine the library's scale; `None` if there are too few.
    pub(crate) scale: Option<ScalePhotos>,
    /// Fingerprints of what each label's own scores depend on.
    pub(crate) own: Vec<[u8; 32]>,
    /// Fingerprints of what each label's tags depend on.
    pub(crate) fingerprints: Vec<[u8; 32]>,
}

/// Returns how many photos of a complete library should determine its scale, if `photos` are
/// embedded and `now` determine it; `None` to keep them. The number is the greatest power of two
/// within bounds, and changes only when the library has doubled or has lost most of its photos.
pub(crate) fn new_scale(photos: usize, now: usize) -> Option<usize> {
    let wanted = match photos.checked_ilog2() {
        Some(log) if photos >= SCALE_FROM => (1 << log).min(SCALE_MOST),
        _ => 0,
    };
    (wanted > now || wanted * 2 < now).then_some(wanted)
}

impl TagInputs {
    /// Reads the inputs for a model.
    ///
    /// # Errors
    /// If the library or its vocabulary cannot be read.
    pub(crate) fn read(store: &Store, model: &ModelIdentity) -> Result<Self, PipelineError> {
        // The revision comes first: if the vocabulary changes in between, the next check sees it.
        let revision = store.vocabulary_revision()?;
        let vocabulary = vocabulary(store)?;
        let (mut by_label, scale) = match store.model(&model.fingerprint)? {
            Some(model) => (store.lessons_for(model)?, store.scale_photos(model)?),
            None => Default::default(),
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
        // A parent follows from its children, so its tags are outdated when theirs are.
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

    /// The labels' ids in the library.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.vocabulary.labels().iter().map(|l| l.id.as_str())
    }

    /// Whether some tags in the library have other inputs.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn is_outdated(&self, store: &Store) -> Result<bool, StoreError> {
        let scored = store.scored_labels()?;
        if scored.len() != self.fingerprints.len() || !store.unscored()?.is_empty() {
            return Ok(true);
        }
        let done: HashSet<&[u8; 32]> = scored.values().collect();
        Ok(self.fingerprints.iter().any(|f| !done.contains(f)))
    }
}

/// Returns the vocabulary in use.
///
/// # Errors
/// If the library cannot be read, or its text is no longer a valid vocabulary.
pub(crate) fn vocabulary(store: &Store) -> Result<Vocabulary, PipelineError> {
    Ok(match store.vocabulary()? {
        None => Vocabulary::builtin().clone(),
        Some(own) => Vocabulary::parse(&own.text)?,
    })
}

/// Returns the photos that the user accepted for a label.
///
/// # Errors
/// If the library cannot be read.
pub(crate) fn accepted_photos(store: &Store, label: LabelId) -> Result<Vec<PhotoId>, StoreError> {
    let made = store.decisions_on(label)?.into_iter();
    Ok(made
        .filter(|(_, decision)| decision.verdict == store::Verdict::Accepted)
        .map(|(photo, _)| photo)
        .collect())
}

/// Returns the latest decisions of each kind, oldest first.
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
        if let Some(constants) = scale.constants {
            add(&constants.slope.to_le_bytes());
            add(&constants.bias.to_le_bytes());
        }
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
