//! Reports what labels have learned.

use std::collections::HashMap;

use crate::indexer::shared::PipelineError;
use crate::indexer::tag_inputs;
use crate::store::{LearnedRow, Store};
use crate::tagging::learning::learn;

/// The learning of a label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LabelLearning {
    /// The label's id.
    pub(crate) label: String,
    /// All decisions that accept it.
    pub(crate) accepted: usize,
    /// All decisions that reject it.
    pub(crate) rejected: usize,
    /// Decisions that it may learn from: none if learning is switched off, and none from before a
    /// reset.
    pub(crate) teaching: usize,
    /// Whether the label may learn.
    pub(crate) active: bool,
    /// When it was last reset, in milliseconds since 1970-01-01 UTC.
    pub(crate) reset_ms: Option<i64>,
    /// The result when the label's tags were last computed; `None` if there were fewer than three
    /// decisions.
    pub(crate) learned: Option<LearnedRow>,
}

impl LabelLearning {
    /// The state of learning.
    pub(crate) fn state(&self) -> LearningState {
        match &self.learned {
            _ if !self.active => LearningState::Off,
            _ if self.teaching < learn::ACTIVE_FROM => LearningState::TooFewDecisions,
            None => LearningState::Waiting,
            Some(row) if row.in_force => LearningState::InForce,
            Some(_) => LearningState::NoGain,
        }
    }
}

/// The state of a label's learning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LearningState {
    /// The user switched learning off.
    Off,
    /// There are too few decisions to learn from.
    TooFewDecisions,
    /// The next tagging will use them.
    Waiting,
    /// Scores use them.
    InForce,
    /// Held-out decisions are predicted better without learning.
    NoGain,
}

impl LearningState {
    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::TooFewDecisions => "too few decisions",
            Self::Waiting => "waiting",
            Self::InForce => "in force",
            Self::NoGain => "no gain",
        }
    }
}

/// Returns the labels of the vocabulary in use that have decisions or a setting, in the
/// vocabulary's order.
///
/// # Errors
/// If the library cannot be read.
pub(crate) fn list(store: &Store) -> Result<Vec<LabelLearning>, PipelineError> {
    let settings = store.learning_settings()?;
    let learned = store.learned()?;
    let lessons = store.lessons()?;
    let mut counts: HashMap<String, (usize, usize)> = HashMap::new();
    for (label, accepted, rejected) in store.decision_counts()? {
        counts.insert(label, (accepted, rejected));
    }
    let mut rows = Vec::new();
    for label in tag_inputs::vocabulary(store)?.labels() {
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
