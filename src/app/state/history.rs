//! The steps for undo and redo.

use std::collections::HashSet;

use crate::app::messages::decision::Decide;
use crate::core::count;
use crate::core::ids::PhotoId;
use crate::store::StoredVocabulary;

/// The most steps to remember.
const REMEMBERED: usize = 200;

/// One step of the user.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Decisions: the previous ones, and the new ones.
    Decisions {
        /// For undo.
        before: Vec<Decide>,
        /// For redo.
        after: Vec<Decide>,
        /// How many they are for the user: one on a stack is several here.
        count: usize,
    },
    /// The vocabulary before and after; `None` is the built-in one.
    Vocabulary {
        /// For undo.
        before: Option<StoredVocabulary>,
        /// For redo.
        after: Option<StoredVocabulary>,
    },
}

impl Step {
    /// Its name in a menu.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Decisions { after, count, .. } => match (count, after.first()) {
                (1, Some(one)) => format!("decision on “{}”", one.label),
                _ => format!("{} decisions", count::number(*count)),
            },
            Self::Vocabulary { .. } => "change of the labels".into(),
        }
    }
}

/// The steps done and undone.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Each with the number of its request, if it has one.
    done: Vec<(Option<u64>, Step)>,
    undone: Vec<Step>,
}

impl History {
    /// Adds a step, and drops the steps for redo.
    pub(crate) fn push(&mut self, number: Option<u64>, step: Step) {
        self.undone.clear();
        self.done.push((number, step));
        if self.done.len() > REMEMBERED {
            self.done.remove(0);
        }
    }

    /// Undoes the last step.
    pub(crate) fn undo(&mut self) -> Option<Step> {
        let (_, step) = self.done.pop()?;
        self.undone.push(step.clone());
        Some(step)
    }

    /// Whether the step of that request can be undone.
    pub(crate) fn has(&self, number: u64) -> bool {
        self.done.iter().any(|(n, _)| *n == Some(number))
    }

    /// Undoes the step of that request, whatever came after it, except for what was decided again
    /// since.
    pub(crate) fn undo_step(&mut self, number: u64) -> Option<Step> {
        let at = self.done.iter().position(|(n, _)| *n == Some(number))?;
        let (_, mut step) = self.done.remove(at);
        if let Step::Decisions {
            before,
            after,
            count,
        } = &mut step
        {
            let mut again: HashSet<(PhotoId, &str)> = HashSet::new();
            for (_, later) in self.done.get(at..).unwrap_or_default() {
                if let Step::Decisions { after, .. } = later {
                    again.extend(after.iter().map(|d| (d.photo, d.label.as_str())));
                }
            }
            before.retain(|d| !again.contains(&(d.photo, d.label.as_str())));
            after.retain(|d| !again.contains(&(d.photo, d.label.as_str())));
            *count = after.len().min(*count);
        }
        self.undone.push(step.clone());
        Some(step)
    }

    /// Redoes the step undone last.
    pub(crate) fn redo(&mut self) -> Option<Step> {
        let step = self.undone.pop()?;
        self.done.push((None, step.clone()));
        Some(step)
    }

    /// The name of the step that undo would undo.
    pub(crate) fn undoable(&self) -> Option<String> {
        self.done.last().map(|(_, step)| step.describe())
    }

    /// The name of the step that redo would redo.
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
            count: photos.len(),
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
