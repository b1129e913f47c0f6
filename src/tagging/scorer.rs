//! From similarities to decisions.

use crate::embedding::Embedding;

/// How a model's similarities are read as confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Calibration {
    /// CLIP's own: softmax over the vocabulary of the similarities times the logit scale. Every
    /// photo's confidences add up to 1, so the vocabulary has to cover what the photos show.
    Softmax {
        /// The model's learned factor.
        logit_scale: f32,
    },
    /// Label by label: `1 / (1 + exp(-slope * (similarity - midpoint)))`, which leaves a label's
    /// confidence alone when others are added.
    Logistic {
        /// The similarity that is as likely right as wrong.
        midpoint: f32,
        /// How fast confidence grows with similarity.
        slope: f32,
    },
}

/// What is said about one label on one photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Cosine similarity of photo and label.
    pub similarity: f32,
    /// How likely the label is right, 0 to 1.
    pub confidence: f32,
}

/// Judges photos by a vocabulary.
pub struct Scorer {
    labels: Vec<Embedding>,
    calibration: Calibration,
}

impl Scorer {
    /// `labels` holds one vector a label, from the model that embeds the photos.
    pub fn new(labels: Vec<Embedding>, calibration: Calibration) -> Self {
        Self {
            labels,
            calibration,
        }
    }

    /// The confidence from which a label is given that has no threshold of its own.
    pub fn threshold(&self) -> f32 {
        match self.calibration {
            // Labels share out one, and several are right on most photos.
            Calibration::Softmax { .. } => 0.2,
            Calibration::Logistic { .. } => 0.5,
        }
    }

    /// One score a label, in the labels' order.
    pub fn score(&self, photo: &Embedding) -> Vec<Score> {
        let similarities: Vec<f32> = self.labels.iter().map(|l| l.similarity(photo)).collect();
        let confidences: Vec<f32> = match self.calibration {
            Calibration::Softmax { logit_scale } => softmax(&similarities, logit_scale),
            Calibration::Logistic { midpoint, slope } => similarities
                .iter()
                .map(|s| 1.0 / (1.0 + (-slope * (s - midpoint)).exp()))
                .collect(),
        };
        let pairs = similarities.into_iter().zip(confidences);
        pairs
            .map(|(similarity, confidence)| Score {
                similarity,
                confidence,
            })
            .collect()
    }
}

fn softmax(values: &[f32], scale: f32) -> Vec<f32> {
    let largest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = values
        .iter()
        .map(|v| (scale * (v - largest)).exp())
        .collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|p| p / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embedding(values: [f32; 2]) -> Embedding {
        Embedding::normalised(values.to_vec()).unwrap()
    }

    fn scorer(calibration: Calibration) -> Scorer {
        Scorer::new(
            vec![embedding([1.0, 0.0]), embedding([0.0, 1.0])],
            calibration,
        )
    }

    #[test]
    fn softmax_shares_out_one() {
        let scores = scorer(Calibration::Softmax { logit_scale: 100.0 });
        let scores = scores.score(&embedding([1.0, 0.9]));
        assert!(scores[0].confidence > scores[1].confidence);
        let sum: f32 = scores.iter().map(|s| s.confidence).sum();
        assert!((sum - 1.0).abs() < 1e-6);
    }

    #[test]
    fn logistic_is_even_at_its_midpoint_and_blind_to_other_labels() {
        let calibration = Calibration::Logistic {
            midpoint: 0.6,
            slope: 10.0,
        };
        let photo = embedding([0.6, 0.8]);
        let both = scorer(calibration).score(&photo);
        assert!((both[0].confidence - 0.5).abs() < 1e-6);
        assert!(both[1].confidence > 0.8);
        let alone = Scorer::new(vec![embedding([1.0, 0.0])], calibration).score(&photo);
        assert_eq!(alone[0], both[0]);
    }
}
