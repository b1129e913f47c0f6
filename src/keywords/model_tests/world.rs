//! The world of a history: a photo, its copies, their sidecars, and the library's data on them.

use std::collections::{BTreeMap, BTreeSet};

use crate::keywords::labels::tests::entry;
use crate::keywords::{By, Decision, KeywordPath, Labels, Memory, Reading};

/// A sidecar in the world: keyword paths, ours and others', and our notes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sidecar {
    pub(crate) keywords: Vec<String>,
    pub(crate) notes: Vec<(By, String)>,
    pub(crate) changed_ms: i64,
}

/// The memory of one source, with its known place.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) file: usize,
    pub(crate) kind: i64,
    pub(crate) memory: Memory,
    pub(crate) digest: String,
}

/// A photo with its copies. Files are numbered names; each may have two sidecars.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) now_ms: i64,
    pub(crate) names: Vec<&'static str>,
    pub(crate) labels: Labels,
    pub(crate) files: BTreeSet<usize>,
    pub(crate) next_file: usize,
    pub(crate) sidecars: BTreeMap<(usize, i64), Sidecar>,
    pub(crate) old: BTreeMap<(usize, i64), Vec<Sidecar>>,
    pub(crate) embedded: Vec<String>,
    pub(crate) embedded_memory: Option<Memory>,
    pub(crate) decisions: BTreeMap<String, Decision>,
    pub(crate) given: BTreeSet<String>,
    /// Keywords of labels that had another name then.
    pub(crate) former: Vec<(KeywordPath, String)>,
    pub(crate) rows: Vec<Row>,
    pub(crate) journal: Vec<(usize, Option<Sidecar>, Sidecar, Memory)>,
    pub(crate) overwritten: bool,
}

pub(crate) const WORDS: [&str; 5] = [
    "animal|dog",
    "animal|cat",
    "sky",
    "Rome",
    "Places|Italy|Venice",
];
pub(crate) const KINDS: [i64; 2] = [1, 2];

pub(crate) fn labels(names: &[&str]) -> Labels {
    Labels::new(names.iter().map(|n| entry(n)).collect(), [])
}

pub(crate) fn path(text: &str) -> KeywordPath {
    KeywordPath::parse(text).unwrap()
}

pub(crate) fn key(text: &str) -> String {
    path(text).key()
}

pub(crate) fn digest(sidecar: &Sidecar) -> String {
    format!("{:?}{:?}", sidecar.keywords, sidecar.notes)
}

impl World {
    pub(crate) fn new() -> Self {
        let names = vec!["animal", "animal|dog", "animal|cat", "sky"];
        Self {
            now_ms: 1000,
            labels: labels(&names),
            names,
            files: BTreeSet::from([0]),
            next_file: 1,
            sidecars: BTreeMap::new(),
            old: BTreeMap::new(),
            embedded: Vec::new(),
            embedded_memory: None,
            decisions: BTreeMap::new(),
            given: BTreeSet::from(["sky".to_owned(), "cat".to_owned()]),
            former: Vec::new(),
            rows: Vec::new(),
            journal: Vec::new(),
            overwritten: false,
        }
    }

    /// The labels that the photo has.
    pub(crate) fn accepted(&self) -> BTreeSet<String> {
        let mut accepted = self.given.clone();
        for (label, decision) in &self.decisions {
            match decision.accepted {
                true => accepted.insert(label.clone()),
                false => accepted.remove(label),
            };
        }
        accepted
    }
}

/// The reading of a source with these keywords.
pub(crate) fn reading(keywords: &[String], notes: &[(By, String)], memory: &Memory) -> Reading {
    let ours: Vec<String> = memory.written.iter().map(|n| n.path.to_string()).collect();
    let has = |text: &str| keywords.iter().any(|k| k == text);
    let marked: Vec<(By, KeywordPath)> = notes.iter().map(|(by, p)| (*by, path(p))).collect();
    Reading {
        keywords: keywords.iter().map(|k| path(k)).collect(),
        flat: keywords.iter().map(|k| path(k).leaf().to_owned()).collect(),
        theirs: keywords
            .iter()
            .filter(|k| !ours.contains(k))
            .map(|k| path(k))
            .collect(),
        gone: ours.iter().filter(|o| !has(o)).map(|o| path(o)).collect(),
        marked: (!marked.is_empty()).then_some(marked),
    }
}
