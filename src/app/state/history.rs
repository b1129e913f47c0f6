//! What can be taken back, and done again.

use std::collections::HashSet;

use crate::app::messages::decision::Decide;
use crate::core::count;
use crate::core::ids::PhotoId;
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
                many => format!("{} decisions", count::number(many.len())),
            },
            Self::Vocabulary { .. } => "change of the labels".into(),
        }
    }
}

/// The steps done and undone.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// With the numbers of their requests, where they have one.
    done: Vec<(Option<u64>, Step)>,
    undone: Vec<Step>,
}

impl History {
    /// Remembers a step; what was undone before cannot be done again after it.
    pub(crate) fn push(&mut self, number: Option<u64>, step: Step) {
        self.undone.clear();
        self.done.push((number, step));
        if self.done.len() > REMEMBERED {
            self.done.remove(0);
        }
    }

    /// Takes back the last step.
    pub(crate) fn undo(&mut self) -> Option<Step> {
        let (_, step) = self.done.pop()?;
        self.undone.push(step.clone());
        Some(step)
    }

    /// Whether the step of that number can be taken back.
    pub(crate) fn has(&self, number: u64) -> bool {
        self.done.iter().any(|(n, _)| *n == Some(number))
    }

    /// Takes back the step of that number, whatever came after it. What was decided again since then
    /// is left out.
    pub(crate) fn undo_step(&mut self, number: u64) -> Option<Step> {
        let at = self.done.iter().position(|(n, _)| *n == Some(number))?;
        let (_, mut step) = self.done.remove(at);
        if let Step::Decisions { before, after } = &mut step {
            let mut again: HashSet<(PhotoId, &str)> = HashSet::new();
            for (_, later) in self.done.get(at..).unwrap_or_default() {
                if let Step::Decisions { after, .. } = later {
                    again.extend(after.iter().map(|d| (d.photo, d.label.as_str())));
                }
            }
            before.retain(|d| !again.contains(&(d.photo, d.label.as_str())));
            after.retain(|d| !again.contains(&(d.photo, d.label.as_str())));
        }
        self.undone.push(step.clone());
        Some(step)
    }

    /// Does the step again that was taken back last.
    pub(crate) fn redo(&mut self) -> Option<Step> {
        let step = self.undone.pop()?;
        self.done.push((None, step.clone()));
        Some(step)
    }

    /// What undo would take back.
    pub(crate) fn undoable(&self) -> Option<String> {
        self.done.last().map(|(_, step)| step.describe())
    }

    /// What redo would do again.
    pub(crate) fn redoable(&self) -> Option<String> {
        self.undone.last().map(Step::describe)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(photos: &[i64]) -> Step {
        let decided = |accepted| {
            let decisions = photos
                .iter()
                .map(|p| Decide::now(PhotoId::new(*p), "dog", accepted));
            decisions.collect()
        };
        Step::Decisions {
            before: decided(None),
            after: decided(Some(true)),
        }
    }

    fn photos(step: Option<Step>) -> Vec<i64> {
        match step {
            Some(Step::Decisions { before, .. }) => {
                before.iter().map(|d| d.photo.number()).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_step_taken_back_by_its_number_leaves_what_came_after() {
        let mut history = History::default();
        history.push(Some(1), step(&[1, 2, 3]));
        history.push(Some(2), step(&[2]));
        assert!(history.has(1));
        assert_eq!(photos(history.undo_step(1)), [1, 3], "2 was decided again");
        assert!(!history.has(1) && history.undo_step(1).is_none());
        assert_eq!(photos(history.undo()), [2]);
        assert_eq!(photos(history.redo()), [2]);
        assert_eq!(photos(history.redo()), [1, 3]);
    }
}
