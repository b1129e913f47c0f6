//! Prepares a vocabulary for scoring photos.

use crate::clip::starter;
use crate::clip::zero_shot::label_embeddings;
use crate::core::embedding::Embedding;
use crate::core::encoder::EncodeError;
use crate::engine::Engine;
use crate::engine::Scoring;
use crate::tagging::{Judge, Label, LabelModel, Preparation, Reference, Rule, Vocabulary};

/// How strongly a photo moves towards the starter classifier's result: of scales 10, 14, 20 and
/// weights ¼ to 1 these have the best mean of mAP, top-1 and AP over all pairs on `photos/objects`
/// and `photos/imagenet`.
const STARTER_PREPARATION: Preparation = Preparation::Sharpened {
    scale: 20.0,
    weight: 0.5,
};
/// Every 12th built-in label is a background text for CLIP models, in all templates of labels. That
/// makes about 35 words and 240 texts, which take a small model a few seconds, once per library.
const BACKGROUND_STEP: usize = 12;

/// Embeds the reference texts that photos are compared with besides the labels. They depend only on
/// the model, so they serve every vocabulary.
///
/// # Errors
/// If the model cannot embed the background texts.
pub(crate) fn reference(engine: &Engine) -> Result<Reference, EncodeError> {
    match engine.scoring {
        Scoring::Starter => {
            let anchors = starter::anchors().map_err(|error| EncodeError::Engine {
                device: engine.device.clone(),
                reason: error.to_string(),
            })?;
            let labels = Vocabulary::builtin().labels().iter();
            let names: Vec<&str> = labels.map(|label| label.name.as_str()).collect();
            let cohort = engine.text.encode_texts(&names)?;
            Ok(Reference::new(&anchors, STARTER_PREPARATION).with_cohort(&cohort))
        }
        Scoring::Clip { .. } | Scoring::Sigmoid { .. } => {
            let texts = background().map(Label::texts);
            let names: Vec<Vec<String>> = texts
                .filter_map(|texts| texts.into_iter().next())
                .map(|name| vec![name])
                .collect();
            let vectors = label_embeddings(&*engine.text, &names, &engine.templates)?;
            Ok(Reference::new(&vectors, Preparation::Centred))
        }
    }
}

/// The built-in labels that are background texts.
pub(crate) fn background() -> impl Iterator<Item = &'static Label> {
    let labels = Vocabulary::builtin().labels().iter();
    labels.step_by(BACKGROUND_STEP)
}

/// The rule for the model's similarities.
pub fn rule(engine: &Engine) -> Rule {
    match engine.scoring {
        Scoring::Starter => Rule::STARTER,
        Scoring::Clip { logit_scale } => Rule::clip(logit_scale),
        Scoring::Sigmoid {
            logit_scale,
            logit_bias,
        } => Rule::sigmoid(logit_scale, logit_bias),
    }
}

/// Embeds labels: names and synonyms in the model's templates, prompts and negatives unchanged.
/// Returns one model per label, without decisions.
///
/// # Errors
/// If the model cannot embed the texts.
pub(crate) fn models(engine: &Engine, labels: &[&Label]) -> Result<Vec<LabelModel>, EncodeError> {
    let names: Vec<Vec<String>> = labels.iter().map(|l| l.texts()).collect();
    let vectors = label_embeddings(&*engine.text, &names, &engine.templates)?;
    let embed = |texts: &[String]| {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        match texts.is_empty() {
            true => Ok(Vec::new()),
            false => engine.text.encode_texts(&texts),
        }
    };
    let mut models = Vec::with_capacity(labels.len());
    for (vector, label) in vectors.into_iter().zip(labels) {
        let prompts = embed(&label.prompts)?;
        let all: Vec<&Embedding> = prompts.iter().chain([&vector]).collect();
        let vector = Embedding::mean(all).ok_or(EncodeError::Degenerate)?;
        let negatives = embed(&label.negatives)?;
        let model = LabelModel::new(&vector, &negatives, rule(engine));
        let model = model.with_prior(label.likely_share());
        models.push(model.with_threshold(label.given_from()));
    }
    Ok(models)
}

/// Creates a judge for the vocabulary.
///
/// # Errors
/// If the model cannot embed the texts.
pub fn judge(engine: &Engine, vocabulary: &Vocabulary) -> Result<Judge, EncodeError> {
    let labels: Vec<&Label> = vocabulary.labels().iter().collect();
    let parents = (0..labels.len()).map(|i| vocabulary.parent(i)).collect();
    Ok(Judge::new(
        reference(engine)?,
        models(engine, &labels)?,
        parents,
    ))
}
