//! Decisions: shown at once, kept by the library's thread, taken back and done again.

use std::collections::HashMap;

use crate::app::catalogue::{LabelInfo, Row, Tag};
use crate::app::messages::event::{Decided, Learned, Severity};
use crate::app::state::app::App;
use crate::app::state::history::Step;
use crate::app::threads::library::{Decide, Request};
use crate::store::{TagState, Verdict};
use crate::tagging::Edit;

impl App {
    /// Notes what undo takes back. What came after is what is shown now.
    pub(crate) fn remember(&mut self, before: Vec<Decided>) {
        self.unnoted = self.unnoted.saturating_sub(1);
        if before.is_empty() {
            return self.undo_what_waits();
        }
        let catalogue = &self.catalogue;
        let mut places = Places::default();
        let mut after = Vec::with_capacity(before.len());
        for d in &before {
            let label = places.of(&d.label, |name| catalogue.label(name));
            let row = catalogue.index.row_of(d.photo);
            if let (Some(label), Some(row)) = (label, row.and_then(|r| catalogue.rows.get(r))) {
                let tag = row.tag(label).filter(|t| t.decided);
                let accepted = tag.map(|t| t.state == TagState::Accepted);
                after.push(Decide::now(d.photo, &d.label, accepted));
            }
        }
        let before = before.into_iter().map(|d| Decide {
            photo: d.photo,
            label: d.label,
            decision: d.before,
        });
        let before = before.collect();
        self.history.push(Step::Decisions { before, after });
        self.undo_what_waits();
    }

    /// Takes the last step back, once it is known what the decisions before it were.
    pub(crate) fn undo(&mut self) {
        self.undos += 1;
        self.undo_what_waits();
    }

    fn undo_what_waits(&mut self) {
        if self.unnoted > 0 {
            return;
        }
        for _ in 0..std::mem::take(&mut self.undos) {
            let step = self.history.undo();
            self.replay(step, true);
        }
    }

    /// Shows decisions at once, and has them kept.
    pub(crate) fn decide(&mut self, decisions: Vec<Decide>, note: bool) {
        if decisions.is_empty() {
            return;
        }
        let mut by_photo: HashMap<i64, Vec<(usize, Option<bool>)>> = HashMap::new();
        let mut places = Places::default();
        for d in &decisions {
            let catalogue = &mut self.catalogue;
            let label = places.of(&d.label, |name| {
                catalogue.label(name).or_else(|| {
                    catalogue.labels.push(LabelInfo::new(name));
                    catalogue.labels.len().checked_sub(1)
                })
            });
            let accepted = d.decision.map(|d| d.verdict == Verdict::Accepted);
            if let Some(label) = label {
                by_photo.entry(d.photo).or_default().push((label, accepted));
            }
        }
        for (photo, decided) in by_photo {
            let rows: Vec<usize> = self.catalogue.index.rows_of(photo).collect();
            for at in rows {
                let changed = self.catalogue.change_tags(at, |row| {
                    for (label, accepted) in &decided {
                        put(row, *label, *accepted);
                    }
                });
                if let Some(row) = changed.filter(|_| self.settings.auto_export) {
                    self.due.photos.insert(row.path.clone());
                }
            }
        }
        for at in places.found() {
            if let Some(label) = self.catalogue.labels.get(at) {
                let counts = (label.accepted, label.suggested);
                self.taught.insert(label.name.clone(), counts);
                self.learned.remove(&label.name);
            }
        }
        self.revision += 1;
        self.decisions += 1;
        self.unnoted += usize::from(note);
        self.ask(Request::Decide(decisions, note));
    }

    /// Sees what the last decisions changed beyond themselves.
    pub(crate) fn note_learning(&mut self) {
        for label in &self.catalogue.labels {
            let Some((accepted, suggested)) = self.taught.get(&label.name) else {
                continue;
            };
            let in_force = label
                .learning
                .as_ref()
                .is_some_and(|l| l.state() == "in force");
            let learned = Learned {
                given: difference(label.accepted, *accepted),
                suggested: difference(label.suggested, *suggested),
            };
            match in_force && learned != Learned::default() {
                true => self.learned.insert(label.name.clone(), learned),
                false => self.learned.remove(&label.name),
            };
        }
    }

    pub(crate) fn replay(&mut self, step: Option<Step>, back: bool) {
        match step {
            None => self.say(
                Severity::Info,
                "There is nothing more to take back or do again.",
            ),
            Some(Step::Decisions { before, after }) => {
                self.decide(if back { before } else { after }, false);
            }
            Some(Step::Vocabulary { before, after }) => {
                let text = if back { before } else { after };
                self.ask(Request::SetVocabulary(text, true));
            }
        }
    }

    /// Accepts or rejects everything that is suggested for the chosen photos.
    pub(crate) fn settle_suggestions(&mut self, accept: bool) {
        let labels = &self.catalogue.labels;
        let mut decisions = Vec::new();
        for row in self.selected_rows() {
            let Some((photo, _)) = row.photo else {
                continue;
            };
            let suggested = row.tags.iter().filter(|t| t.state == TagState::Suggested);
            for label in suggested.filter_map(|t| labels.get(t.label)) {
                decisions.push(Decide::now(photo, &label.name, Some(accept)));
            }
        }
        if decisions.is_empty() {
            let text = match self.selected.is_empty() {
                true => "Select photos first; click one, or press Ctrl+A for all.",
                false => "Nothing is suggested for the selected photos.",
            };
            self.say(Severity::Info, text);
        }
        self.decide(decisions, true);
    }

    pub(crate) fn tag(&mut self, name: &str) {
        let photos = self.chosen();
        if name.is_empty() || photos.is_empty() {
            return;
        }
        let known = self.catalogue.label(name);
        let label = match known.and_then(|l| self.catalogue.labels.get(l)) {
            Some(label) => label.name.clone(),
            None => {
                // A word that no list has becomes a label, so that it is found on other photos too.
                let add = Edit::Add {
                    name: name.to_owned(),
                    parent: None,
                };
                self.ask(Request::Edit(vec![add]));
                name.to_owned()
            }
        };
        let decisions = photos.iter().map(|p| Decide::now(*p, &label, Some(true)));
        self.decide(decisions.collect(), true);
    }
}

fn difference(now: usize, before: usize) -> isize {
    let signed = |n: usize| isize::try_from(n).unwrap_or(isize::MAX);
    signed(now) - signed(before)
}

/// Labels that were looked up: thousands of decisions are mostly on one.
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
    use crate::app::catalogue::tests::{row, tag};

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
        // What only the person said goes with the decision.
        put(&mut row, 7, Some(true));
        assert_eq!(state(&row, 7), Some((TagState::Accepted, true)));
        put(&mut row, 7, None);
        assert_eq!(state(&row, 7), None);
        put(&mut row, 9, None);
        assert_eq!(row.tags.len(), 2);
    }
}
