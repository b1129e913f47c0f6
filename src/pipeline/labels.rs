//! From a vocabulary to one vector a label.

use crate::clip::zero_shot::label_embeddings;
use crate::embedding::Embedding;
use crate::encoder::EncodeError;
use crate::pipeline::Engine;
use crate::tagging::{Scorer, Vocabulary};

/// Embeds every label: its name and synonyms in the model's templates, its prompts as they stand.
pub fn scorer(engine: &Engine, vocabulary: &Vocabulary) -> Result<Scorer, EncodeError> {
    let labels = vocabulary.labels();
    let names: Vec<Vec<String>> = labels.iter().map(|label| label.texts()).collect();
    let mut vectors = label_embeddings(&*engine.text, &names, &engine.templates)?;
    for (vector, label) in vectors.iter_mut().zip(labels) {
        if !label.prompts.is_empty() {
            let prompts: Vec<&str> = label.prompts.iter().map(String::as_str).collect();
            let prompts = engine.text.encode_texts(&prompts)?;
            let all: Vec<&Embedding> = prompts.iter().chain([&*vector]).collect();
            *vector = Embedding::mean(all).ok_or(EncodeError::Degenerate)?;
        }
    }
    Ok(Scorer::new(vectors, engine.calibration))
}
