//! Priors: how often a label is right, before the photo is looked at.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::tagging::vocabulary::label::Label;
use crate::tagging::vocabulary::list::Vocabulary;
use crate::tagging::vocabulary::name;

/// The assumed share of photos with a label that has no prior: users list words because some of
/// their photos show them, and a photo shows about three of a hundred such words.
pub const DEFAULT_PRIOR: f32 = 0.03;

impl Label {
    /// Returns the share of all photos, 0 to 1, that probably have the label: its own prior or its
    /// vocabulary's; else the built-in vocabulary's prior for the same word, if that is above
    /// [`DEFAULT_PRIOR`]. It depends on no other label.
    pub(crate) fn likely_share(&self) -> f32 {
        let stated = self.prior.or(self.general.prior);
        stated.unwrap_or_else(|| {
            let names = std::iter::once(&self.name).chain(&self.synonyms);
            let names = names.chain(&self.model_names);
            let common = names.filter_map(|word| COMMON.get(&name::key(word)).copied());
            common.fold(DEFAULT_PRIOR, f32::max)
        })
    }
}

/// The built-in words that are more common than most, by their keys.
static COMMON: LazyLock<HashMap<String, f32>> = LazyLock::new(|| {
    let mut common = HashMap::new();
    for label in Vocabulary::builtin().labels() {
        let Some(prior) = label.prior.filter(|prior| *prior > DEFAULT_PRIOR) else {
            continue;
        };
        for word in std::iter::once(&label.name).chain(&label.synonyms) {
            let known = common.entry(name::key(word)).or_insert(prior);
            *known = known.max(prior);
        }
    }
    common
});

#[cfg(test)]
mod tests {
    use super::*;

    fn share(text: &str) -> f32 {
        Vocabulary::parse(text).unwrap().labels()[0].likely_share()
    }

    #[test]
    fn a_label_is_as_likely_as_it_says_or_as_its_word_is_elsewhere() {
        assert_eq!(share("zither"), DEFAULT_PRIOR);
        // A user who lists a rare animal has photos of it.
        assert_eq!(share("giraffe"), DEFAULT_PRIOR);
        assert_eq!(share("Person"), 0.5);
        let stated = "prior = 0.2\n[[label]]\nname = \"person\"\n";
        assert_eq!(share(stated), 0.2);
        assert_eq!(share(&format!("{stated}prior = 0.04\n")), 0.04);
        let synonym = "[[label]]\nname = \"folk\"\nsynonyms = [\"people\"]\n";
        assert_eq!(share(synonym), 0.5);
        for wrong in ["1.5", "-0.1", "\"often\"", "nan"] {
            let error = Vocabulary::parse(&format!("{stated}prior = {wrong}\n")).unwrap_err();
            assert!(
                error.to_string().contains("“prior” must be a share"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_built_in_words_say_how_often_they_are_right() {
        let labels = Vocabulary::builtin().labels();
        assert!(labels.iter().all(|l| l.general.prior == Some(0.01)));
        let sum: f32 = labels.iter().map(Label::likely_share).sum();
        assert!((5.0..15.0).contains(&sum), "{sum} labels a photo");
    }
}
