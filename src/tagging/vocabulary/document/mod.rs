//! A vocabulary as an editable text: what an edit does not touch stays, to the byte, with its
//! comments, order, spacing and line ends.
//!
//! `keyword_list` edits the two line-based formats, `full` the TOML. Every edit is made on a copy,
//! which is then read like any file. If the result is not a valid vocabulary, the edit is refused
//! with the lines, and the document stays as it was.
//!
//! Edits name labels by their ids. An edit may change the ids of other labels too (when a name
//! becomes shared, or stops being shared), and stored data refers to ids, so [`Change`] lists the
//! changes.

mod edit;
mod full;
mod keyword_list;

use std::collections::HashMap;

pub(crate) use edit::DocumentError;
pub use edit::{Edit, NewNames};
use edit::{Place, Targets};

use crate::tagging::vocabulary::error::{Problem, VocabularyError};
use crate::tagging::vocabulary::list::Vocabulary;
use crate::tagging::vocabulary::parse::Form;

/// The effect of an edit on the labels' ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Old and new id of every label whose id has changed. A merged label's new id is that of the
    /// label it was merged into, and its decisions follow.
    pub(crate) ids: Vec<(String, String)>,
    /// Ids of removed labels.
    pub(crate) gone: Vec<String>,
}

/// A vocabulary's text, valid at any time.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    form: Form,
    text: String,
    vocabulary: Vocabulary,
}

impl Document {
    /// Creates a document from a text.
    ///
    /// # Errors
    /// The problems of the vocabulary, by line.
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

    /// The parsed vocabulary.
    #[cfg(test)]
    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Converts it to the full format, which can express every edit. Comments between labels are
    /// kept.
    ///
    /// # Errors
    /// If labels are below one whose name several have, because the full format names parents by
    /// name.
    pub(crate) fn to_full_form(&self) -> Result<Self, VocabularyError> {
        match self.form {
            Form::Toml => Ok(self.clone()),
            Form::Plain | Form::Lightroom => {
                let text = full::write(&self.vocabulary, &self.text);
                let document = Self::new(text)?;
                if !document.says_the_same(self) {
                    let message = "the full format cannot say which of several labels of one name \
                                   is meant as a parent; give parents unique names";
                    return Err(VocabularyError::new(vec![Problem::whole(message)]));
                }
                Ok(document)
            }
        }
    }

    /// Makes an edit, and returns its effect on the labels' ids.
    ///
    /// # Errors
    /// See [`DocumentError`]; the document is unchanged.
    pub(crate) fn edit(&mut self, edit: &Edit) -> Result<Change, DocumentError> {
        let target = Targets::of(edit, &self.vocabulary)?;
        let draft = match self.form {
            Form::Toml => full::edit(&self.text, &self.vocabulary, edit, &target)?,
            Form::Lightroom => keyword_list::edit(&self.text, &self.vocabulary, edit, &target)?,
            Form::Plain => keyword_list::edit_plain(&self.text, &self.vocabulary, edit, &target)?,
        };
        let edited = Self::new(draft.text)?;
        // A name may mean something else in this format: `# x` a comment, `[[x]]` a table.
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

#[cfg(test)]
mod tests;
