//! The labels of a vocabulary as keywords.

use std::collections::BTreeSet;

use crate::indexer::shared::PipelineError;
use crate::keywords::{KeywordPath, LabelEntry, Labels};
use crate::store::{Store, TagState, TaggedLabel};
use crate::tagging::Vocabulary;

/// Returns the labels that keywords may name: those of the vocabulary and all others in the
/// library. Paths leave out labels that are not exported.
pub(crate) fn labels(vocabulary: &Vocabulary, known: impl IntoIterator<Item = String>) -> Labels {
    let labels = vocabulary.labels();
    let entries = labels.iter().enumerate().map(|(i, label)| {
        let mut path: Vec<usize> = vocabulary.ancestors(i).collect();
        path.reverse();
        let above = path.iter().filter_map(|i| labels.get(*i));
        let words = |label: &crate::tagging::Label| {
            let mut words = vec![label.name.clone()];
            words.extend(label.synonyms.iter().cloned());
            words
        };
        let exported = above.clone().filter(|l| l.export).chain([label]);
        let keyword = KeywordPath::new(exported.map(|l| l.name.as_str()));
        LabelEntry {
            id: label.id.clone(),
            words: words(label),
            above: above.map(words).collect(),
            keyword: keyword.filter(|_| label.export),
        }
    });
    Labels::new(entries.collect(), known)
}

/// Returns the labels that keywords may name in a library.
///
/// # Errors
/// If the library cannot be read.
pub(crate) fn labels_of(store: &Store, vocabulary: &Vocabulary) -> Result<Labels, PipelineError> {
    let known = store.label_names()?.into_iter().map(|(_, name)| name);
    let mut labels = labels(vocabulary, known);
    for (keyword, label) in store.former_keywords()? {
        if let Some(path) = KeywordPath::parse(&keyword) {
            labels.know_former(&path, label);
        }
    }
    Ok(labels)
}

/// Returns the labels that get another id when the vocabulary `after` replaces `before`: those with
/// names that become shared or stop being shared, and those created from keywords that the
/// vocabulary now has. `known` are all labels in the library.
pub(crate) fn renamed(
    before: Option<&Vocabulary>,
    after: &Vocabulary,
    known: Vec<String>,
) -> Vec<(String, String)> {
    let after = labels(after, known.iter().cloned());
    let moved = before.map(|before| after.renamed_from(&labels(before, [])));
    let moved = moved.unwrap_or_default();
    let is_moved = |id: &String| moved.iter().any(|(from, _)| from == id);
    let joined = after
        .joined()
        .into_iter()
        .filter(|(from, _)| !is_moved(from));
    let all: Vec<(String, String)> = joined.chain(moved.iter().cloned()).collect();
    all.into_iter()
        .filter(|(from, _)| known.contains(from))
        .collect()
}

/// Returns the tags of a photo that the machine gives, whatever the user decided. `given` are the
/// labels that it would give without a limit.
pub(crate) fn given(tags: &[TaggedLabel], given: &BTreeSet<String>) -> BTreeSet<String> {
    let kept = tags.iter().filter(|tag| match tag.decision {
        None => tag.state == TagState::Accepted,
        Some(_) => given.contains(&tag.label),
    });
    kept.map(|tag| tag.label.clone()).collect()
}
