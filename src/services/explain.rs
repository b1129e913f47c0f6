//! Explains why a photo has a label, and reports problems of the vocabulary in use.

use std::collections::HashMap;

use crate::core::embedding::Embedding;
use crate::core::encoder::EncodeError;
use crate::core::ids::{LabelId, ModelId, PhotoId};
use crate::engine::Engine;
use crate::indexer::chunk::{Scale, widen};
use crate::indexer::judge::{Judge, Library, Wanted};
use crate::indexer::labels;
use crate::indexer::shared::PipelineError;
use crate::indexer::tag_inputs;
use crate::indexer::tag_inputs::TagInputs;
use crate::store::Store;
use crate::tagging::scoring::explain;
use crate::tagging::{Explanation, Label};
use crate::words::{Phrase, decimal, phrase};

/// Labels are near-duplicates if their vectors have at least this cosine.
pub(crate) const NEAR: f32 = 0.9;
/// The number of accepted examples to name.
const NEIGHBOURS: usize = 5;

/// Why a photo of a library has a label, or not.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PhotoExplanation {
    /// The model's explanation. Its indices are into `prompts` and `negatives`; its neighbours are
    /// photos of the library.
    pub(crate) explanation: Explanation,
    /// The texts of the label.
    pub(crate) prompts: Vec<String>,
    /// The texts of its negatives.
    pub(crate) negatives: Vec<String>,
    /// The number of decisions that the label has learned from, if it uses what it learned.
    pub(crate) learned_from: Option<usize>,
    /// What confidences rest on.
    pub(crate) calibration: Calibration,
}

/// What a model's confidences rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Calibration {
    /// The model was measured on labelled photos.
    Measured,
    /// The verdicts of one that was, on photos of this library.
    ByStarter,
    /// Neither: too few photos are in the library, or read by both models.
    Missing,
}

impl PhotoExplanation {
    /// Explains the confidence of `label` in sentences for the user, without the model's numbers.
    pub(crate) fn reasons(&self, label: &str) -> Vec<Phrase> {
        let explanation = &self.explanation;
        let factors = &explanation.factors;
        let basis = match factors.scale_photos {
            0 => phrase!("why-basis-general"),
            number => phrase!("why-basis-library", count = number),
        };
        let mut reasons = vec![phrase!(
            "why-resembles",
            label = label,
            share = share(factors.share_below),
            basis = basis
        )];
        match factors.better_words {
            Some(0) => reasons.push(phrase!("why-no-better-word")),
            Some(words) => reasons.push(phrase!("why-better-words", count = words)),
            None => {}
        }
        let negative = explanation.best_negative;
        if let Some((at, _)) = negative.filter(|(_, against)| *against > explanation.similarity)
            && let Some(text) = self.negatives.get(at)
        {
            reasons.push(phrase!("why-excluded", text = text));
        }
        reasons.push(match factors.prior {
            Some(prior) => phrase!("why-expected", label = label, share = share(prior)),
            None => phrase!("why-only-below", label = label),
        });
        if let Some(decisions) = self.learned_from {
            reasons.push(phrase!("why-learned", count = decisions));
        }
        match self.calibration {
            Calibration::Measured => {}
            Calibration::ByStarter => reasons.push(phrase!("why-calibrated")),
            Calibration::Missing => reasons.push(phrase!("why-not-calibrated")),
        }
        reasons
    }
}

/// A share of 0 to 1 in per cent, rounded to neither none nor all.
fn share(share: f32) -> Phrase {
    let percent = 100.0 * share;
    match percent {
        p if p < 0.1 => phrase!("percent-least", share = decimal(0.1, 1)),
        p if p > 99.9 => phrase!("percent", share = decimal(99.9, 1)),
        p if !(1.0..=99.0).contains(&p) => phrase!("percent", share = decimal(p, 1)),
        p => phrase!("percent", share = decimal(p, 0)),
    }
}

/// Problems of a vocabulary.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct VocabularyReport {
    /// Photos with tags in the library.
    pub(crate) photos: usize,
    /// Labels that no photo has, not even as a suggestion.
    pub(crate) unmatched: Vec<String>,
    /// Pairs that the model can hardly distinguish, with their cosine, the nearest first.
    pub(crate) near_duplicates: Vec<(String, String, f32)>,
}

/// Explains labels and photos of one library. Creating it takes as long as embedding the
/// vocabulary, or a fraction of that if `engine.text` is a [`crate::indexer::TextCache`]. It is
/// valid until the vocabulary or decisions change.
pub(crate) struct Explainer<'a> {
    engine: &'a Engine,
    store: &'a Store,
    model: ModelId,
    judge: Judge,
    calibration: Calibration,
}

impl<'a> Explainer<'a> {
    /// Reads the labels in use. `model` is the engine's id in the library.
    ///
    /// # Errors
    /// If the library cannot be read, or the model cannot embed the labels.
    pub(crate) fn new(
        engine: &'a Engine,
        store: &'a Store,
        model: ModelId,
        identity: &crate::engine::ModelIdentity,
    ) -> Result<Self, PipelineError> {
        let inputs = TagInputs::read(store, identity)?;
        let reference = labels::reference(engine)?;
        let mut scale = Scale::default();
        let library = Library {
            engine,
            reference: &reference,
            store,
            model,
            scale: scale.of(&inputs, store, model, &reference)?,
        };
        let fitted = inputs.scale.and_then(|scale| scale.constants);
        let calibration = match (identity.is_measured(), fitted) {
            (true, _) => Calibration::Measured,
            (false, Some(_)) => Calibration::ByStarter,
            (false, None) => Calibration::Missing,
        };
        let judge = Judge::new(inputs, Vec::new(), &library, None, Wanted::All)?;
        Ok(Self {
            engine,
            store,
            model,
            judge,
            calibration,
        })
    }

    /// Explains why `photo` has the label of that id, or lacks it; `None` if the vocabulary has no
    /// such label, or the photo no embedding.
    ///
    /// # Errors
    /// If the library cannot be read, or the model cannot embed the label's texts.
    pub(crate) fn photo(
        &self,
        photo: PhotoId,
        label: &str,
    ) -> Result<Option<PhotoExplanation>, PipelineError> {
        let Some((label, model)) = self.judge.model(label) else {
            return Ok(None);
        };
        let Some(embedding) = self.embeddings(&[photo])?.remove(&photo) else {
            return Ok(None);
        };
        let prompts = texts(label);
        let vectors = self.prompt_vectors(label)?;
        let mut accepted = Vec::new();
        if let Some(id) = self.store.label(&label.id)? {
            accepted = tag_inputs::accepted_photos(self.store, id)?;
        }
        accepted.retain(|other| *other != photo);
        let others = self.embeddings(&accepted)?;
        let neighbours = others.iter().map(|(id, e)| (*id, e));
        let view = self.judge.reference().prepare(&embedding);
        let explanation =
            explain::explain(model, &embedding, &view, &vectors, neighbours, NEIGHBOURS);
        Ok(Some(PhotoExplanation {
            explanation,
            prompts,
            negatives: label.negatives.clone(),
            learned_from: model.learned().map(|l| l.decisions),
            calibration: self.calibration,
        }))
    }

    /// Reports problems of the vocabulary. Labels without photos are those of the last tagging.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn vocabulary(&self) -> Result<VocabularyReport, PipelineError> {
        let photos = self.store.embedded(self.model)?;
        let idle: Vec<LabelId> = match photos {
            0 => Vec::new(),
            _ => self.store.labels_without_tags()?,
        };
        let mut unmatched = Vec::new();
        let (mut ids, mut vectors) = (Vec::new(), Vec::new());
        for (id, vector) in self.judge.vectors() {
            if let Some(label) = self.store.label(id)?
                && idle.contains(&label)
            {
                unmatched.push(id.to_owned());
            }
            if let Some(vector) = Embedding::normalised(vector.to_vec()) {
                ids.push(id);
                vectors.push(vector);
            }
        }
        let name = |i: usize| ids.get(i).map(|id| (*id).to_owned());
        let near_duplicates = explain::near_duplicates(&vectors, NEAR)
            .into_iter()
            .filter_map(|(a, b, cosine)| Some((name(a)?, name(b)?, cosine)))
            .collect();
        Ok(VocabularyReport {
            photos,
            unmatched,
            near_duplicates,
        })
    }

    /// One vector for each of [`texts`], the templates averaged.
    fn prompt_vectors(&self, label: &Label) -> Result<Vec<Embedding>, EncodeError> {
        let names: Vec<Vec<String>> = label.texts().into_iter().map(|t| vec![t]).collect();
        let text = &*self.engine.text;
        let mut vectors =
            crate::clip::zero_shot::label_embeddings(text, &names, &self.engine.templates)?;
        if !label.prompts.is_empty() {
            let prompts: Vec<&str> = label.prompts.iter().map(String::as_str).collect();
            vectors.extend(text.encode_texts(&prompts)?);
        }
        Ok(vectors)
    }

    fn embeddings(&self, photos: &[PhotoId]) -> Result<HashMap<PhotoId, Embedding>, PipelineError> {
        let matrix = self.store.matrix_of(self.model, photos)?;
        let rows = matrix.rows.chunks(matrix.dimension.max(1));
        let pairs = matrix.photo_ids.iter().zip(rows);
        Ok(pairs
            .filter_map(|(id, row)| Some((*id, widen(row)?)))
            .collect())
    }
}

/// The texts of a label: name and synonyms, then prompts.
fn texts(label: &Label) -> Vec<String> {
    let mut texts = label.texts();
    texts.extend(label.prompts.iter().cloned());
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tagging::scoring::factors::Factors;
    use crate::tagging::scoring::rule::Band;

    #[test]
    fn reasons_are_sentences_for_a_person() {
        let mut found = PhotoExplanation {
            explanation: Explanation {
                similarity: 0.3,
                score: 1.0,
                confidence: 0.7,
                threshold: 0.5,
                band: Band::Accepted,
                factors: Factors {
                    share_below: 0.998,
                    scale_photos: 4096,
                    better_words: Some(2),
                    prior: Some(0.03),
                },
                best_prompt: None,
                best_negative: Some((0, 0.2)),
                neighbours: Vec::new(),
            },
            prompts: vec!["dog".into()],
            negatives: vec!["wolf".into()],
            learned_from: Some(5),
            calibration: Calibration::Measured,
        };
        let reasons = |found: &PhotoExplanation| -> Vec<String> {
            let reasons = found.reasons("dog").into_iter();
            reasons.map(|reason| reason.to_string()).collect()
        };
        assert_eq!(
            reasons(&found),
            [
                "It resembles “dog” more than 99.8 % of photos without “dog” do, judging by 4,096 photos of your library.",
                "2 other common words fit it better.",
                "“dog” is expected on 3 % of photos.",
                "5 decisions of yours adjust the label.",
            ]
        );
        found.explanation.best_negative = Some((0, 0.4));
        found.explanation.factors.scale_photos = 0;
        found.explanation.factors.share_below = 1.0;
        found.explanation.factors.better_words = Some(0);
        found.explanation.factors.prior = None;
        found.learned_from = None;
        found.calibration = Calibration::ByStarter;
        let reasons = |found: &PhotoExplanation| -> Vec<String> {
            let reasons = found.reasons("dog").into_iter();
            reasons.map(|reason| reason.to_string()).collect()
        };
        assert_eq!(
            reasons(&found),
            [
                "It resembles “dog” more than 99.9 % of photos without “dog” do, judging by what is usual for words in general.",
                "No other common word fits it better.",
                "It looks more like “wolf”, which the label excludes.",
                "“dog” is given only with a label below it.",
                "Nobody measured this model on photographs: its confidences follow the built-in model’s verdicts on photos of this library.",
            ]
        );
        found.calibration = Calibration::Missing;
        let last = reasons(&found).pop();
        assert!(last.is_some_and(|last| last.ends_with("its confidences are rough.")));
    }
}
