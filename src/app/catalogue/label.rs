//! A label of the library.

use crate::core::ids::LabelId;
use crate::services::learning::LabelLearning;

/// Where a label stands among the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreePlace {
    /// How many labels are above it.
    pub depth: usize,
    /// Its parent's place in [`Catalogue::labels`](crate::app::Catalogue::labels).
    pub(crate) parent: Option<usize>,
    /// Whether others are below it.
    pub(crate) has_children: bool,
}

/// The texts that stand for a label.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct LabelTexts {
    /// Other words for it.
    pub(crate) synonyms: Vec<String>,
    /// Texts that say what it means.
    pub(crate) prompts: Vec<String>,
    /// Texts for what is not meant.
    pub(crate) negatives: Vec<String>,
}

/// A label.
#[derive(Clone, Debug)]
pub struct LabelInfo {
    /// Its number in the library; `None` where nothing is known of it yet.
    pub(crate) id: Option<LabelId>,
    /// Its id in the vocabulary.
    pub name: String,
    /// What is shown of it: the name without its ancestors'.
    pub short: String,
    /// Where it stands among the others.
    pub tree: TreePlace,
    /// Whether it is in the vocabulary in use, or only known from decisions.
    pub in_vocabulary: bool,
    /// The confidence from which it is given, where it has one of its own.
    pub threshold: Option<f32>,
    /// Whether it goes into sidecars.
    pub(crate) export: bool,
    /// What stands for it.
    pub(crate) texts: LabelTexts,
    /// Photos that have it.
    pub accepted: usize,
    /// Photos that it is suggested for.
    pub(crate) suggested: usize,
    /// How it learns from decisions, where there are any.
    pub(crate) learning: Option<LabelLearning>,
}

impl LabelInfo {
    /// A label that no vocabulary has.
    pub(crate) fn unlisted(id: LabelId, name: &str) -> Self {
        Self {
            id: Some(id),
            ..Self::new(name)
        }
    }

    /// A label that nothing is known of but its name.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            id: None,
            name: name.to_owned(),
            short: name.to_owned(),
            tree: TreePlace::default(),
            in_vocabulary: false,
            threshold: None,
            export: true,
            texts: LabelTexts::default(),
            accepted: 0,
            suggested: 0,
            learning: None,
        }
    }
}
