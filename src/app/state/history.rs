//! What can be taken back, and done again.

use crate::app::messages::decision::Decide;
use crate::store::StoredVocabulary;

/// Steps that are remembered.
const REMEMBERED: usize = 200;

/// One thing that a person did.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Decisions: what they were before, and what they became.
    Decisions {
        /// Taking back.
        before: Vec<Decide>,
        /// Doing again.
        after: Vec<Decide>,
    },
    /// The vocabulary before and after; `None` is the built-in one.
    Vocabulary {
        /// Taking back.
        before: Option<StoredVocabulary>,
        /// Doing again.
        after: Option<StoredVocabulary>,
    },
}

impl Step {
    /// What it is called in a menu.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Decisions { after, .. } => match after.as_slice() {
                [one] => format!("decision on “{}”", one.label),
                many => format!("{} decisions", many.len()),
            },
            Self::Vocabulary { .. } => "change of the labels".into(),
        }
    }
}

/// The steps done and undone.
#[derive(Debug, Default)]
pub(crate) struct History {
    done: Vec<Step>,
    undone: Vec<Step>,
}

impl History {
    /// Remembers a step; what was undone before cannot be done again after it.
    pub(crate) fn push(&mut self, step: Step) {
        self.undone.clear();
        self.done.push(step);
        if self.done.len() > REMEMBERED {
            self.done.remove(0);
        }
    }

    /// Takes back the last step.
    pub(crate) fn undo(&mut self) -> Option<Step> {
        let step = self.done.pop()?;
        self.undone.push(step.clone());
        Some(step)
    }

    /// Does the step again that was taken back last.
    pub(crate) fn redo(&mut self) -> Option<Step> {
        let step = self.undone.pop()?;
        self.done.push(step.clone());
        Some(step)
    }

    /// What undo would take back.
    pub(crate) fn undoable(&self) -> Option<String> {
        self.done.last().map(Step::describe)
    }

    /// What redo would do again.
    pub(crate) fn redoable(&self) -> Option<String> {
        self.undone.last().map(Step::describe)
    }
}
