//! From a score to a decision.

use crate::tagging::scoring::crowd::Crowd;

/// How a score becomes a confidence, and a confidence a decision.
///
/// The score, by which photos and labels are ranked, is the log-odds that the label is right as
/// far as the similarity alone tells; how the label stands among others on the photo makes the
/// confidence of it. The two differ because what tells right from wrong on one photo
/// disturbs the order of photos for one label. All constants belong to a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// How fast the log-odds grow with the similarity.
    pub slope: f32,
    /// The log-odds at similarity 0.
    pub bias: f32,
    /// How confidence comes from similarity and standing; `None` where the score is all there is.
    pub(crate) standing: Option<Standing>,
    /// What similarities of a label are usual among photos, which a library is compared with
    /// ([`crate::tagging::LabelModel::with_library`]); `None` where it is not known.
    pub(crate) typical: Option<Typical>,
}

/// The log-odds that a label is right, from its similarity and from how many of a fixed crowd of
/// labels are more like the photo ([`crate::tagging::Reference::with_crowd`]).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Standing {
    /// How fast they grow with the similarity.
    pub(crate) slope: f32,
    /// How they change with `ln(1 + n)`, where `n` of the crowd are more like the photo.
    pub(crate) rank: f32,
    /// What they are at similarity 0 and rank 0.
    pub(crate) bias: f32,
}

/// Mean and deviation over photos of a label's similarities, the mean over labels of both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Typical {
    /// Mean.
    pub(crate) mean: f32,
    /// Standard deviation.
    pub(crate) deviation: f32,
}

/// What becomes of a label on a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// Nothing: it is not worth a person's look.
    None,
    /// Shown to a person, who decides.
    Suggested,
    /// Given automatically.
    Accepted,
}

impl Band {
    /// The word that output uses; `None` is left out of it.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Suggested => Some("suggested"),
            Self::Accepted => Some("accepted"),
        }
    }
}

impl Rule {
    /// The starter's, for photos that [`crate::tagging::Preparation::Sharpened`] has been through.
    ///
    /// Fitted by logistic regression (`examples/evaluate --calibrate`) to 3,000 mixtures of one to
    /// four photographs' embeddings, from Caltech-101 and ImageNet samples (`photos/objects` and `photos/imagenet` of the
    /// reference data), each judged by 80 labels of those sets, its own among them: some 2.5
    /// labels a photo, as everyday photos have. No photo of `photos/coco` took part. What is typical
    /// was measured on the same two sets.
    pub(crate) const STARTER: Self = Self {
        slope: 14.01,
        bias: -4.33,
        standing: Some(Standing {
            slope: 7.87,
            rank: -0.53,
            bias: -1.83,
        }),
        typical: Some(Typical {
            mean: 0.005,
            deviation: 0.074,
        }),
    };

    /// The confidence from which a label without a threshold of its own is given. Where the mean
    /// of the F1 on `photos/objects`, `photos/imagenet` and the mixtures is highest.
    pub(crate) const ACCEPT: f32 = 0.5;
    /// The confidence from which a label is suggested: one in four that are no surer is right. At
    /// 0.15, where the mixtures' F1 is about highest, an everyday photo had twelve to decide on.
    pub(crate) const SUGGEST: f32 = 0.25;
    /// Nor is anything suggested below this part of the label's threshold: whoever wants a label
    /// to be surer wants to be asked less, too.
    const SUGGEST_SHARE: f32 = 0.5;

    /// For CLIP models whose background ([`crate::tagging::Preparation::Background`]) has been taken off:
    /// CLIP's own log-odds against the background texts. The bias makes up for the background
    /// texts that mean the same as the label. Not fitted to photographs: none of CLIP's weights
    /// were at hand.
    pub(crate) fn clip(logit_scale: f32) -> Self {
        Self {
            slope: logit_scale,
            bias: 1.0,
            standing: None,
            typical: None,
        }
    }

    /// The score of a similarity.
    pub(crate) fn score(&self, similarity: f32) -> f32 {
        self.slope * similarity + self.bias
    }

    /// The log-odds that a label of this similarity is right, given the crowd on the photo.
    pub(crate) fn log_odds(&self, similarity: f32, crowd: Option<&Crowd>) -> f32 {
        match (self.standing, crowd) {
            (Some(s), Some(crowd)) => {
                s.slope * similarity + s.rank * crowd.log_rank(similarity) + s.bias
            }
            _ => self.score(similarity),
        }
    }

    /// The confidence, 0 to 1, that log-odds stand for.
    pub(crate) fn confidence(log_odds: f32) -> f32 {
        1.0 / (1.0 + (-log_odds).exp())
    }

    /// What becomes of a label, given the `threshold` of its own.
    pub(crate) fn decide(confidence: f32, threshold: Option<f32>) -> Band {
        let threshold = threshold.unwrap_or(Self::ACCEPT);
        if confidence >= threshold {
            Band::Accepted
        } else if confidence >= Self::SUGGEST.max(Self::SUGGEST_SHARE * threshold) {
            Band::Suggested
        } else {
            Band::None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_grows_with_similarity_and_stays_a_probability() {
        let confidences: Vec<f32> = (-100..=100)
            .map(|i| Rule::confidence(Rule::STARTER.score(i as f32 / 100.0)))
            .collect();
        assert!(confidences.is_sorted());
        assert!(confidences.iter().all(|c| (0.0..=1.0).contains(c)));
        assert!(confidences[100] < 0.05 && confidences[200] > 0.99);
    }

    #[test]
    fn a_threshold_of_its_own_comes_first() {
        assert_eq!(Rule::decide(0.5, None), Band::Accepted);
        assert_eq!(Rule::decide(0.49, None), Band::Suggested);
        assert_eq!(Rule::decide(0.1, None), Band::None);
        assert_eq!(Rule::decide(0.25, None), Band::Suggested);
        assert_eq!(Rule::decide(0.1, Some(0.05)), Band::Accepted);
        assert_eq!(Rule::decide(0.04, Some(0.05)), Band::None);
        assert_eq!(Rule::decide(0.3, Some(0.7)), Band::None);
        assert_eq!(Rule::decide(0.36, Some(0.7)), Band::Suggested);
        assert_eq!(Rule::decide(0.8, Some(0.9)), Band::Suggested);
        assert_eq!(Rule::decide(f32::NAN, None), Band::None);
        assert!(Band::Accepted > Band::Suggested && Band::Suggested > Band::None);
    }
}
