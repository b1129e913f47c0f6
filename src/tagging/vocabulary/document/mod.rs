//! A vocabulary as a text to be edited: what an edit does not touch stays as it is, to the byte,
//! with its remarks, order, spacing and line ends.
//!
//! `keyword_list` edits the two line-based forms, `full` the TOML. Every edit is made on a copy,
//! which is then read like any file: what would not be a sound vocabulary is refused with the
//! lines, and the document stays as it was.
//!
//! Labels are named by their ids. An edit may change those of others too (a name becomes shared,
//! or ceases to be), and what is stored about labels goes by ids: [`Change`] tells which.

mod full;
mod keyword_list;

use std::collections::HashMap;

use crate::tagging::vocabulary::error::{Problem, VocabularyError};
use crate::tagging::vocabulary::list::Vocabulary;
use crate::tagging::vocabulary::parse::Form;

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
    fn grows(&self) -> isize {
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

/// What became of the labels' ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Old id to new, for every label whose id is another now. A merged label's is the id of the
    /// one that it went into: its decisions follow it there.
    pub(crate) ids: Vec<(String, String)>,
    /// Ids of labels that are gone.
    pub(crate) gone: Vec<String>,
}

/// A vocabulary's text, sound at any time.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    form: Form,
    text: String,
    vocabulary: Vocabulary,
}

/// A changed text, and where its labels come from.
struct Draft {
    text: String,
    /// Of each old label, the place of the line or table that now holds it: see [`Draft::by`].
    moved: Vec<Option<usize>>,
    by: Place,
}

/// What [`Draft::moved`] counts.
enum Place {
    /// Lines, from 1.
    Line,
    /// Labels, from 0.
    Label,
}

impl Document {
    /// A text that is no file yet.
    ///
    /// # Errors
    /// What is wrong with the vocabulary, by line.
    pub(crate) fn from_text(text: &str) -> Result<Self, VocabularyError> {
        Self::new(text.to_owned())
    }

    fn new(text: String) -> Result<Self, VocabularyError> {
        Ok(Self {
            vocabulary: Vocabulary::parse(&text)?,
            form: Form::of(&text),
            text,
        })
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The vocabulary that the text says.
    #[cfg(test)]
    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The same vocabulary in the full form, which can hold every edit. Remarks between the
    /// labels come along.
    ///
    /// # Errors
    /// Where labels lie below one whose name several have: the full form names parents by name.
    pub(crate) fn to_full_form(&self) -> Result<Self, VocabularyError> {
        match self.form {
            Form::Toml => Ok(self.clone()),
            Form::Plain | Form::Lightroom => {
                let text = full::write(&self.vocabulary, &self.text);
                let document = Self::new(text)?;
                if !document.says_the_same(self) {
                    let message = "the full form cannot say which of several labels of one name \
                                   is meant as a parent; give parents names of their own";
                    return Err(VocabularyError::new(vec![Problem::whole(message)]));
                }
                Ok(document)
            }
        }
    }

    /// Makes an edit, and tells what became of the labels' ids.
    ///
    /// # Errors
    /// The document stays as it was: see [`DocumentError`].
    pub(crate) fn edit(&mut self, edit: &Edit) -> Result<Change, DocumentError> {
        let target = Targets::of(edit, &self.vocabulary)?;
        let draft = match self.form {
            Form::Toml => full::edit(&self.text, &self.vocabulary, edit, &target)?,
            Form::Lightroom => keyword_list::edit(&self.text, &self.vocabulary, edit, &target)?,
            Form::Plain => keyword_list::edit_plain(&self.text, &self.vocabulary, edit, &target)?,
        };
        let edited = Self::new(draft.text)?;
        // A name may mean something else where it is written: `# x` a remark, `[[x]]` a table.
        let expected = self.vocabulary.labels().len() as isize + edit.grows();
        if edited.vocabulary.labels().len() as isize != expected
            || (edited.form == Form::Toml) != (self.form == Form::Toml)
        {
            return Err(DocumentError::NeedsFullForm {
                form: self.form.name(),
                what: "this name",
            });
        }
        let old = self.vocabulary.labels();
        let new = edited.vocabulary.labels();
        let by_line: HashMap<usize, usize> =
            new.iter().enumerate().map(|(i, l)| (l.line, i)).collect();
        let mut change = Change::default();
        for (label, place) in old.iter().zip(&draft.moved) {
            let at = match draft.by {
                Place::Line => place.and_then(|line| by_line.get(&line).copied()),
                Place::Label => *place,
            };
            match at.and_then(|at| new.get(at)) {
                Some(now) if now.id != label.id => {
                    change.ids.push((label.id.clone(), now.id.clone()));
                }
                Some(_) => {}
                None => change.gone.push(label.id.clone()),
            }
        }
        *self = edited;
        Ok(change)
    }

    fn says_the_same(&self, other: &Self) -> bool {
        let (a, b) = (&self.vocabulary, &other.vocabulary);
        let all = |v: &Vocabulary| v.labels().len();
        all(a) == all(b)
            && (0..all(a)).all(|i| {
                let (x, y) = (&a.labels()[i], &b.labels()[i]);
                a.parent(i) == b.parent(i)
                    && (&x.id, &x.synonyms, x.export) == (&y.id, &y.synonyms, y.export)
            })
    }
}

/// The labels that an edit names, as indices.
struct Targets {
    /// The label that is changed; `None` for an addition.
    label: Option<usize>,
    /// The label that it goes below or into.
    other: Option<usize>,
}

impl Targets {
    fn of(edit: &Edit, vocabulary: &Vocabulary) -> Result<Self, DocumentError> {
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

#[cfg(test)]
mod tests;
