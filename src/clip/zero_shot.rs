//! Computes label vectors from names and prompt templates: CLIP's zero-shot classifier (the paper,
//! section 3.1.4).

use crate::core::embedding::Embedding;
use crate::core::encoder::{EncodeError, TextEncoder};

/// The seven templates that do as well as all eighty, according to forward selection in the
/// original's notebook `Prompt_Engineering_for_ImageNet.ipynb`.
pub(crate) const TEMPLATES: [&str; 7] = [
    "itap of a {}.",
    "a bad photo of the {}.",
    "a origami {}.",
    "a photo of the large {}.",
    "a {} in a video game.",
    "art of the {}.",
    "a photo of the small {}.",
];

/// SigLIP's only template (the zero-shot example of transformers' documentation): its models were
/// trained on captions in many languages, and every text costs a full context.
pub(crate) const SIGLIP_TEMPLATES: [&str; 1] = ["This is a photo of {}."];

/// Texts per call of the encoder, which makes its own batches.
const BATCH: usize = 512;

/// [`TEMPLATES`] as owned strings.
#[cfg(test)]
pub(crate) fn default_templates() -> Vec<String> {
    TEMPLATES.map(str::to_owned).to_vec()
}

/// Computes one vector per label: every name (a label and its synonyms) replaces `{}` in every
/// template; the prompts are embedded and normalised, averaged, and normalised again.
///
/// Without templates, the names are embedded unchanged.
///
/// # Errors
/// The encoder's errors; [`EncodeError::Degenerate`] if a label has no name or its prompts cancel
/// out.
pub(crate) fn label_embeddings(
    encoder: &dyn TextEncoder,
    labels: &[Vec<String>],
    templates: &[String],
) -> Result<Vec<Embedding>, EncodeError> {
    let prompts: Vec<String> = labels
        .iter()
        .flatten()
        .flat_map(|name| prompts(name, templates))
        .collect();
    let mut embedded = Vec::with_capacity(prompts.len());
    for batch in prompts.chunks(BATCH) {
        let texts: Vec<&str> = batch.iter().map(String::as_str).collect();
        embedded.extend(encoder.encode_texts(&texts)?);
    }
    let mut rest = embedded.as_slice();
    labels
        .iter()
        .map(|names| {
            let count = names.len() * templates.len().max(1);
            let (own, others) = rest
                .split_at_checked(count)
                .ok_or(EncodeError::Degenerate)?;
            rest = others;
            Embedding::mean(own).ok_or(EncodeError::Degenerate)
        })
        .collect()
}

fn prompts(name: &str, templates: &[String]) -> Vec<String> {
    if templates.is_empty() {
        return vec![name.to_owned()];
    }
    templates.iter().map(|t| t.replace("{}", name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Embeds a text by its length and its first letter.
    struct Toy;

    impl TextEncoder for Toy {
        fn dimension(&self) -> usize {
            2
        }

        fn encode_texts(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
            assert!(texts.len() <= BATCH);
            let embed = |t: &&str| {
                let first = f32::from(t.as_bytes()[0]);
                Embedding::normalised(vec![t.len() as f32, first]).ok_or(EncodeError::Degenerate)
            };
            texts.iter().map(embed).collect()
        }
    }

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|t| (*t).to_owned()).collect()
    }

    #[test]
    fn averages_names_and_templates() {
        let templates = strings(&["a {}", "{} and {}"]);
        let labels = [strings(&["dog"]), strings(&["cat", "kitten"])];
        let got = label_embeddings(&Toy, &labels, &templates).unwrap();
        let texts = ["a cat", "cat and cat", "a kitten", "kitten and kitten"];
        let expected = Embedding::mean(&Toy.encode_texts(&texts).unwrap()).unwrap();
        assert_eq!(got.len(), 2);
        assert_eq!(got[1], expected);
    }

    #[test]
    fn batches_keep_the_order() {
        let labels: Vec<_> = (0..300).map(|i| strings(&[&format!("{i}")])).collect();
        let got = label_embeddings(&Toy, &labels, &default_templates()).unwrap();
        let alone = label_embeddings(&Toy, &labels[299..], &default_templates()).unwrap();
        assert_eq!(got[299], alone[0]);
    }

    #[test]
    fn a_label_needs_a_name() {
        let got = label_embeddings(&Toy, &[Vec::new()], &default_templates());
        assert!(matches!(got, Err(EncodeError::Degenerate)));
    }
}
