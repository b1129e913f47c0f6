//! The built-in labels in the languages of the window. Only names and synonyms are translated: the
//! model still reads the English words, so a photo gets the same tags in every language.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use toml_edit::{DocumentMut, Item};

use crate::services::vocabulary_edit::{self, EditError, Edited};
use crate::store::Store;
use crate::tagging::{Edit, Label, NewNames, Vocabulary};
use crate::words::Language;

/// The name of a library's copy of the built-in vocabulary, which is the same in every language.
const COPY: &str = "Taglens";

/// The name of a built-in label and its synonyms.
type Names = Vec<String>;

/// The names of each built-in label, by its English name, in the order of [`Language::ALL`].
static NAMES: LazyLock<HashMap<String, Vec<Names>>> = LazyLock::new(|| {
    let tables = Language::ALL.map(table);
    let labels = Vocabulary::builtin().labels().iter();
    labels
        .map(|label| {
            let mut all = vec![own_names(label)];
            // A test checks that no table lacks a label.
            let others = tables.iter().skip(1);
            all.extend(others.map(|t| t.get(&label.name).cloned().unwrap_or_default()));
            (label.name.clone(), all)
        })
        .collect()
});

/// The names in a language by the English ones; none for English.
fn table(language: Language) -> HashMap<String, Names> {
    let text = match language {
        Language::English => "",
        Language::German => include_str!("../../assets/labels/de.toml"),
        Language::French => include_str!("../../assets/labels/fr.toml"),
        Language::Spanish => include_str!("../../assets/labels/es.toml"),
        Language::Chinese => include_str!("../../assets/labels/zh-Hans.toml"),
    };
    let document: DocumentMut = text.parse().unwrap_or_default();
    let rows = document.iter();
    rows.map(|(english, names)| (english.to_owned(), texts(names)))
        .collect()
}

fn texts(item: &Item) -> Names {
    let one = item.as_str().map(str::to_owned);
    let many = item.as_array().into_iter().flatten();
    let many = many.filter_map(|value| value.as_str().map(str::to_owned));
    one.into_iter().chain(many).collect()
}

fn own_names(label: &Label) -> Names {
    let names = std::iter::once(&label.name).chain(&label.synonyms);
    names.cloned().collect()
}

/// The names of a built-in label in all languages. A label that the user has named otherwise is not a
/// built-in one any more.
fn builtin(name: &str, model_names: &[String]) -> Option<&'static [Names]> {
    let english = model_names.first().map_or(name, String::as_str);
    let all = NAMES.get(english)?;
    let is_so_named = |names: &Names| names.first().is_some_and(|n| n == name);
    all.iter().any(is_so_named).then_some(all.as_slice())
}

/// The language of the built-in labels among labels, each with its name and model names; `None` if
/// most of the built-in ones are not there.
pub(crate) fn language_of<'a>(
    labels: impl Iterator<Item = (&'a str, &'a [String])>,
) -> Option<Language> {
    let mut counts = [0_usize; Language::ALL.len()];
    let mut known = 0;
    for (name, model_names) in labels {
        let Some(all) = builtin(name, model_names) else {
            continue;
        };
        known += 1;
        for (count, names) in counts.iter_mut().zip(all) {
            *count += usize::from(names.first().is_some_and(|n| n == name));
        }
    }
    let most = counts.iter().copied().max()?;
    let found = Language::ALL.into_iter().zip(counts);
    let mut found = found.filter(|(_, count)| *count == most && known * 2 >= NAMES.len());
    found.next().map(|(language, _)| language)
}

/// The new names that built-in labels of a vocabulary get in a language. A label keeps its name where
/// another one already has the new name.
fn new_names(vocabulary: &Vocabulary, language: Language) -> Vec<NewNames> {
    let wanted = Language::ALL.iter().position(|l| *l == language);
    let labels = vocabulary.labels().iter();
    let found = labels.map(|label| {
        let all = builtin(&label.name, &label.model_names)?;
        Some((label, all, all.get(wanted?)?))
    });
    let found: Vec<_> = found.collect();
    let names = vocabulary.labels().iter().zip(&found);
    let keep = names.filter(|(_, f)| f.is_none());
    // Synonyms of the user's labels must not become names of others.
    let words = keep.flat_map(|(label, _)| own_names(label));
    let mut kept: HashSet<String> = words.map(|word| word.to_lowercase()).collect();
    let mut changed: Vec<_> = found.into_iter().flatten().collect();
    let new = |names: &Names| names.first().map_or(String::new(), |n| n.to_lowercase());
    // A label that keeps its name may take that of another.
    loop {
        let (stay, go) = changed
            .into_iter()
            .partition::<Vec<_>, _>(|(_, _, names)| kept.contains(&new(names)));
        changed = go;
        if stay.is_empty() {
            break;
        }
        kept.extend(stay.iter().map(|(label, ..)| label.name.to_lowercase()));
    }
    kept.extend(changed.iter().map(|(_, _, names)| new(names)));
    let changed = changed.into_iter();
    changed
        .filter_map(|(label, all, names)| renamed(label, all, names, &kept))
        .collect()
}

/// The label with the names of another language. Synonyms of the user's stay.
fn renamed(
    label: &Label,
    all: &[Names],
    names: &[String],
    taken: &HashSet<String>,
) -> Option<NewNames> {
    let (name, translated) = names.split_first()?;
    let is_own = |word: &&String| !all.iter().flatten().any(|other| other == *word);
    let own = label.synonyms.iter().filter(is_own);
    let mut synonyms: Vec<String> = Vec::new();
    for word in translated.iter().chain(own) {
        if !taken.contains(&word.to_lowercase()) && !synonyms.contains(word) {
            synonyms.push(word.clone());
        }
    }
    let reads = label.texts();
    let plain = Label {
        id: name.clone(),
        name: name.clone(),
        synonyms: synonyms.clone(),
        model_names: Vec::new(),
        ..label.clone()
    };
    let model_names = match plain.texts() == reads {
        true => Vec::new(),
        false => reads,
    };
    Some(NewNames {
        label: label.id.clone(),
        name: name.clone(),
        synonyms,
        model_names,
    })
}

/// Gives the built-in labels of the library's vocabulary their names in a language. Decisions and
/// written keywords follow. `None` if the vocabulary has other labels.
///
/// # Errors
/// If the library cannot be read or written; then nothing has changed.
pub(crate) fn rename(store: &mut Store, language: Language) -> Result<Option<Edited>, EditError> {
    let vocabulary = match store.vocabulary()? {
        None => Vocabulary::builtin().clone(),
        Some(own) => Vocabulary::parse(&own.text).map_err(|e| EditError::Document(e.into()))?,
    };
    let labels = vocabulary.labels().iter();
    let now = language_of(labels.map(|l| (l.name.as_str(), l.model_names.as_slice())));
    if now.is_none_or(|now| now == language) {
        return Ok(None);
    }
    let edit = Edit::Translate(new_names(&vocabulary, language));
    vocabulary_edit::edit_as(store, &[edit], COPY).map(Some)
}

/// Gives a new library the built-in labels in a language. A library with folders, or one that ever had
/// a vocabulary of its own, is not new.
///
/// # Errors
/// If the library cannot be read or written.
pub(crate) fn begin(store: &mut Store, language: Language) -> Result<(), EditError> {
    let is_new = store.folders()?.is_empty() && store.vocabularies()?.is_empty();
    if is_new {
        rename(store, language)?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "builtin_labels_tests.rs"]
mod tests;
