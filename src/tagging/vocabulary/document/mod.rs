//! A vocabulary as a text to be edited: what an edit does not touch stays as it is, to the byte,
//! with its remarks, order, spacing and line ends.
//!
//! `keyword_list` edits the two line-based forms, `full` the TOML. Every edit is made on a copy,
//! which is then read like any file: what would not be a sound vocabulary is refused with the
//! lines, and the document stays as it was.
//!
//! Labels are named by their ids. An edit may change those of others too (a name becomes shared,
//! or ceases to be), and what is stored about labels goes by ids: [`Change`] tells which.

mod edit;
mod full;
mod keyword_list;

use std::collections::HashMap;

pub(crate) use edit::DocumentError;
pub use edit::Edit;
use edit::{Place, Targets};

use crate::tagging::vocabulary::error::{Problem, VocabularyError};
use crate::tagging::vocabulary::list::Vocabulary;
use crate::tagging::vocabulary::parse::Form;

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

#[cfg(test)]
mod tests;
