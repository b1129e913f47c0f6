//! The world of a history: a photo, its copies, their sidecars, and what a library knows of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::keywords::labels::tests::entry;
use crate::keywords::{By, Decision, KeywordPath, Labels, Memory, Reading};

/// A sidecar as the world has it: keyword paths, those of ours and of others alike, and our notes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sidecar {
    pub keywords: Vec<String>,
    pub notes: Vec<(By, String)>,
    pub changed_ms: i64,
}

/// The memory of one source, with the place that it is known by.
#[derive(Clone, Debug)]
pub struct Row {
    pub file: usize,
    pub kind: i64,
    pub memory: Memory,
    pub digest: String,
}

/// A photo with its copies. Files are numbered names; each may have two sidecars.
#[derive(Clone)]
pub struct World {
    pub now_ms: i64,
    pub names: Vec<&'static str>,
    pub labels: Labels,
    pub files: BTreeSet<usize>,
    pub next_file: usize,
    pub sidecars: BTreeMap<(usize, i64), Sidecar>,
    pub old: BTreeMap<(usize, i64), Vec<Sidecar>>,
    pub embedded: Vec<String>,
    pub embedded_memory: Option<Memory>,
    pub decisions: BTreeMap<String, Decision>,
    pub given: BTreeSet<String>,
    /// Keywords of labels that had another name then.
    pub former: Vec<(KeywordPath, String)>,
    pub rows: Vec<Row>,
    pub journal: Vec<(usize, Option<Sidecar>, Sidecar, Memory)>,
    pub overwritten: bool,
}

pub const WORDS: [&str; 5] = [
    "animal|dog",
    "animal|cat",
    "sky",
    "Rome",
    "Places|Italy|Venice",
];
pub const KINDS: [i64; 2] = [1, 2];

pub fn labels(names: &[&str]) -> Labels {
    Labels::new(names.iter().map(|n| entry(n)).collect(), [])
}

pub fn path(text: &str) -> KeywordPath {
    KeywordPath::parse(text).unwrap()
}

pub fn key(text: &str) -> String {
    path(text).key()
}

pub fn digest(sidecar: &Sidecar) -> String {
    format!("{:?}{:?}", sidecar.keywords, sidecar.notes)
}

impl World {
    pub fn new() -> Self {
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
    pub fn accepted(&self) -> BTreeSet<String> {
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

/// What a reader finds in a source with these keywords.
pub fn reading(keywords: &[String], notes: &[(By, String)], memory: &Memory) -> Reading {
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
