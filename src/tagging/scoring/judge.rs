//! Judges one photo by all labels of a vocabulary.

use crate::core::embedding::Embedding;
use crate::tagging::scoring::calibration;
use crate::tagging::scoring::label_model::{Assessment, LabelModel};
use crate::tagging::scoring::matrix::ShapeError;
use crate::tagging::scoring::reference::{Reference, Views};
use crate::tagging::scoring::rule::{Band, Standing};

/// The verdict on one label for one photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// The model's cosine similarity of photo and label.
    pub similarity: f32,
    /// The score that ranks labels and photos: log-odds from the similarity.
    pub score: f32,
    /// The probability that the label is right, 0 to 1.
    pub confidence: f32,
    /// The band of the label.
    pub band: Band,
}

/// Judges photos by a vocabulary, each label separately, except that a parent follows from its
/// children.
#[derive(Clone, Debug)]
pub struct Judge {
    reference: Reference,
    labels: Vec<LabelModel>,
    /// The index of each label's parent.
    parents: Vec<Option<usize>>,
}

impl Judge {
    /// `parents` has the index of each label's parent; invalid ones count as `None`.
    pub fn new(reference: Reference, labels: Vec<LabelModel>, parents: Vec<Option<usize>>) -> Self {
        Self {
            reference,
            labels,
            parents,
        }
    }

    /// The labels.
    pub fn labels(&self) -> &[LabelModel] {
        &self.labels
    }

    /// Scales the labels to a library ([`LabelModel::with_library`]).
    ///
    /// # Errors
    /// If the photos have another dimension.
    pub fn with_library(mut self, views: &Views) -> Result<Self, ShapeError> {
        let usual = self.reference.usual(views)?;
        for label in &mut self.labels {
            *label = calibration::to_library(label, usual, None, views)?;
        }
        Ok(self)
    }

    /// Replaces the model's constants ([`LabelModel::with_constants`]).
    pub fn with_constants(mut self, constants: Standing) -> Self {
        for label in &mut self.labels {
            *label = label.clone().with_constants(constants);
        }
        self
    }

    /// The reference vectors that photos are compared with besides the labels.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Returns one verdict per label, in the labels' order.
    pub fn judge(&self, photo: &Embedding) -> Vec<Verdict> {
        let view = self.reference.prepare(photo);
        let own = |label: &LabelModel| {
            let Assessment { score, confidence } = label.assess(&view);
            let values = label.vector().iter().zip(photo.values());
            Verdict {
                similarity: values.map(|(a, b)| a * b).sum(),
                score,
                confidence,
                band: label.decide(confidence),
            }
        };
        let mut verdicts: Vec<Verdict> = self.labels.iter().map(own).collect();
        lift_parents(&self.parents, &mut verdicts);
        verdicts
    }
}

/// Makes every label at least as likely, and at least as accepted, as the labels below it: a photo
/// of a crane is one of a bird.
pub(crate) fn lift_parents(parents: &[Option<usize>], verdicts: &mut [Verdict]) {
    let above = |label: usize| parents.get(label).copied().flatten();
    for label in 0..verdicts.len() {
        let Some(own) = verdicts.get(label).copied() else {
            return;
        };
        let mut next = above(label);
        // A cycle, which no vocabulary has, would end here too.
        for _ in 0..verdicts.len() {
            let Some(verdict) = next.and_then(|at| verdicts.get_mut(at)) else {
                break;
            };
            verdict.score = verdict.score.max(own.score);
            verdict.confidence = verdict.confidence.max(own.confidence);
            verdict.band = verdict.band.max(own.band);
            next = next.and_then(above);
        }
    }
}

/// Returns the accepted labels of a photo, the most certain first, at most `limit`. A label with
/// the same confidence as the one before it does not count, so that a parent stays with the child
/// that it follows from.
pub(crate) fn accepted(verdicts: &[Verdict], limit: Option<usize>) -> Vec<usize> {
    let mut given: Vec<usize> = (0..verdicts.len())
        .filter(|&i| verdicts[i].band == Band::Accepted)
        .collect();
    given.sort_by(|&a, &b| verdicts[b].confidence.total_cmp(&verdicts[a].confidence));
    let (mut count, mut last) = (0, f32::NAN);
    let within = given.iter().take_while(|&&i| {
        let confidence = verdicts[i].confidence;
        count += usize::from(confidence != last);
        last = confidence;
        limit.is_none_or(|limit| count <= limit)
    });
    let within = within.count();
    given.truncate(within);
    given
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tagging::{Preparation, Rule};
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    fn random(rng: &mut StdRng) -> Embedding {
        let values = (0..16).map(|_| rng.random_range(-1.0..1.0)).collect();
        Embedding::normalised(values).unwrap()
    }

    fn judge(labels: &[Embedding], anchors: &[Embedding]) -> Judge {
        let sharpened = Preparation::Sharpened {
            scale: 20.0,
            weight: 0.5,
        };
        let models = labels
            .iter()
            .map(|v| LabelModel::new(v, &[], Rule::STARTER))
            .collect();
        Judge::new(Reference::new(anchors, sharpened), models, vec![])
    }

    #[test]
    fn three_hundred_more_labels_change_nothing_about_the_first_eighty() {
        let mut rng = StdRng::seed_from_u64(4);
        let mut vectors = |n| (0..n).map(|_| random(&mut rng)).collect::<Vec<_>>();
        let (anchors, labels, photos) = (vectors(50), vectors(380), vectors(40));
        let few = judge(&labels[..80], &anchors);
        let many = judge(&labels, &anchors);
        for photo in &photos {
            assert_eq!(few.judge(photo), many.judge(photo)[..80]);
        }
    }

    fn verdict(score: f32, band: Band) -> Verdict {
        Verdict {
            similarity: 0.0,
            score,
            confidence: Rule::confidence(score),
            band,
        }
    }

    #[test]
    fn a_parent_follows_from_a_child() {
        // animal > bird > crane, and plant.
        let parents = [None, Some(0), Some(1), None];
        let mut verdicts = [
            verdict(-3.0, Band::None),
            verdict(1.0, Band::Accepted),
            verdict(-1.0, Band::Suggested),
            verdict(-2.0, Band::None),
        ];
        lift_parents(&parents, &mut verdicts);
        assert_eq!(verdicts[0], verdict(1.0, Band::Accepted));
        assert_eq!(verdicts[1], verdict(1.0, Band::Accepted));
        assert_eq!(verdicts[2], verdict(-1.0, Band::Suggested));
        assert_eq!(verdicts[3], verdict(-2.0, Band::None));
        // A child accepted by its own threshold takes its parents along.
        let mut verdicts = [verdict(0.9, Band::Suggested), verdict(-4.0, Band::Accepted)];
        lift_parents(&[None, Some(0)], &mut verdicts);
        assert_eq!(verdicts[0], verdict(0.9, Band::Accepted));
        // Cycles and indices past the end do not cause endless loops.
        lift_parents(&[Some(1), Some(0)], &mut verdicts);
        lift_parents(&[Some(9)], &mut verdicts);
    }

    #[test]
    fn the_surest_are_given_first_and_no_more_than_allowed() {
        let verdicts = [
            verdict(0.5, Band::Accepted),
            verdict(3.0, Band::Suggested),
            verdict(2.0, Band::Accepted),
            verdict(1.0, Band::Accepted),
        ];
        assert_eq!(accepted(&verdicts, None), [2, 3, 0]);
        assert_eq!(accepted(&verdicts, Some(2)), [2, 3]);
        assert!(accepted(&verdicts, Some(0)).is_empty());
        // A parent with its child's confidence takes no place.
        let mut family = verdicts.to_vec();
        family.push(verdict(2.0, Band::Accepted));
        assert_eq!(accepted(&family, Some(1)), [2, 4]);
        assert_eq!(accepted(&family, Some(2)), [2, 4, 3]);
    }
}
