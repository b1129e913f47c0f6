//! Decisions: shown at once, stored by the library's thread, undone and redone.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::app::catalogue::label::LabelInfo;
use crate::app::catalogue::row::{Row, Tag};
use crate::app::messages::decision::{Decide, Decided};
use crate::app::messages::message::Severity;
use crate::app::messages::request::Request;
use crate::app::state::effects::Effects;
use crate::app::state::history::{History, Step};
use crate::app::state::learned::Learned;
use crate::app::state::library_view::LibraryView;
use crate::app::state::pending::Pending;
use crate::app::state::saving::SavingState;
use crate::services::learning::LearningState;
use crate::store::{TagState, Verdict};
use crate::words::tr;

/// The decisions made, and their effects.
#[derive(Debug, Default)]
pub(crate) struct Decisions {
    /// The steps for undo and redo.
    pub(crate) history: History,
    /// Decisions being stored.
    pub(crate) pending: Pending,
    /// Whether the library has what the user said.
    pub(crate) saving: SavingState,
    /// The photo counts of decided labels, right after the decision.
    counts: HashMap<String, (usize, usize)>,
    /// What decisions changed on other photos, since the last decision on each label.
    pub(crate) learned: HashMap<String, Learned>,
}

impl Decisions {
    /// Shows decisions at once, and sends them to the library; `note` is whether undo remembers
    /// them. Returns the files with changed tags.
    pub(crate) fn show_and_ask(
        &mut self,
        decisions: Vec<Decide>,
        note: bool,
        view: &mut LibraryView,
        effects: &mut Effects,
    ) -> Vec<PathBuf> {
        if decisions.is_empty() {
            return Vec::new();
        }
        let (touched, labels) = show(&decisions, view);
        for at in labels {
            if let Some(label) = view.catalogue.labels.get(at) {
                let counts = (label.accepted, label.suggested);
                self.counts.insert(label.name.clone(), counts);
                self.learned.remove(&label.name);
            }
        }
        self.pending.ask(note, &decisions);
        effects.ask(Request::Decide(decisions, note));
        touched
    }

    /// Shows again what a library does not have yet that includes `kept` requests.
    pub(crate) fn show_unsaved(&mut self, kept: u64, view: &mut LibraryView) {
        for decisions in self.pending.not_in(kept) {
            show(decisions, view);
        }
    }

    /// Records a step for undo. The decisions on show are its result.
    pub(crate) fn remember(
        &mut self,
        before: Vec<Decided>,
        view: &mut LibraryView,
        effects: &mut Effects,
    ) -> Vec<PathBuf> {
        let number = self.pending.answered();
        if !before.is_empty() {
            let after = as_shown(&before, view);
            let count = view.count_shown(before.iter().map(|d| d.photo));
            let before = before.into_iter().map(|d| Decide {
                photo: d.photo,
                label: d.label,
                decision: d.before,
            });
            let before = before.collect();
            let vocabulary = self.history.take_new_label(number);
            let step = Step::Decisions {
                before,
                after,
                count,
                vocabulary,
            };
            self.history.push(Some(number), step);
        }
        self.undo_what_waits(view, effects)
    }

    /// Undoes the last step, once the decisions before it are known.
    pub(crate) fn undo(&mut self, view: &mut LibraryView, effects: &mut Effects) -> Vec<PathBuf> {
        self.pending.want_undo();
        self.undo_what_waits(view, effects)
    }

    /// Whether there is a step to undo, or will be once the library has answered.
    pub(crate) fn can_undo(&self) -> bool {
        self.pending.waits() || self.history.undoable().is_some()
    }

    /// Whether the decisions of that request can be undone, or will be once they are stored.
    pub(crate) fn has_step(&self, number: u64) -> bool {
        self.pending.waits_for(number) || self.history.has(number)
    }

    /// Undoes the decisions of that request, whatever came after them.
    pub(crate) fn undo_step(
        &mut self,
        number: u64,
        view: &mut LibraryView,
        effects: &mut Effects,
    ) -> Vec<PathBuf> {
        let step = self.history.undo_step(number);
        self.replay(step, true, view, effects)
    }

    /// Redoes the step undone last.
    pub(crate) fn redo(&mut self, view: &mut LibraryView, effects: &mut Effects) -> Vec<PathBuf> {
        let step = self.history.redo();
        self.replay(step, false, view, effects)
    }

    fn undo_what_waits(&mut self, view: &mut LibraryView, effects: &mut Effects) -> Vec<PathBuf> {
        let mut touched = Vec::new();
        for _ in 0..self.pending.take_undos() {
            let step = self.history.undo();
            touched.extend(self.replay(step, true, view, effects));
        }
        touched
    }

    fn replay(
        &mut self,
        step: Option<Step>,
        back: bool,
        view: &mut LibraryView,
        effects: &mut Effects,
    ) -> Vec<PathBuf> {
        match step {
            None => effects.say(Severity::Info, tr!("undo-nothing-more")),
            Some(Step::Decisions {
                before,
                after,
                vocabulary,
                ..
            }) => {
                if let Some(vocabulary) = vocabulary {
                    effects.ask(vocabulary.request(back));
                }
                let decisions = if back { before } else { after };
                return self.show_and_ask(decisions, false, view, effects);
            }
            Some(Step::Vocabulary(vocabulary)) => effects.ask(vocabulary.request(back)),
        }
        Vec::new()
    }

    /// Computes what the last decisions changed on other photos.
    pub(crate) fn note_learning(&mut self, labels: &[LabelInfo]) {
        for label in labels {
            let Some((accepted, suggested)) = self.counts.get(&label.name) else {
                continue;
            };
            let state = label.learning.as_ref().map(|l| l.state());
            let learned = Learned {
                given: difference(label.accepted, *accepted),
                suggested: difference(label.suggested, *suggested),
            };
            match state == Some(LearningState::InForce) && learned != Learned::default() {
                true => self.learned.insert(label.name.clone(), learned),
                false => self.learned.remove(&label.name),
            };
        }
    }
}

/// Shows decisions. Returns the files with changed tags, and the labels.
fn show(decisions: &[Decide], view: &mut LibraryView) -> (Vec<PathBuf>, Vec<usize>) {
    let mut touched = Vec::new();
    let mut by_row: HashMap<usize, Vec<(usize, Option<bool>)>> = HashMap::new();
    let mut places = Places::default();
    let catalogue = &mut view.catalogue;
    for d in decisions {
        let label = places.of(&d.label, |name| {
            catalogue.label(name).or_else(|| {
                catalogue.labels.push(LabelInfo::new(name));
                catalogue.labels.len().checked_sub(1)
            })
        });
        let accepted = d.decision.map(|d| d.verdict == Verdict::Accepted);
        for at in catalogue.index.rows_of(d.photo) {
            let decided = by_row.entry(at).or_default();
            decided.extend(label.map(|label| (label, accepted)));
        }
    }
    for (at, mut decided) in by_row {
        // If some files of a stack have a decision and others have none, the stack has it.
        decided.sort_by_key(|(_, accepted)| accepted.is_some());
        let changed = catalogue.change_tags(at, |row| {
            for (label, accepted) in &decided {
                put(row, *label, *accepted);
            }
        });
        touched.extend(changed.map(|row| row.path.clone()));
    }
    view.revision += 1;
    (touched, places.found().collect())
}

/// The same decisions as they are on show now.
fn as_shown(decided: &[Decided], view: &LibraryView) -> Vec<Decide> {
    let mut places = Places::default();
    let mut shown = Vec::with_capacity(decided.len());
    for d in decided {
        let label = places.of(&d.label, |name| view.catalogue.label(name));
        if let (Some(label), Some(row)) = (label, view.row_with(d.photo)) {
            let tag = row.tag(label).filter(|t| t.decided);
            let accepted = tag.map(|t| t.state == TagState::Accepted);
            shown.push(Decide::now(d.photo, &d.label, accepted));
        }
    }
    shown
}

fn difference(now: usize, before: usize) -> isize {
    let signed = |n: usize| isize::try_from(n).unwrap_or(isize::MAX);
    signed(now) - signed(before)
}

/// A cache of labels: thousands of decisions are mostly on one.
#[derive(Default)]
struct Places(HashMap<String, Option<usize>>);

impl Places {
    fn of(&mut self, name: &str, find: impl FnOnce(&str) -> Option<usize>) -> Option<usize> {
        if let Some(place) = self.0.get(name) {
            return *place;
        }
        let place = find(name);
        self.0.insert(name.to_owned(), place);
        place
    }

    fn found(&self) -> impl Iterator<Item = usize> {
        self.0.values().copied().flatten()
    }
}

/// Shows a decision on a row.
fn put(row: &mut Row, label: usize, accepted: Option<bool>) {
    let state = |given: bool| match (accepted, given) {
        (Some(true), _) | (None, true) => TagState::Accepted,
        (Some(false), _) => TagState::Rejected,
        (None, false) => TagState::Suggested,
    };
    let at = row.tags.iter().position(|t| t.label == label);
    match (at.and_then(|at| row.tags.get_mut(at)), accepted) {
        (Some(tag), None) if tag.confidence.is_none() => row.tags.retain(|t| t.label != label),
        (Some(tag), _) => (tag.state, tag.decided) = (state(tag.given), accepted.is_some()),
        (None, None) => {}
        (None, Some(_)) => row.tags.push(Tag {
            label,
            confidence: None,
            given: false,
            state: state(false),
            decided: true,
            implied: false,
        }),
    }
    row.sort_tags();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::catalogue::samples::{row, tag};
    use crate::app::state::effects::Effect;
    use crate::app::state::library_view::tests::view;
    use crate::core::ids::PhotoId;

    #[test]
    fn a_decision_shows_and_its_taking_back_shows_what_the_machine_says() {
        let mut row = row("/a.jpg", Some(1), 0);
        row.tags.push(tag(0, 0.8, TagState::Accepted));
        row.tags.push(tag(1, 0.3, TagState::Suggested));
        let state = |row: &Row, label| row.tag(label).map(|t| (t.state, t.decided));
        put(&mut row, 0, Some(false));
        assert_eq!(state(&row, 0), Some((TagState::Rejected, true)));
        put(&mut row, 0, None);
        assert_eq!(state(&row, 0), Some((TagState::Accepted, false)));
        put(&mut row, 1, Some(true));
        put(&mut row, 1, None);
        assert_eq!(state(&row, 1), Some((TagState::Suggested, false)));
        // A tag that only the user gave disappears with the decision.
        put(&mut row, 7, Some(true));
        assert_eq!(state(&row, 7), Some((TagState::Accepted, true)));
        put(&mut row, 7, None);
        assert_eq!(state(&row, 7), None);
        put(&mut row, 9, None);
        assert_eq!(row.tags.len(), 2);
    }

    fn world() -> (Decisions, LibraryView, Effects) {
        (Decisions::default(), view(), Effects::default())
    }

    fn state(view: &LibraryView, photo: i64, label: usize) -> Option<TagState> {
        view.row_of(PhotoId::new(photo))?
            .tag(label)
            .map(|t| t.state)
    }

    /// The answer of the library's thread.
    fn answer(photo: i64) -> Vec<Decided> {
        vec![Decided {
            photo: PhotoId::new(photo),
            label: "dog".into(),
            before: None,
        }]
    }

    #[test]
    fn a_decision_shows_at_once_is_kept_and_can_be_taken_back_and_done_again() {
        let (mut decisions, mut view, mut effects) = world();
        let reject = vec![Decide::now(PhotoId::new(1), "dog", Some(false))];
        let touched = decisions.show_and_ask(reject, true, &mut view, &mut effects);
        assert_eq!(touched, [PathBuf::from("/a/1.jpg")]);
        assert_eq!(state(&view, 1, 0), Some(TagState::Rejected));
        assert!(matches!(
            effects.0.as_slice(),
            [Effect::Ask(Request::Decide(kept, true))] if kept.len() == 1
        ));
        decisions.undo(&mut view, &mut effects);
        assert_eq!(
            state(&view, 1, 0),
            Some(TagState::Rejected),
            "undo waits for the answer"
        );
        decisions.remember(answer(1), &mut view, &mut effects);
        assert_eq!(state(&view, 1, 0), Some(TagState::Accepted));
        decisions.redo(&mut view, &mut effects);
        assert_eq!(state(&view, 1, 0), Some(TagState::Rejected));
        let asked = effects
            .0
            .iter()
            .filter(|e| matches!(e, Effect::Ask(Request::Decide(..))));
        assert_eq!(asked.count(), 3);
    }

    #[test]
    fn with_nothing_to_take_back_it_says_so() {
        let (mut decisions, mut view, mut effects) = world();
        decisions.undo(&mut view, &mut effects);
        assert_eq!(effects.said().len(), 1);
        let none = decisions.show_and_ask(Vec::new(), true, &mut view, &mut effects);
        assert!(none.is_empty() && effects.0.len() == 1);
    }

    #[test]
    fn a_failed_request_is_answered_too() {
        let (mut decisions, mut view, mut effects) = world();
        let reject = vec![Decide::now(PhotoId::new(1), "dog", Some(false))];
        decisions.show_and_ask(reject, true, &mut view, &mut effects);
        decisions.remember(Vec::new(), &mut view, &mut effects);
        assert_eq!(decisions.history.undoable(), None);
    }
}
