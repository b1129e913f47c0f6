//! Converts a similarity into log-odds, a confidence and a band.

use crate::tagging::scoring::usual::Usual;

/// The likelihood of a label: converts a similarity into the log-odds that the label is right.
///
/// It depends on how many deviations the similarity is above what is usual for the label on photos
/// without it, so it fits every model and every label ([`crate::tagging::LabelModel`]); on how many
/// labels of a fixed cohort fit the photo better; and on the prior, how often such a label is right
/// at all. The score, which ranks photos for a label and labels on a photo, leaves out the cohort:
/// it distinguishes right from wrong on one photo, but disturbs the order of photos for one label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// The log-odds from the similarity alone.
    pub alone: Standing,
    /// The log-odds from the similarity and the cohort; `None` if the model has no cohort.
    pub(crate) in_crowd: Option<Standing>,
    /// What is usual for the model's labels, before a library shows what is usual for each.
    pub(crate) usual: Usual,
}

/// Texts in a batch of SigLIP's training (Zhai et al. 2023, <https://arxiv.org/abs/2303.15343>).
const SIGMOID_BATCH: f32 = 32_768.0;

/// The deviation of unrelated pairs of a sigmoid model, in logits: those of its kind differ 1.7
/// times as much as CLIP's ([`Rule::clip`]), as `examples/evaluate --simulate` has it.
const SIGMOID_DEVIATION: f32 = 4.25;

/// The log-odds of a label, without those of the prior.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Their growth with each deviation above what is usual on photos without the label.
    pub slope: f32,
    /// Their change with `ln(1 + n)`, where `n` members of the cohort fit the photo better.
    pub(crate) rank: f32,
    /// Their value at a usual similarity, if no member of the cohort fits the photo better.
    pub bias: f32,
}

impl Standing {
    /// From the similarity alone.
    pub fn alone(slope: f32, bias: f32) -> Self {
        Self {
            slope,
            rank: 0.0,
            bias,
        }
    }
}

/// The band of a label on a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// Neither applied nor suggested: not worth the user's time.
    None,
    /// Suggested for the user to decide.
    Suggested,
    /// Applied automatically.
    Accepted,
}

impl Band {
    /// The word for output; `None` is left out of it.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Suggested => Some("suggested"),
            Self::Accepted => Some("accepted"),
        }
    }
}

impl Rule {
    /// The starter's rule, for photos prepared with [`crate::tagging::Preparation::Sharpened`].
    ///
    /// Fitted by logistic regression (`examples/evaluate --calibrate`) to 24 synthetic libraries of
    /// 100 to 800 mixtures of one to four photographs' embeddings, from Caltech-101 and ImageNet
    /// samples (`photos/objects` and `photos/imagenet` of the reference data), each judged by 80
    /// words, a few of them common, with the usual similarities measured on none, 20, 100 and all
    /// of the mixtures. The rank's weight is the one of 0, −0.2, −0.35, −0.5 and −0.65 with the
    /// highest F1 on those libraries and on `photos/objects`. No photo of `photos/coco` was used.
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
        // Measured on photos/objects and photos/imagenet.
        usual: Usual {
            mean: 0.008,
            deviation: 0.083,
        },
    };

    /// The confidence from which a label without its own threshold is applied: where it is half as
    /// likely right as wrong. The mean over labels of the F1 on the synthetic libraries and on
    /// `photos/objects` is highest, and within 0.005 the same, from 0.25 to 0.35. It is below one
    /// half because the best threshold for the F1 is half the F1 that it reaches (Lipton, Elkan and
    /// Naryanaswamy 2014, arXiv 1402.1892).
    pub(crate) const ACCEPT: f32 = 0.33;
    /// The confidence from which a label is suggested: about three in ten of those between this and
    /// [`Rule::ACCEPT`] are right.
    pub(crate) const SUGGEST: f32 = 0.2;
    /// Nothing is suggested below this share of the label's threshold: a user who wants more
    /// certainty also wants fewer questions. As confidences are calibrated and fewer pairs have
    /// higher ones, four in ten of those between this and the built-in vocabulary's threshold of
    /// one half are right.
    const SUGGEST_SHARE: f32 = 0.7;

    /// The rule for CLIP models, with photos prepared with
    /// [`crate::tagging::Preparation::Centred`].
    ///
    /// In published models with a scale of 100, unrelated photos and texts deviate by about 0.025
    /// from their mean, and matching ones are 0.05 to 0.12 above it; with another scale,
    /// differences change in proportion. Fitted to simulated similarities with these statistics,
    /// which `examples/evaluate --simulate` measures, not to photographs, because none of CLIP's
    /// weights were available.
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

    /// The rule for models that were trained with a sigmoid (SigLIP), with photos prepared with
    /// [`crate::tagging::Preparation::Centred`].
    ///
    /// `scale · similarity + bias` is such a model's own log-odds that a text belongs to a photo,
    /// where one text in a batch of [`SIGMOID_BATCH`] does. Without that prior they are the
    /// likelihood, until a library shows what is usual. No weights of such a model were available
    /// to measure it on photographs.
    pub fn sigmoid(logit_scale: f32, logit_bias: f32) -> Self {
        Self {
            alone: Standing {
                slope: SIGMOID_DEVIATION,
                rank: 0.0,
                bias: logit_bias + (SIGMOID_BATCH - 1.0).ln(),
            },
            in_crowd: None,
            usual: Usual {
                mean: 0.0,
                deviation: SIGMOID_DEVIATION / logit_scale.max(1.0),
            },
        }
    }

    /// The log-odds, without the prior's, of a label `deviations` above what is usual for it, from
    /// that alone.
    pub(crate) fn alone(&self, deviations: f32) -> f32 {
        self.alone.slope * deviations + self.alone.bias
    }

    /// The same, with the rank `ln(1 + n)` of the label in the cohort on the photo, if there is
    /// one.
    pub(crate) fn log_odds(&self, deviations: f32, log_rank: Option<f32>) -> f32 {
        match (self.in_crowd, log_rank) {
            (Some(s), Some(log_rank)) => s.slope * deviations + s.rank * log_rank + s.bias,
            _ => self.alone(deviations),
        }
    }

    /// The confidence, 0 to 1, for log-odds.
    pub(crate) fn confidence(log_odds: f32) -> f32 {
        1.0 / (1.0 + (-log_odds).exp())
    }

    /// The band of a label with its own `threshold`, if any.
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
    fn a_sigmoid_models_logits_are_its_likelihood() {
        let (scale, bias) = (117.0, -13.0);
        let rule = Rule::sigmoid(scale, bias);
        for similarity in [-0.05f32, 0.0, 0.08, 0.15] {
            let deviations = (similarity - rule.usual.mean) / rule.usual.deviation;
            let own = scale * similarity + bias;
            let prior = (1.0 / 32_767.0f32).ln();
            assert!((rule.log_odds(deviations, None) + prior - own).abs() < 1e-3);
        }
    }

    #[test]
    fn a_threshold_of_its_own_comes_first() {
        assert_eq!(Rule::decide(0.5, None), Band::Accepted);
        assert_eq!(Rule::decide(0.32, None), Band::Suggested);
        assert_eq!(Rule::decide(0.1, None), Band::None);
        assert_eq!(Rule::decide(0.22, None), Band::None);
        assert_eq!(Rule::decide(0.24, None), Band::Suggested);
        assert_eq!(Rule::decide(0.1, Some(0.05)), Band::Accepted);
        assert_eq!(Rule::decide(0.04, Some(0.05)), Band::None);
        assert_eq!(Rule::decide(0.48, Some(0.7)), Band::None);
        assert_eq!(Rule::decide(0.5, Some(0.7)), Band::Suggested);
        assert_eq!(Rule::decide(0.8, Some(0.9)), Band::Suggested);
        assert_eq!(Rule::decide(f32::NAN, None), Band::None);
        assert!(Band::Accepted > Band::Suggested && Band::Suggested > Band::None);
    }
}
