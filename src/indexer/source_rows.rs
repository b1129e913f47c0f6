//! Converts between the library's rows for sources and the model of keywords.

use std::path::Path;

use crate::core::ids::PhotoId;
use crate::keywords::{By, KeywordPath, Memory, Named, Reading};
use crate::sidecar::{Bookkeeping, Keyword, Record, SourceContents, split_note};
use crate::store::{Role, SourceRow, SourceState};

/// Creates a row for an unknown source.
pub(super) fn new_row(photo_id: PhotoId, owner: &Path, kind: i64, path: &Path) -> SourceRow {
    SourceRow {
        id: None,
        photo_id,
        owner: owner.to_path_buf(),
        kind,
        path: path.to_path_buf(),
        state: SourceState::Unread,
        stamp: None,
        digest: String::new(),
        record: None,
        captured: None,
        keywords: Vec::new(),
    }
}

/// Creates a row for a sidecar that does not exist yet.
pub(crate) fn row_to_be(photo_id: PhotoId, owner: &Path, sidecar: &Path) -> SourceRow {
    let named = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().len();
    let kind = if named(sidecar) > named(owner) { 1 } else { 2 };
    new_row(photo_id, owner, kind, sidecar)
}

/// The model's memory of a source.
pub(super) fn memory(row: &SourceRow) -> Memory {
    let of = |role: Role| {
        let own = row.keywords.iter().filter(move |(r, ..)| *r == role);
        own.filter_map(|(_, path, label)| {
            Some(Named {
                path: KeywordPath::parse(path)?,
                label: label.clone(),
            })
        })
    };
    Memory {
        seen: (row.state == SourceState::Read || of(Role::Seen).next().is_some())
            .then(|| of(Role::Seen).collect()),
        written: of(Role::Written).collect(),
        moved: of(Role::Moved).collect(),
        removed: of(Role::Removed).collect(),
        marked: of(Role::Marked).collect(),
        was_absent: row.state == SourceState::Absent,
    }
}

/// The keywords to store for a source.
pub(crate) fn remembered(memory: &Memory) -> Vec<(Role, String, String)> {
    let of = |role: Role, list: &[Named]| -> Vec<(Role, String, String)> {
        let named = list
            .iter()
            .map(|n| (role, n.path.to_string(), n.label.clone()));
        named.collect()
    };
    let mut all = of(Role::Seen, memory.seen.as_deref().unwrap_or_default());
    all.extend(of(Role::Written, &memory.written));
    all.extend(of(Role::Moved, &memory.moved));
    all.extend(of(Role::Removed, &memory.removed));
    all.extend(of(Role::Marked, &memory.marked));
    all
}

/// The contents of a source, with what Taglens wrote there separated.
pub(super) fn reading(
    contents: &SourceContents,
    row: &SourceRow,
    bookkeeping: &Bookkeeping,
) -> Reading {
    let record = record(row).unwrap_or_default();
    let seen = row.keywords.iter().filter(|(role, ..)| *role == Role::Seen);
    let seen = seen.filter_map(|(_, path, _)| keyword(&KeywordPath::parse(path)?));
    let theirs = paths(&record.theirs(contents, bookkeeping, &seen.collect::<Vec<_>>()));
    let mut keywords = paths(&contents.keywords);
    let more = theirs
        .iter()
        .filter(|path| !keywords.iter().any(|k| k.key() == path.key()));
    keywords.extend(more.cloned().collect::<Vec<_>>());
    let written = row
        .keywords
        .iter()
        .filter(|(role, ..)| *role == Role::Written);
    let written = written.filter_map(|(_, path, _)| KeywordPath::parse(path));
    let gone = written.filter(|path| {
        keyword(path).is_none_or(|keyword| contents.lacks(&keyword, record.properties()))
    });
    let marked: Vec<(By, KeywordPath)> = contents
        .state
        .iter()
        .filter_map(|value| {
            let (by, path) = split_note(value)?;
            Some((By::named(by)?, KeywordPath::parse(path)?))
        })
        .collect();
    Reading {
        theirs,
        gone: gone.collect(),
        flat: contents.flat().to_vec(),
        marked: (!marked.is_empty()).then_some(marked),
        keywords,
    }
}

/// The record of what Taglens wrote into a source.
pub(crate) fn record(row: &SourceRow) -> Option<Record> {
    serde_json::from_str(row.record.as_deref()?).ok()
}

/// Converts a keyword for the sidecar room; `None` if no sidecar can hold it.
pub(crate) fn keyword(path: &KeywordPath) -> Option<Keyword> {
    Keyword::new(path.names()).ok()
}

fn paths(keywords: &[Keyword]) -> Vec<KeywordPath> {
    keywords
        .iter()
        .filter_map(|k| KeywordPath::new(k.path()))
        .collect()
}

/// The note for a sidecar on a keyword that Taglens writes into it.
pub(crate) fn mark(by: By, path: &KeywordPath) -> String {
    format!("{}|{path}", by.name())
}
