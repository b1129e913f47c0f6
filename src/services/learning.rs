//! What labels have learned, for a person to see.

use std::collections::HashMap;

use crate::indexer::ruling;
use crate::indexer::shared::PipelineError;
use crate::store::{LearnedRow, Store};
use crate::tagging::learning::learn;

/// How a label's learning stands.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelLearning {
    /// The label's id.
    pub label: String,
    /// Decisions that accept it, of all times.
    pub accepted: usize,
    /// Decisions that reject it.
    pub rejected: usize,
    /// Decisions that may teach it: none where learning is switched off, and not those from before a
    /// reset.
    pub teaching: usize,
    /// Whether the label may learn.
    pub active: bool,
    /// When it was last reset, in milliseconds since 1970-01-01 UTC.
    pub reset_ms: Option<i64>,
    /// What came of it when the label's tags were last computed; `None` where there were fewer
    /// than three decisions.
    pub learned: Option<LearnedRow>,
}

impl LabelLearning {
    /// In a word: `off`, `too few decisions`, `waiting` for the next tagging, `in force`, or `no
    /// gain` where held-out decisions are foreseen better without.
    pub fn state(&self) -> &'static str {
        match &self.learned {
            _ if !self.active => "off",
            _ if self.teaching < learn::ACTIVE_FROM => "too few decisions",
            None => "waiting",
            Some(row) if row.in_force => "in force",
            Some(_) => "no gain",
        }
    }
}

/// The labels of the vocabulary in use that have decisions, or a setting, in the vocabulary's order.
///
/// # Errors
/// Where the library cannot be read.
pub fn list(store: &Store) -> Result<Vec<LabelLearning>, PipelineError> {
    let settings = store.learning_settings()?;
    let learned = store.learned()?;
    let lessons = store.lessons()?;
    let mut counts: HashMap<String, (usize, usize)> = HashMap::new();
    for (label, accepted, rejected) in store.decision_counts()? {
        counts.insert(label, (accepted, rejected));
    }
    let mut rows = Vec::new();
    for label in ruling::vocabulary(store)?.labels() {
        let Some(id) = store.label(&label.id)? else {
            continue;
        };
        let counted = counts.get(&label.id);
        let setting = settings.get(&id);
        if counted.is_none() && setting.is_none() {
            continue;
        }
        let (accepted, rejected) = counted.copied().unwrap_or_default();
        let setting = setting.copied().unwrap_or_default();
        rows.push(LabelLearning {
            label: label.id.clone(),
            accepted,
            rejected,
            teaching: lessons.get(&id).map_or(0, Vec::len),
            active: setting.active,
            reset_ms: setting.since_ms,
            learned: learned.get(&id).copied(),
        });
    }
    Ok(rows)
}
