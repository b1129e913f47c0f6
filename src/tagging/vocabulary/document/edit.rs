//! Edits of a vocabulary, their labels, and the resulting text.

use crate::tagging::vocabulary::error::VocabularyError;
use crate::tagging::vocabulary::list::Vocabulary;

/// A change to a vocabulary. It names labels by their ids.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Adds a label, at the end of those below `parent`.
    Add {
        /// Its name.
        name: String,
        /// The parent.
        parent: Option<String>,
    },
    /// Deletes the label; those below it move up to its parent.
    Delete {
        /// The label.
        label: String,
    },
    /// Renames the label.
    Rename {
        /// The label.
        label: String,
        /// Its new name.
        name: String,
    },
    /// Makes the label a synonym of another, which also gets its synonyms, texts and the labels
    /// below it.
    Merge {
        /// The label to remove.
        from: String,
        /// The label to keep.
        into: String,
    },
    /// Moves the label, with all below it, below another.
    SetParent {
        /// The label.
        label: String,
        /// The new parent; `None` for the top.
        parent: Option<String>,
    },
    /// Sets all synonyms of the label.
    SetSynonyms {
        /// The label.
        label: String,
        /// The words.
        synonyms: Vec<String>,
    },
    /// Sets all texts that describe the label.
    SetPrompts {
        /// The label.
        label: String,
        /// The texts.
        prompts: Vec<String>,
    },
    /// Sets all texts for what the label does not mean.
    SetNegatives {
        /// The label.
        label: String,
        /// The texts.
        negatives: Vec<String>,
    },
    /// Sets the confidence from which the label is applied.
    SetThreshold {
        /// The label.
        label: String,
        /// 0 to 1; `None` for the general one.
        threshold: Option<f32>,
    },
    /// Sets whether the label goes into sidecars.
    SetExport {
        /// The label.
        label: String,
        /// Whether it does.
        export: bool,
    },
    /// Names labels in another language.
    Translate(Vec<NewNames>),
}

/// The names of a label in another language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNames {
    /// The label.
    pub(crate) label: String,
    /// Its new name.
    pub(crate) name: String,
    /// All its synonyms.
    pub(crate) synonyms: Vec<String>,
    /// What the model reads in place of them, if anything.
    pub(crate) model_names: Vec<String>,
}

impl Edit {
    /// The change in the number of labels.
    pub(super) fn grows(&self) -> isize {
        match self {
            Self::Add { .. } => 1,
            Self::Delete { .. } | Self::Merge { .. } => -1,
            _ => 0,
        }
    }
}

/// Why an edit was not made. The document is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// There is no such label.
    #[error("the vocabulary has no label “{0}”")]
    Unknown(String),
    /// The file's format cannot express it.
    #[error("a {form} cannot hold {what}; convert the vocabulary to the full format (TOML) first")]
    NeedsFullForm {
        /// The format.
        form: &'static str,
        /// What it cannot express.
        what: &'static str,
    },
    /// A label cannot be moved below itself, nor merged with itself or with one below it.
    #[error("“{label}” cannot go below or into “{into}”, which is the same label or lies below it")]
    Circle {
        /// The label to move.
        label: String,
        /// Its destination.
        into: String,
    },
    /// The vocabulary would be invalid; the lines are those of the new text.
    #[error(transparent)]
    Unsound(#[from] VocabularyError),
}

/// A changed text, and the origin of its labels.
pub(super) struct Draft {
    pub(super) text: String,
    /// For each old label, the place of the line or table that now holds it: see [`Draft::by`].
    pub(super) moved: Vec<Option<usize>>,
    pub(super) by: Place,
}

/// The unit of [`Draft::moved`].
pub(super) enum Place {
    /// Lines, from 1.
    Line,
    /// Labels, from 0.
    Label,
}

/// The labels that an edit names, by index.
pub(super) struct Targets {
    /// The label to change; `None` for an addition.
    pub(super) label: Option<usize>,
    /// The label that it goes below or into.
    pub(super) other: Option<usize>,
}

impl Targets {
    pub(super) fn of(edit: &Edit, vocabulary: &Vocabulary) -> Result<Self, DocumentError> {
        let find = |id: &String| {
            let found = vocabulary.labels().iter().position(|l| l.id == *id);
            found.ok_or_else(|| DocumentError::Unknown(id.clone()))
        };
        let (label, other) = match edit {
            Edit::Add { parent, .. } => (None, parent.as_ref()),
            Edit::Translate(_) => (None, None),
            Edit::Merge { from, into } => (Some(from), Some(into)),
            Edit::SetParent { label, parent } => (Some(label), parent.as_ref()),
            Edit::Delete { label }
            | Edit::Rename { label, .. }
            | Edit::SetSynonyms { label, .. }
            | Edit::SetPrompts { label, .. }
            | Edit::SetNegatives { label, .. }
            | Edit::SetThreshold { label, .. }
            | Edit::SetExport { label, .. } => (Some(label), None),
        };
        let targets = Self {
            label: label.map(find).transpose()?,
            other: other.map(find).transpose()?,
        };
        if let (Some(label), Some(other)) = (targets.label, targets.other)
            && (label == other || vocabulary.ancestors(other).any(|above| above == label))
        {
            return Err(DocumentError::Circle {
                label: vocabulary.labels()[label].id.clone(),
                into: vocabulary.labels()[other].id.clone(),
            });
        }
        Ok(targets)
    }
}
