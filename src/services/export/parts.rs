//! Parts of a plan: what a source has of Taglens's, and what it should note.

use std::collections::HashMap;
use std::path::Path;

use crate::indexer::source_rows::{keyword, mark, remembered, row_to_be};
use crate::indexer::sources::Survey;
use crate::keywords::{By, KeywordPath, Named, Now, Reconciled, Wanted};
use crate::sidecar::{Keyword, Record};
use crate::store::{Role, SourceRow, SourceState, TaggedFile};

/// The notes that an unread source may have although the record does not have them: they were written
/// for another library or for another photo of that name, or the sidecar is no longer as Taglens wrote
/// it. They must go with their keywords: a new library takes a note without a keyword for one that the
/// user removed. The library knows the keywords, but not who decided.
///
/// `digest` is the source's when it was last read.
pub(super) fn notes_of_others(
    known: Option<&Record>,
    digest: &str,
    marked: &[Named],
) -> Vec<(By, KeywordPath)> {
    let as_written = known.filter(|record| record.digest() == digest);
    let is_new =
        |named: &&Named| as_written.is_none_or(|record| !record.has_note(&named.path.to_string()));
    let all = [By::Machine, By::Person, By::Source];
    marked
        .iter()
        .filter(is_new)
        .flat_map(|named| all.map(|by| (by, named.path.clone())))
        .collect()
}

/// The machine's confidence in each keyword; 1 for decisions.
pub(super) fn confidences(file: &TaggedFile, wanted: &[(&Wanted, Keyword)]) -> Vec<f32> {
    let confidence: HashMap<&str, f32> = file
        .tags
        .iter()
        .filter(|tag| tag.decision.is_none())
        .filter_map(|tag| Some((tag.label.as_str(), tag.machine?.1)))
        .collect();
    wanted
        .iter()
        .map(|(w, _)| *confidence.get(w.named.label.as_str()).unwrap_or(&1.0))
        .collect()
}

/// The notes for the sidecar: on its keywords of ours, on those that it has notes on itself, and on
/// those that the user moved.
pub(super) fn state(
    wanted: &[(&Wanted, Keyword)],
    synonyms: &[(By, KeywordPath)],
    result: &Reconciled,
    at: usize,
) -> Vec<String> {
    let others = [&result.undecided, &result.moved];
    let others = others
        .into_iter()
        .filter_map(|of_sources| of_sources.get(at));
    let all = wanted.iter().map(|(w, _)| *w).chain(others.flatten());
    let marks = all.map(|w| mark(w.by, &w.named.path));
    let synonyms = synonyms.iter().map(|(by, path)| mark(*by, path));
    marks.chain(synonyms).collect()
}

/// See [`Prepared::stated`].
pub(super) fn stated(survey: &Survey, at: usize, result: &Reconciled) -> Vec<(String, String)> {
    let moved = result.moved.get(at).into_iter().flatten();
    let named = moved.map(|w| &w.named);
    let decided = named.filter(|named| survey.model.decisions.contains_key(&named.label));
    let stated = decided.map(|named| (named.path.to_string(), named.label.clone()));
    stated.collect()
}

/// See [`Prepared::others`]; all sources except the written one.
pub(super) fn others(survey: &Survey, at: usize) -> Vec<SourceRow> {
    let others = survey.rows.iter().enumerate().filter(|(i, _)| *i != at);
    let others = others.filter_map(|(_, row)| {
        let moved = survey.moved.iter().find(|(id, _)| Some(*id) == row.id);
        // A moved source was not read, so its bytes are still those in the library.
        (row.id.is_none() || moved.is_some()).then(|| SourceRow {
            stamp: None,
            digest: moved.map_or_else(|| row.digest.clone(), |(_, digest)| digest.clone()),
            ..row.clone()
        })
    });
    others.collect()
}

/// Returns the source to write, and adds it if there is no such sidecar yet.
pub(super) fn target(survey: &mut Survey, file: &TaggedFile, sidecar: &Path) -> usize {
    let known = survey.rows.iter().position(|row| row.path == sidecar);
    known.unwrap_or_else(|| {
        let row = row_to_be(survey.photo, &file.path, sidecar);
        let same = |r: &SourceRow| r.owner == row.owner && r.kind == row.kind;
        match survey.rows.iter().position(same) {
            Some(at) => {
                if let Some(known) = survey.rows.get_mut(at) {
                    known.path = row.path;
                }
                at
            }
            None => survey.add(row, Now::Absent, 0),
        }
    })
}

/// The row with the unread changes of the source, for the next look at it. The keywords seen in it
/// stay as they were, because nobody has decided on the changes.
pub(super) fn row_before(survey: &Survey, at: usize, result: &Reconciled) -> SourceRow {
    let mut row = match survey.rows.get(at) {
        Some(row) => row.clone(),
        None => row_to_be(survey.photo, Path::new(""), Path::new("")),
    };
    row.stamp = None;
    if row.state == SourceState::Absent {
        row.state = SourceState::Unread;
    }
    if let Some(memory) = result.before_writing(&survey.model, at) {
        row.keywords = remembered(&memory);
    }
    row
}

pub(super) fn written(row: &SourceRow) -> Vec<(String, String)> {
    let written = row
        .keywords
        .iter()
        .filter(|(role, ..)| *role == Role::Written);
    written
        .map(|(_, path, label)| (path.clone(), label.clone()))
        .collect()
}

pub(super) fn keywords(paths: &[KeywordPath]) -> Vec<Keyword> {
    paths.iter().filter_map(keyword).collect()
}
