//! From a score to a decision.

use crate::tagging::scoring::usual::Usual;

/// The likelihood of a label: how a similarity becomes the log-odds that the label is right.
///
/// It goes by how many deviations the similarity stands above what is usual for the label on photos
/// without it, so that it fits every model and every label ([`crate::tagging::LabelModel`]); by how many of a
/// fixed cohort of labels are more like the photo; and by the prior, how often such a label is right at
/// all. The score, by which photos are ranked for a label and labels on a photo, leaves the cohort
/// out: what tells right from wrong on one photo disturbs the order of photos for one label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// The log-odds by the similarity alone.
    pub alone: Standing,
    /// The log-odds by the similarity and the cohort; `None` where the model has none.
    pub(crate) in_crowd: Option<Standing>,
    /// What is usual for labels of the model before a library tells what is usual for each.
    pub(crate) usual: Usual,
}

/// Log-odds from how a label stands, to which those of the prior are added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// How fast they grow with each deviation above what is usual on photos without the label.
    pub slope: f32,
    /// How they change with `ln(1 + n)`, where `n` of the cohort are more like the photo.
    pub(crate) rank: f32,
    /// What they are at what is usual, with none of the cohort more like the photo.
    pub bias: f32,
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
    /// Fitted by logistic regression (`examples/evaluate --calibrate`) to 24 made-up libraries of 100 to
    /// 800 mixtures of one to four photographs' embeddings, from Caltech-101 and ImageNet samples
    /// (`photos/objects` and `photos/imagenet` of the reference data), each judged by 80 words, a few of
    /// them common, what is usual taken from none, 20, 100 and all of the mixtures. The rank's
    /// weight is the one of 0, −0.2, −0.35, −0.5 and −0.65 whose F1 on those libraries and on
    /// `photos/objects` is highest. No photo of `photos/coco` took part.
    pub(crate) const STARTER: Self = Self {
        alone: Standing {
            slope: 1.16,
            rank: 0.0,
            bias: -1.27,
        },
        in_crowd: Some(Standing {
            slope: 0.69,
            rank: -0.5,
            bias: 1.14,
        }),
        // Over photos/objects and photos/imagenet.
        usual: Usual {
            mean: 0.008,
            deviation: 0.083,
        },
    };

    /// The confidence from which a label without a threshold of its own is given: where it is half as
    /// likely right as wrong. The mean over labels of the F1 on the made-up libraries and on
    /// `photos/objects` is highest, and within 0.005 the same, from 0.25 to 0.35. It lies below one
    /// half because the threshold that is best for the F1 is half the F1 that it reaches (Lipton,
    /// Elkan and Naryanaswamy 2014, arXiv 1402.1892).
    pub(crate) const ACCEPT: f32 = 0.33;
    /// The confidence from which a label is suggested: some three in ten of those that are no surer than
    /// [`Rule::ACCEPT`] are right.
    pub(crate) const SUGGEST: f32 = 0.2;
    /// Nor is anything suggested below this part of the label's threshold: whoever wants a label
    /// to be surer wants to be asked less, too.
    const SUGGEST_SHARE: f32 = 0.65;

    /// For CLIP models, whose photos are centred ([`crate::tagging::Preparation::Centred`]).
    ///
    /// Unrelated photos and texts of the published models with a scale of 100 lie some 0.025 about
    /// their mean, and matching ones 0.05 to 0.12 above it; with another scale differences are larger or
    /// smaller by as much. Fitted to simulated similarities of these statistics, which
    /// `examples/evaluate --simulate` measures; not to photographs: none of CLIP's weights
    /// were at hand.
    pub fn clip(logit_scale: f32) -> Self {
        Self {
            alone: Standing {
                slope: 2.5,
                rank: 0.0,
                bias: -3.2,
            },
            in_crowd: None,
            usual: Usual {
                mean: 0.0,
                deviation: 2.5 / logit_scale.max(1.0),
            },
        }
    }

    /// The log-odds, without the prior's, of a label `deviations` above what is usual for it, by that
    /// alone.
    pub(crate) fn alone(&self, deviations: f32) -> f32 {
        self.alone.slope * deviations + self.alone.bias
    }

    /// The same, given the rank `ln(1 + n)` of the label in the cohort on the photo, if there is one.
    pub(crate) fn log_odds(&self, deviations: f32, log_rank: Option<f32>) -> f32 {
        match (self.in_crowd, log_rank) {
            (Some(s), Some(log_rank)) => s.slope * deviations + s.rank * log_rank + s.bias,
            _ => self.alone(deviations),
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
    fn confidence_grows_with_the_standing_and_stays_a_probability() {
        for log_rank in [None, Some(0.0), Some(5.0)] {
            let log_odds = |i: i32| Rule::STARTER.log_odds(i as f32 / 10.0, log_rank);
            let confidences: Vec<f32> = (-100..=200)
                .map(|i| Rule::confidence(log_odds(i)))
                .collect();
            assert!(confidences.is_sorted());
            assert!(confidences.iter().all(|c| (0.0..=1.0).contains(c)));
        }
        let (first, last) = (Some(0.0), Some(5.0));
        assert!(Rule::STARTER.log_odds(2.0, first) > Rule::STARTER.log_odds(2.0, last) + 2.0);
    }

    #[test]
    fn a_threshold_of_its_own_comes_first() {
        assert_eq!(Rule::decide(0.5, None), Band::Accepted);
        assert_eq!(Rule::decide(0.32, None), Band::Suggested);
        assert_eq!(Rule::decide(0.1, None), Band::None);
        assert_eq!(Rule::decide(0.22, None), Band::Suggested);
        assert_eq!(Rule::decide(0.1, Some(0.05)), Band::Accepted);
        assert_eq!(Rule::decide(0.04, Some(0.05)), Band::None);
        assert_eq!(Rule::decide(0.45, Some(0.7)), Band::None);
        assert_eq!(Rule::decide(0.46, Some(0.7)), Band::Suggested);
        assert_eq!(Rule::decide(0.8, Some(0.9)), Band::Suggested);
        assert_eq!(Rule::decide(f32::NAN, None), Band::None);
        assert!(Band::Accepted > Band::Suggested && Band::Suggested > Band::None);
    }
}
