//! The steps for undo and redo.

use std::collections::HashSet;

use crate::app::messages::decision::Decide;
use crate::app::messages::request::Request;
use crate::core::ids::PhotoId;
use crate::store::StoredVocabulary;
use crate::words::tr;

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
        /// The label that was made for them.
        vocabulary: Option<VocabularyStep>,
    },
    /// A change of the vocabulary.
    Vocabulary(VocabularyStep),
}

/// The vocabulary before and after a change; `None` is the built-in one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VocabularyStep {
    /// For undo.
    pub(crate) before: Option<StoredVocabulary>,
    /// For redo.
    pub(crate) after: Option<StoredVocabulary>,
    /// Labels that only got another name, whose decisions follow: old and new id.
    pub(crate) renamed: Vec<(String, String)>,
}

impl VocabularyStep {
    /// The request that undoes it, or redoes it.
    pub(crate) fn request(self, back: bool) -> Request {
        let mut renamed = self.renamed;
        if back {
            for (was, now) in &mut renamed {
                std::mem::swap(was, now);
            }
        }
        Request::SetVocabulary {
            vocabulary: if back { self.before } else { self.after },
            renamed,
            replayed: true,
        }
    }
}

impl Step {
    /// Its name in a menu.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Decisions { after, count, .. } => match (count, after.first()) {
                (1, Some(one)) => tr!("step-decision", label = &one.label),
                _ => tr!("step-decisions", count = *count),
            },
            Self::Vocabulary(_) => tr!("step-labels").into(),
        }
    }
}

/// The steps done and undone.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Each with the number of its request, if it has one.
    done: Vec<(Option<u64>, Step)>,
    undone: Vec<Step>,
    /// Labels made for decisions: the number of their request, the name, and the changes of the
    /// vocabulary before.
    new_labels: Vec<(u64, String, usize)>,
    /// The changes of the vocabulary so far.
    vocabularies: usize,
}

impl History {
    /// Adds a step, and drops the steps for redo.
    pub(crate) fn push(&mut self, number: Option<u64>, step: Step) {
        self.undone.clear();
        self.vocabularies += usize::from(matches!(step, Step::Vocabulary(_)));
        self.done.push((number, step));
        if self.done.len() > REMEMBERED {
            self.done.remove(0);
        }
    }

    /// Records that a label is about to be made for the decisions of that request.
    pub(crate) fn note_new_label(&mut self, number: u64, name: String) {
        self.new_labels.push((number, name, self.vocabularies));
    }

    /// Removes the step that has made a label for the decisions of that request, to be undone with
    /// them.
    pub(crate) fn take_new_label(&mut self, number: u64) -> Option<VocabularyStep> {
        let at = self.new_labels.iter().position(|(n, ..)| *n == number)?;
        let (_, name, before) = self.new_labels.remove(at);
        let made = |step: &(Option<u64>, Step)| match &step.1 {
            Step::Vocabulary(VocabularyStep { after, .. }) => after
                .as_ref()
                .is_some_and(|after| after.text.contains(&name)),
            Step::Decisions { .. } => false,
        };
        // Without a change since, the label could not be made.
        let made = self.vocabularies > before && self.done.last().is_some_and(made);
        match self.done.pop_if(|_| made)? {
            (_, Step::Vocabulary(step)) => Some(step),
            (_, Step::Decisions { .. }) => None,
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
            vocabulary,
        } = &mut step
        {
            // The vocabulary before it does not have what was changed since.
            let changes = |(_, step): &(Option<u64>, Step)| match step {
                Step::Vocabulary(_) => true,
                Step::Decisions { vocabulary, .. } => vocabulary.is_some(),
            };
            if self.done.get(at..).into_iter().flatten().any(changes) {
                *vocabulary = None;
            }
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
            vocabulary: None,
        }
    }

    fn vocabulary(text: &str) -> Step {
        let stored = |text: &str| StoredVocabulary {
            name: "mine".into(),
            text: text.into(),
        };
        Step::Vocabulary(VocabularyStep {
            before: Some(stored("cat")),
            after: Some(stored(text)),
            renamed: Vec::new(),
        })
    }

    #[test]
    fn a_label_made_for_a_tag_goes_with_it_unless_the_vocabulary_has_changed_since() {
        let mut history = History::default();
        // The label could not be made: an earlier change is not taken for it.
        history.push(None, vocabulary("cat dog"));
        history.note_new_label(1, "dog".into());
        assert_eq!(history.take_new_label(1), None);
        history.note_new_label(2, "fox".into());
        history.push(None, vocabulary("cat fox"));
        let made = history.take_new_label(2);
        assert!(made.is_some() && history.take_new_label(2).is_none());
        let plain = step(&[1]);
        let tagged = |made: &Option<VocabularyStep>| {
            let mut step = plain.clone();
            if let Step::Decisions { vocabulary, .. } = &mut step {
                vocabulary.clone_from(made);
            }
            step
        };
        history.push(Some(2), tagged(&made));
        history.push(None, vocabulary("cat fox hen"));
        let undone = history.undo_step(2);
        assert_eq!(undone, Some(tagged(&None)), "the hen stays");
        history.push(Some(3), tagged(&made));
        assert_eq!(history.undo(), Some(tagged(&made)));
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
