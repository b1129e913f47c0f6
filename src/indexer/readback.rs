//! Keywords that stand beside photos or in them, as decisions of the person who put them there.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::core::photo::FileStamp;
use crate::indexer::keywords::Keywords;
use crate::indexer::ruling;
use crate::indexer::shared::PipelineError;
use crate::sidecar::review;
use crate::sidecar::{Folder, Keyword, Naming, Record};
use crate::store::{Decision, Origin, Store, StoreError, Verdict, Writer};
use crate::tagging::Vocabulary;

/// What a vocabulary makes of keywords.
pub(crate) struct Names {
    by_path: HashMap<Keyword, String>,
    /// Names and synonyms in lower case; `None` where several labels have it.
    by_name: HashMap<String, Option<String>>,
}

impl Names {
    pub fn new(vocabulary: &Vocabulary) -> Self {
        let keywords = Keywords::new(vocabulary);
        let mut names = Self {
            by_path: HashMap::new(),
            by_name: HashMap::new(),
        };
        for label in vocabulary.labels() {
            if let Some(keyword) = keywords.keyword(&label.id) {
                names.by_path.insert(keyword.clone(), label.id.clone());
            }
            for name in std::iter::once(&label.name).chain(&label.synonyms) {
                names
                    .by_name
                    .entry(name.to_lowercase())
                    .and_modify(|known| {
                        if known.as_ref() != Some(&label.id) {
                            *known = None;
                        }
                    })
                    .or_insert_with(|| Some(label.id.clone()));
            }
        }
        names
    }

    /// The label of a keyword: the one of that place, or the only one of that name; else the
    /// keyword is a label of its own, which the vocabulary does not have.
    pub fn label(&self, keyword: &Keyword) -> String {
        let by_name = || self.by_name.get(&keyword.leaf().to_lowercase()).cloned();
        match self.by_path.get(keyword) {
            Some(label) => label.clone(),
            None => by_name()
                .flatten()
                .unwrap_or_else(|| keyword.path().join("|")),
        }
    }
}

/// Notes that the person put these keywords on a photo. What was decided in Taglens stays.
pub(crate) fn accept(
    w: &Writer<'_>,
    photo: i64,
    labels: impl IntoIterator<Item = String>,
) -> Result<bool, StoreError> {
    let mut changed = false;
    for label in labels {
        let label = w.label(&label)?;
        let before = w.decision(photo, label)?;
        if before.is_none() {
            let decision = Decision::now(Verdict::Accepted, Origin::Sidecar);
            w.decide(photo, label, Some(decision))?;
            changed = true;
        }
    }
    Ok(changed)
}

/// A sidecar that was changed by somebody else.
pub(crate) struct Changed {
    photo: i64,
    sidecar: PathBuf,
    stamp: Option<FileStamp>,
    /// Labels of keywords that are the person's.
    accepted: HashSet<String>,
    /// Labels of keywords that Taglens wrote and somebody took out.
    rejected: HashSet<String>,
    /// Whether its keywords were taken in before, so that what it lacks now was taken out.
    seen_before: bool,
}

/// Looks at the sidecars of a folder's photos and reads those that have changed since they were
/// last taken in. A sidecar that cannot be read is passed over: exporting names it.
///
/// # Errors
/// Where the library cannot be read.
pub(crate) fn changed(
    store: &Store,
    root: &Path,
    stop: &AtomicBool,
) -> Result<Vec<Changed>, PipelineError> {
    let mut by_folder: HashMap<PathBuf, Vec<(i64, PathBuf)>> = HashMap::new();
    for (path, photo) in store.photos_below(root)? {
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        by_folder.entry(folder).or_default().push((photo, path));
    }
    let names = Names::new(&ruling::vocabulary(store)?);
    let mut found = Vec::new();
    for (path, photos) in by_folder {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let Ok(folder) = Folder::read(&path) else {
            continue;
        };
        if !folder.has_sidecars() {
            continue;
        }
        for (photo, path) in photos {
            if let Ok(sidecar) = folder.sidecar(&path, Naming::default()) {
                found.extend(look(store, &names, photo, sidecar)?);
            }
        }
    }
    Ok(found)
}

fn look(
    store: &Store,
    names: &Names,
    photo: i64,
    sidecar: PathBuf,
) -> Result<Option<Changed>, PipelineError> {
    let stamp = std::fs::metadata(&sidecar).ok();
    let stamp = stamp.filter(std::fs::Metadata::is_file);
    let stamp = stamp.map(|m| FileStamp::of(&m));
    let before = store.sidecar_stamp(&sidecar)?;
    if stamp == before {
        return Ok(None);
    }
    let mut change = Changed {
        photo,
        stamp,
        accepted: HashSet::new(),
        rejected: HashSet::new(),
        seen_before: before.is_some(),
        sidecar,
    };
    if stamp.is_none() {
        // A sidecar that is gone as a whole says nothing about its keywords.
        change.seen_before = false;
        return Ok(Some(change));
    }
    let record = store.sidecar_record(&change.sidecar)?;
    let record = record.and_then(|text| serde_json::from_str::<Record>(&text).ok());
    let Some(review) = std::fs::read(&change.sidecar)
        .ok()
        .and_then(|bytes| review(&bytes, record.as_ref()).ok())
    else {
        return Ok(None);
    };
    let labels = |keywords: &[Keyword]| -> HashSet<String> {
        keywords.iter().map(|k| names.label(k)).collect()
    };
    change.accepted = labels(&review.added);
    change.rejected = labels(&review.deleted);
    change
        .rejected
        .retain(|label| !change.accepted.contains(label));
    Ok(Some(change))
}

/// Keeps what [`changed`] found. Tells whether any decision changed.
///
/// # Errors
/// Where the library cannot be written.
pub(crate) fn keep(w: &Writer<'_>, changes: &[Changed]) -> Result<bool, StoreError> {
    let mut any = false;
    for change in changes {
        any |= accept(w, change.photo, change.accepted.iter().cloned())?;
        for label in &change.rejected {
            let label = w.label(label)?;
            let before = w.decision(change.photo, label)?;
            if before.is_none_or(|d| d.origin == Origin::Sidecar) {
                let decision = Decision::now(Verdict::Rejected, Origin::Sidecar);
                w.decide(change.photo, label, Some(decision))?;
                any = true;
            }
        }
        if change.seen_before {
            for (label, name, decision) in w.decisions_of(change.photo)? {
                let theirs = decision.origin == Origin::Sidecar
                    && decision.verdict == Verdict::Accepted
                    && !change.accepted.contains(&name);
                if theirs {
                    w.decide(change.photo, label, None)?;
                    any = true;
                }
            }
        }
        w.set_sidecar_stamp(&change.sidecar, change.stamp)?;
    }
    if any {
        w.bump_revision()?;
    }
    Ok(any)
}
