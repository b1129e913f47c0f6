//! One label of a vocabulary.

use crate::tagging::vocabulary::name;

/// A word that photos are tagged with.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The word, in Unicode NFC, with single spaces: what a sidecar gets as its keyword.
    pub name: String,
    /// What output and decisions call the label, unique in its vocabulary: the name, or where
    /// another label shares it, the path from the root with `|` between (`animal|crane`).
    pub(crate) id: String,
    /// The name of the label above.
    pub(crate) parent: Option<String>,
    /// Other words for the same; none of them is another label's name.
    pub synonyms: Vec<String>,
    /// Texts that say better than the name what the label means (`a mouse, a small animal`).
    pub(crate) prompts: Vec<String>,
    /// Texts for what is easily taken for the label and is not it.
    pub(crate) negatives: Vec<String>,
    /// The confidence, 0 to 1, from which the label is given; `None` for the general one.
    pub(crate) threshold: Option<f32>,
    /// What its vocabulary has for labels without a threshold of their own, if anything.
    pub(crate) general_threshold: Option<f32>,
    /// The share of all photos, 0 to 1, that the label is right for; `None` where nobody said.
    pub(crate) prior: Option<f32>,
    /// What its vocabulary has for labels without a prior of their own, if anything.
    pub(crate) general_prior: Option<f32>,
    /// Whether the label goes into sidecars; `false` for labels that only hold others together.
    pub(crate) export: bool,
    /// Where it stands in its file, counted from 1.
    pub(crate) line: usize,
}

impl Label {
    /// A label that has nothing but a name, as a line of a plain list makes it.
    pub(crate) fn of_name(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            id: name.to_owned(),
            parent: None,
            synonyms: Vec::new(),
            prompts: Vec::new(),
            negatives: Vec::new(),
            threshold: None,
            general_threshold: None,
            prior: None,
            general_prior: None,
            export: true,
            line: 0,
        }
    }

    /// The confidence from which the label is given, as far as it or its vocabulary says.
    pub(crate) fn given_from(&self) -> Option<f32> {
        self.threshold.or(self.general_threshold)
    }

    /// The name and the synonyms as a person would write them in a sentence, without repeats.
    ///
    /// Underscores become spaces, for names that come from folders; a qualifier in parentheses
    /// follows a comma (`crane (bird)` gives `crane, bird`), the form of CLIP's own prompts such
    /// as `a photo of a beagle, a type of pet`. A name that labels under different parents share
    /// gets its parent as such a qualifier: the model would take them for the same otherwise.
    pub(crate) fn texts(&self) -> Vec<String> {
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
        // Nothing but underscores and parentheses: an odd name, but the person's own.
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
    fn a_shared_name_is_told_apart_by_its_parent() {
        let mut crane = label("crane", &["grus"]);
        crane.id = "animal|crane".to_owned();
        assert_eq!(crane.texts(), ["crane, animal", "grus"]);
    }
}
