//! A label of the library.

use crate::core::ids::LabelId;
use crate::services::learning::LabelLearning;

/// A label's place in the hierarchy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreePlace {
    /// The number of labels above it.
    pub depth: usize,
    /// Its parent's index in [`Catalogue::labels`](crate::app::Catalogue::labels).
    pub(crate) parent: Option<usize>,
    /// Whether it has children.
    pub(crate) has_children: bool,
}

/// The texts of a label.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct LabelTexts {
    /// Other words for it.
    pub(crate) synonyms: Vec<String>,
    /// What the model reads in place of the name and the synonyms, if anything.
    pub(crate) model_names: Vec<String>,
    /// Texts that describe it.
    pub(crate) prompts: Vec<String>,
    /// Texts for what it does not mean.
    pub(crate) negatives: Vec<String>,
}

/// A label.
#[derive(Clone, Debug)]
pub struct LabelInfo {
    /// Its id in the library; `None` if the library does not have it yet.
    pub(crate) id: Option<LabelId>,
    /// Its id in the vocabulary.
    pub name: String,
    /// The displayed text: the name without its ancestors'.
    pub short: String,
    /// Its place in the hierarchy.
    pub tree: TreePlace,
    /// Whether it is in the vocabulary in use, rather than known only from decisions.
    pub in_vocabulary: bool,
    /// The confidence from which it is applied, if it has its own.
    pub threshold: Option<f32>,
    /// Whether it goes into sidecars.
    pub(crate) export: bool,
    /// Its texts.
    pub(crate) texts: LabelTexts,
    /// Photos that have it.
    pub accepted: usize,
    /// Photos for which it is suggested.
    pub(crate) suggested: usize,
    /// How many of those are probably right, by their confidences when the library was read.
    pub(crate) expected: f32,
    /// Its learning, if it has decisions.
    pub(crate) learning: Option<LabelLearning>,
}

impl LabelInfo {
    /// Creates a label that is in no vocabulary.
    pub(crate) fn unlisted(id: LabelId, name: &str) -> Self {
        Self {
            id: Some(id),
            ..Self::new(name)
        }
    }

    /// Whether any photo has it, or may have it.
    pub(crate) fn is_on_photos(&self) -> bool {
        self.accepted + self.suggested > 0
    }

    /// Creates a label with only a name.
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
            expected: 0.0,
            learning: None,
        }
    }
}
