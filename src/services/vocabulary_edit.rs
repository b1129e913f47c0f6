//! Edits a library's vocabulary in use. The text changes only where the edit says so, and decisions
//! follow labels that are renamed or merged.

use std::collections::HashMap;

use crate::indexer::shared::PipelineError;
use crate::indexer::tag_inputs;
use crate::store::{Store, StoreError, StoredVocabulary};
use crate::tagging::{Change, Document, DocumentError, Edit, Vocabulary};

/// The name of the vocabulary that results from editing the built-in one.
pub(crate) const OWN: &str = "My labels";

/// Why a vocabulary was not edited. It is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The edit is not possible.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The vocabulary was changed elsewhere at the same time.
    #[error("the vocabulary was changed elsewhere at the same time; look at it and try again")]
    Overtaken,
    /// The library cannot be read or written.
    #[error(transparent)]
    Library(#[from] StoreError),
}

/// The result of an edit.
#[derive(Clone, Debug, PartialEq)]
pub struct Edited {
    /// The new vocabulary.
    pub(crate) vocabulary: StoredVocabulary,
    /// The change to the labels by each edit.
    pub(crate) changes: Vec<Change>,
    /// Labels that only got another name: old and new id.
    pub(crate) renamed: Vec<(String, String)>,
    /// Whether the text was converted to the full format, because its format could not express the
    /// edit.
    pub(crate) converted: bool,
}

/// Applies `edits` to a text in order. If its format cannot express one, the text is first
/// converted to the full format.
///
/// # Errors
/// If one edit is not possible; then none is applied.
pub(crate) fn edited(
    text: &str,
    edits: &[Edit],
) -> Result<(String, Vec<Change>, bool), DocumentError> {
    let mut document = Document::from_text(text)?;
    let mut converted = false;
    let mut changes = Vec::with_capacity(edits.len());
    for edit in edits {
        let change = match document.edit(edit) {
            Err(DocumentError::NeedsFullForm { .. }) if !converted => {
                document = document.to_full_form()?;
                converted = true;
                document.edit(edit)?
            }
            other => other?,
        };
        changes.push(change);
    }
    Ok((document.text().to_owned(), changes, converted))
}

/// Applies all `edits` to the library's vocabulary in use, or none, and moves decisions with their
/// labels. Editing the built-in vocabulary first makes a copy of it, “My labels”. Tags follow at the
/// next tagging (`Control::Retag`, `Indexer` with `tags_only`).
///
/// # Errors
/// See [`EditError`]; nothing has changed then.
pub fn edit(store: &mut Store, edits: &[Edit]) -> Result<Edited, EditError> {
    edit_as(store, edits, OWN)
}

/// [`edit`]; a copy of the built-in vocabulary gets the name `copy`.
///
/// # Errors
/// See [`EditError`]; nothing has changed then.
pub(crate) fn edit_as(store: &mut Store, edits: &[Edit], copy: &str) -> Result<Edited, EditError> {
    let revision = store.vocabulary_revision()?;
    let before = match store.vocabulary()? {
        Some(own) => own,
        None => StoredVocabulary {
            name: free_name(store, copy)?,
            text: Vocabulary::BUILTIN_TEXT.to_owned(),
        },
    };
    let (text, changes, converted) = edited(&before.text, edits)?;
    let vocabulary = StoredVocabulary {
        name: before.name.clone(),
        text,
    };
    let written = store.write(|w| {
        if w.vocabulary_revision()? != revision {
            return Ok(false);
        }
        for change in &changes {
            w.rename_labels(&change.ids)?;
        }
        w.set_vocabulary(&vocabulary)?;
        Ok(true)
    });
    match written? {
        true => Ok(Edited {
            renamed: renamed(&before.text, &changes),
            vocabulary,
            changes,
            converted,
        }),
        false => Err(EditError::Overtaken),
    }
}

/// Returns the text of the library's vocabulary in use.
///
/// # Errors
/// If the library cannot be read.
pub(crate) fn text_in_use(store: &Store) -> Result<String, StoreError> {
    let own = store.vocabulary()?;
    Ok(own.map_or_else(|| Vocabulary::BUILTIN_TEXT.to_owned(), |own| own.text))
}

/// The labels that got another name, as old and new id. A label that was merged with another has no
/// name to return to.
fn renamed(before: &str, changes: &[Change]) -> Vec<(String, String)> {
    let Ok(before) = Vocabulary::parse(before) else {
        return Vec::new();
    };
    let mut ids: Vec<(String, String)> = before
        .labels()
        .iter()
        .map(|l| (l.id.clone(), l.id.clone()))
        .collect();
    for change in changes {
        let new: HashMap<&String, &String> = change.ids.iter().map(|(a, b)| (a, b)).collect();
        for (_, id) in &mut ids {
            if let Some(now) = new.get(id) {
                *id = (*now).clone();
            }
        }
    }
    let mut counts: HashMap<String, usize> = HashMap::new();
    for (_, now) in &ids {
        *counts.entry(now.clone()).or_default() += 1;
    }
    ids.retain(|(was, now)| was != now && counts.get(now) == Some(&1));
    ids
}

/// Returns a name that no vocabulary of the library has yet: `wanted`, or that with a number.
fn free_name(store: &Store, wanted: &str) -> Result<String, StoreError> {
    let taken = store.vocabularies()?;
    let is_free = |name: &String| taken.iter().all(|(other, _)| other != name);
    let mut names = (2..).map(|n| format!("{wanted} {n}"));
    let first = Some(wanted.to_owned()).filter(is_free);
    Ok(first
        .or_else(|| names.find(is_free))
        .unwrap_or_else(|| wanted.to_owned()))
}

/// Returns the label that the user means by `named`: an id, the only id that differs in case, the
/// only label with that synonym, or the only built-in label with that English name.
///
/// # Errors
/// If the library's vocabulary cannot be read.
pub(crate) fn find(store: &Store, named: &str) -> Result<Option<String>, PipelineError> {
    Ok(find_in(&tag_inputs::vocabulary(store)?, named))
}

/// [`find`] in a vocabulary.
pub(crate) fn find_in(vocabulary: &Vocabulary, named: &str) -> Option<String> {
    let labels = vocabulary.labels();
    let only = |is_it: &dyn Fn(&str) -> bool| {
        let mut same = labels.iter().filter(|l| is_it(&l.id));
        same.next().filter(|_| same.next().is_none())
    };
    let lower = named.to_lowercase();
    let exact = labels.iter().find(|l| l.id == named);
    let synonym = || {
        let has_it =
            |l: &&crate::tagging::Label| l.synonyms.iter().any(|s| s.to_lowercase() == lower);
        let mut same = labels.iter().filter(has_it);
        same.next().filter(|_| same.next().is_none())
    };
    let english = || {
        let is_it = |l: &&crate::tagging::Label| {
            let first = l.model_names.first();
            first.is_some_and(|name| name.to_lowercase() == lower)
        };
        let mut same = labels.iter().filter(is_it);
        same.next().filter(|_| same.next().is_none())
    };
    exact
        .or_else(|| only(&|id| id.to_lowercase() == lower))
        .or_else(synonym)
        .or_else(english)
        .map(|l| l.id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::photo::ContentHash;
    use crate::store::{Decision, Origin, Verdict};

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("library")).unwrap();
        (folder, store)
    }

    fn use_text(store: &mut Store, text: &str) {
        let vocabulary = StoredVocabulary {
            name: "test".into(),
            text: text.into(),
        };
        store.write(|w| w.set_vocabulary(&vocabulary)).unwrap();
    }

    fn decide(store: &mut Store, photo: u8, label: &str) {
        let decision = Decision::now(Verdict::Accepted, Origin::Person);
        store
            .write(|w| {
                let photo = w.photo_of(&ContentHash::new([photo; 32]))?;
                w.decide(photo, w.label(label)?, Some(decision))
            })
            .unwrap();
    }

    fn decided(store: &Store) -> Vec<String> {
        let all = store.decisions().unwrap();
        all.into_iter().map(|d| d.label).collect()
    }

    #[test]
    fn decisions_follow_their_labels() {
        let (_folder, mut store) = store();
        use_text(&mut store, "# mine\ndog\ncat\nhorse\n");
        decide(&mut store, 1, "dog");
        decide(&mut store, 2, "cat");
        let rename = Edit::Rename {
            label: "dog".into(),
            name: "hound".into(),
        };
        let done = edit(&mut store, std::slice::from_ref(&rename)).unwrap();
        assert_eq!(done.vocabulary.text, "# mine\nhound\ncat\nhorse\n");
        assert!(!done.converted);
        assert_eq!(decided(&store), ["cat", "hound"]);
        let merge = Edit::Merge {
            from: "cat".into(),
            into: "hound".into(),
        };
        edit(&mut store, &[merge]).unwrap();
        assert_eq!(decided(&store), ["hound", "hound"]);
        assert_eq!(find(&store, "HOUND").unwrap().as_deref(), Some("hound"));
        assert_eq!(
            find(&store, "Cat").unwrap().as_deref(),
            Some("hound"),
            "merged into it, it is a synonym"
        );
        // All or none.
        let before = (store.vocabulary().unwrap(), decided(&store));
        let add = Edit::Add {
            name: "bird".into(),
            parent: None,
        };
        assert!(edit(&mut store, &[add, rename]).is_err());
        assert_eq!((store.vocabulary().unwrap(), decided(&store)), before);
    }

    #[test]
    fn names_can_be_exchanged() {
        let (_folder, mut store) = store();
        decide(&mut store, 1, "a");
        decide(&mut store, 2, "b");
        decide(&mut store, 3, "b");
        let names = [("a", "b"), ("b", "a")].map(|(x, y)| (x.to_owned(), y.to_owned()));
        store.write(|w| w.rename_labels(&names)).unwrap();
        assert_eq!(decided(&store), ["a", "a", "b"]);
    }

    #[test]
    fn what_a_form_cannot_say_converts_it() {
        let (_folder, mut store) = store();
        use_text(&mut store, "dog\ncat\n");
        let threshold = Edit::SetThreshold {
            label: "dog".into(),
            threshold: Some(0.8),
        };
        let done = edit(&mut store, &[threshold]).unwrap();
        assert!(done.converted);
        let now = tag_inputs::vocabulary(&store).unwrap();
        assert_eq!(now.labels()[0].threshold, Some(0.8));
        assert_eq!(now.labels().len(), 2);
    }

    #[test]
    fn the_builtin_vocabulary_becomes_ones_own() {
        let (_folder, mut store) = store();
        let add = |name: &str| Edit::Add {
            name: name.into(),
            parent: None,
        };
        edit(&mut store, &[add("quokka")]).unwrap();
        store.write(|w| w.use_vocabulary(None)).unwrap();
        edit(&mut store, &[add("numbat")]).unwrap();
        let names: Vec<String> = store
            .vocabularies()
            .unwrap()
            .into_iter()
            .map(|v| v.0)
            .collect();
        assert_eq!(names, ["My labels", "My labels 2"]);
        let now = tag_inputs::vocabulary(&store).unwrap();
        assert_eq!(now.labels().len(), Vocabulary::builtin().labels().len() + 1);
    }
}
