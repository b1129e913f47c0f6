//! An edit: what it asks for, the labels that it names, and the text that comes of it.

use crate::tagging::vocabulary::error::VocabularyError;
use crate::tagging::vocabulary::list::Vocabulary;

/// A change to a vocabulary. Labels are named by their ids.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// A new label, at the end of those below `parent`.
    Add {
        /// Its name.
        name: String,
        /// The label above.
        parent: Option<String>,
    },
    /// The label goes; those below it move up to the one above it.
    Delete {
        /// Which.
        label: String,
    },
    /// The label gets another name.
    Rename {
        /// Which.
        label: String,
        /// Its new name.
        name: String,
    },
    /// The label becomes a synonym of another, with its synonyms and texts; those below it move
    /// below the other.
    Merge {
        /// The label that goes.
        from: String,
        /// The label that stays.
        into: String,
    },
    /// The label, with all below it, moves below another.
    SetParent {
        /// Which.
        label: String,
        /// The label above; `None` for the top.
        parent: Option<String>,
    },
    /// The label's synonyms, all of them.
    SetSynonyms {
        /// Which label.
        label: String,
        /// The words.
        synonyms: Vec<String>,
    },
    /// The texts that say what the label means, all of them.
    SetPrompts {
        /// Which label.
        label: String,
        /// The texts.
        prompts: Vec<String>,
    },
    /// The texts for what is not meant, all of them.
    SetNegatives {
        /// Which label.
        label: String,
        /// The texts.
        negatives: Vec<String>,
    },
    /// The confidence from which the label is given.
    SetThreshold {
        /// Which label.
        label: String,
        /// 0 to 1; `None` for the general one.
        threshold: Option<f32>,
    },
    /// Whether the label goes into sidecars.
    SetExport {
        /// Which label.
        label: String,
        /// Whether it does.
        export: bool,
    },
}

impl Edit {
    /// By how many labels the vocabulary grows.
    pub(super) fn grows(&self) -> isize {
        match self {
            Self::Add { .. } => 1,
            Self::Delete { .. } | Self::Merge { .. } => -1,
            _ => 0,
        }
    }
}

/// Why an edit was not made. The document is as it was.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// There is no such label.
    #[error("the vocabulary has no label “{0}”")]
    Unknown(String),
    /// The form of the file cannot say it.
    #[error("a {form} cannot hold {what}; convert the vocabulary to the full form (TOML) first")]
    NeedsFullForm {
        /// What the file is.
        form: &'static str,
        /// What it cannot hold.
        what: &'static str,
    },
    /// A label cannot lie below itself, nor be merged with itself or with one below it.
    #[error("“{label}” cannot go below or into “{into}”, which is the same label or lies below it")]
    Circle {
        /// The label to be moved.
        label: String,
        /// Where to.
        into: String,
    },
    /// The vocabulary would not be sound; the lines are those that it would have.
    #[error(transparent)]
    Unsound(#[from] VocabularyError),
}

/// A changed text, and where its labels come from.
pub(super) struct Draft {
    pub(super) text: String,
    /// Of each old label, the place of the line or table that now holds it: see [`Draft::by`].
    pub(super) moved: Vec<Option<usize>>,
    pub(super) by: Place,
}

/// What [`Draft::moved`] counts.
pub(super) enum Place {
    /// Lines, from 1.
    Line,
    /// Labels, from 0.
    Label,
}

/// The labels that an edit names, as indices.
pub(super) struct Targets {
    /// The label that is changed; `None` for an addition.
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
