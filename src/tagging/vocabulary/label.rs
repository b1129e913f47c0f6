//! One label of a vocabulary.

use crate::tagging::vocabulary::name;

/// A word that photos are tagged with.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The word, in Unicode NFC, with single spaces: the keyword in sidecars.
    pub name: String,
    /// The id for output and decisions, unique in its vocabulary: the name, or if another label
    /// shares it, the path from the root with `|` between names (`animal|crane`).
    pub(crate) id: String,
    /// The parent's name.
    pub(crate) parent: Option<String>,
    /// Other words for the same; none of them is another label's name.
    pub synonyms: Vec<String>,
    /// What the model reads in place of the name and the synonyms, if any: for names in a language
    /// that it does not know.
    pub(crate) model_names: Vec<String>,
    /// Texts that describe the label better than its name (`a mouse, a small animal`).
    pub(crate) prompts: Vec<String>,
    /// Texts for things easily mistaken for the label.
    pub(crate) negatives: Vec<String>,
    /// The confidence, 0 to 1, from which the label is applied; `None` for the general one.
    pub(crate) threshold: Option<f32>,
    /// The share of all photos, 0 to 1, that have the label; `None` if not given.
    pub(crate) prior: Option<f32>,
    /// The vocabulary's values for labels without their own.
    pub(crate) general: General,
    /// Whether the label goes into sidecars; `false` for labels that only group others.
    pub(crate) export: bool,
    /// Its line in the file, from 1.
    pub(crate) line: usize,
}

/// The values of a vocabulary for its labels without their own, if any.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct General {
    /// The threshold.
    pub(crate) threshold: Option<f32>,
    /// The prior.
    pub(crate) prior: Option<f32>,
}

impl Label {
    /// Creates a label with nothing but a name, like a line of a plain list.
    pub(crate) fn of_name(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            id: name.to_owned(),
            parent: None,
            synonyms: Vec::new(),
            model_names: Vec::new(),
            prompts: Vec::new(),
            negatives: Vec::new(),
            threshold: None,
            prior: None,
            general: General::default(),
            export: true,
            line: 0,
        }
    }

    /// The confidence from which the label is applied, if it or its vocabulary sets one.
    pub(crate) fn given_from(&self) -> Option<f32> {
        self.threshold.or(self.general.threshold)
    }

    /// Returns the words that the model reads for it: the model names, or the name and the synonyms
    /// as in a sentence, without repeats.
    ///
    /// Underscores become spaces, for names of folders; a qualifier in parentheses follows a comma
    /// (`crane (bird)` becomes `crane, bird`), like CLIP's own prompts such as `a photo of a
    /// beagle, a type of pet`. A name that labels under different parents share gets its parent as
    /// a qualifier, because the model could not distinguish them otherwise.
    pub(crate) fn texts(&self) -> Vec<String> {
        if !self.model_names.is_empty() {
            return self.model_names.clone();
        }
        let mut name = as_text(&self.name);
        if let (true, Some(parent)) = (self.id != self.name, &self.parent) {
            name = format!("{name}, {}", as_text(parent));
        }
        let mut texts = vec![name];
        let mut keys = vec![name::key(&texts[0])];
        for synonym in &self.synonyms {
            let text = as_text(synonym);
            let key = name::key(&text);
            if !keys.contains(&key) {
                texts.push(text);
                keys.push(key);
            }
        }
        texts
    }
}

/// A name in running text.
fn as_text(name: &str) -> String {
    let parts: Vec<String> = name
        .split(['(', ')'])
        .map(|part| name::clean(&part.replace('_', " ")))
        .filter(|part| !part.is_empty())
        .collect();
    match parts.is_empty() {
        // Only underscores and parentheses: an odd name, but the user's own.
        true => name.to_owned(),
        false => parts.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(name: &str, synonyms: &[&str]) -> Label {
        Label {
            parent: Some("animal".to_owned()),
            synonyms: synonyms.iter().map(|&s| s.to_owned()).collect(),
            ..Label::of_name(name)
        }
    }

    #[test]
    fn texts_read_as_a_person_writes() {
        for (name, synonyms, expected) in [
            ("dog", vec![], vec!["dog"]),
            ("dollar_bill", vec![], vec!["dollar bill"]),
            ("__a__b_", vec![], vec!["a b"]),
            ("crane (bird)", vec![], vec!["crane, bird"]),
            ("(old) car", vec![], vec!["old, car"]),
            ("crane ()", vec![], vec!["crane"]),
            ("(_)", vec![], vec!["(_)"]),
            (
                "Fox",
                vec!["fox", "red_fox", "red fox"],
                vec!["Fox", "red fox"],
            ),
        ] {
            assert_eq!(label(name, &synonyms).texts(), expected, "{name}");
        }
    }

    #[test]
    fn model_names_stand_in_for_the_name_and_the_synonyms() {
        let mut hund = label("Hund", &["Haushund"]);
        hund.model_names = vec!["dog".to_owned(), "hound".to_owned()];
        assert_eq!(hund.texts(), ["dog", "hound"]);
    }

    #[test]
    fn a_shared_name_is_told_apart_by_its_parent() {
        let mut crane = label("crane", &["grus"]);
        crane.id = "animal|crane".to_owned();
        assert_eq!(crane.texts(), ["crane, animal", "grus"]);
    }
}
