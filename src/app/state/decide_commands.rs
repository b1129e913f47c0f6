//! The user's decisions: carries them out, reports and undoes them.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::app::commands::choices::ScreenId;
use crate::app::commands::command::{DecideCommand, ToastCommand};
use crate::app::messages::decision::{Decide, Decided};
use crate::app::messages::request::Request;
use crate::app::state::app_state::AppState;
use crate::app::state::effects::Effects;
use crate::app::state::library_view::LibraryView;
use crate::app::state::suggestions::suggestions;
use crate::app::state::toasts::Offer;
use crate::core::ids::PhotoId;
use crate::store::Verdict;
use crate::tagging::Edit;
use crate::words::{phrase, tr};

/// Decisions on more photos than this produce a message with *Undo*.
const MANY: usize = 50;

impl AppState {
    pub(crate) fn decide_command(&mut self, command: DecideCommand, effects: &mut Effects) {
        let decide = |photos: &[PhotoId], label: &str, accepted| -> Vec<Decide> {
            let decisions = photos.iter().map(|p| Decide::now(*p, label, accepted));
            decisions.collect()
        };
        let decisions = match command {
            DecideCommand::Label {
                photos,
                label,
                accepted,
            } => decide(&photos, &label, accepted),
            DecideCommand::Settle {
                label,
                accepted,
                rejected,
            } => {
                let mut both = decide(&accepted, &label, Some(true));
                both.extend(decide(&rejected, &label, Some(false)));
                both
            }
            DecideCommand::Labels {
                photo,
                labels,
                accepted,
            } => {
                let labels = labels.iter();
                labels
                    .map(|label| Decide::now(photo, label, Some(accepted)))
                    .collect()
            }
            DecideCommand::Tag { photos, text } => return self.tag(&photos, text.trim(), effects),
        };
        self.decide(decisions, effects);
    }

    /// Gives photos a tag. A word that is in no list becomes a label, so that other photos get it
    /// too.
    fn tag(&mut self, photos: &[PhotoId], name: &str, effects: &mut Effects) {
        if name.is_empty() || photos.is_empty() {
            return;
        }
        let catalogue = &self.library.catalogue;
        let known = catalogue.label(name).and_then(|l| catalogue.labels.get(l));
        let label = known.map_or(name, |l| l.name.as_str()).to_owned();
        let is_new = known.is_none();
        if is_new {
            let (name, parent) = (label.clone(), None);
            effects.ask(Request::Edit(vec![Edit::Add { name, parent }]));
        }
        let decisions = photos.iter().map(|p| Decide::now(*p, &label, Some(true)));
        self.decide(decisions.collect(), effects);
        if is_new {
            let number = self.decisions.pending.latest();
            self.decisions.history.note_new_label(number, label);
        }
    }

    /// Shows decisions at once, and sends them to the library. Many at once produce a message with
    /// *Undo*; returns whether they did.
    pub(crate) fn decide(&mut self, decisions: Vec<Decide>, effects: &mut Effects) -> bool {
        let told = describe(&decisions);
        let decisions = on_stacks(decisions, &self.library);
        let (decided, view) = (&mut self.decisions, &mut self.library);
        let touched = decided.show_and_ask(decisions, true, view, effects);
        self.have_exported(touched);
        let Some(text) = told else {
            return false;
        };
        let step = self.decisions.pending.latest();
        self.window.toasts.tell(text, Some(Offer::Decisions(step)));
        true
    }

    /// Accepts or rejects all suggestions for the selected photos.
    pub(crate) fn settle(&mut self, accept: bool, effects: &mut Effects) {
        let decisions = suggestions(self.at_hand().into_iter(), &self.library, accept);
        if decisions.is_empty() {
            let text = tr!("decide-no-suggestions");
            return self.window.toasts.tell(text, None);
        }
        self.decide(decisions, effects);
    }

    /// Undoes the last step.
    pub(crate) fn undo(&mut self, effects: &mut Effects) {
        let touched = self.decisions.undo(&mut self.library, effects);
        self.replayed(true, touched);
    }

    /// Redoes the step undone last.
    pub(crate) fn redo(&mut self, effects: &mut Effects) {
        let touched = self.decisions.redo(&mut self.library, effects);
        self.replayed(false, touched);
    }

    /// Carries out a command for toasts.
    pub(crate) fn toast(&mut self, command: ToastCommand, effects: &mut Effects) {
        match command {
            ToastCommand::Dismiss(id) => drop(self.window.toasts.dismiss(id)),
            ToastCommand::DismissAll => self.window.toasts.clear(),
            ToastCommand::Undo(id) => {
                let toast = self.window.toasts.dismiss(id);
                match toast.and_then(|t| t.offer) {
                    Some(Offer::Decisions(step)) => {
                        let view = &mut self.library;
                        let touched = self.decisions.undo_step(step, view, effects);
                        self.replayed(true, touched);
                    }
                    Some(Offer::Scale) => effects.ask(Request::UndoScale(true)),
                    None => {}
                }
            }
            ToastCommand::Show(id) => {
                self.window.toasts.dismiss(id);
                self.show(ScreenId::Activity, effects);
            }
        }
    }

    /// Handles the library's report of the previous decisions.
    pub(crate) fn decided(&mut self, before: Vec<Decided>, effects: &mut Effects) {
        let view = &mut self.library;
        let touched = self.decisions.remember(before, view, effects);
        self.replayed(true, touched);
    }

    /// After undo or redo: lets the sidecars follow, and reports changes that are not visible.
    fn replayed(&mut self, undone: bool, touched: Vec<PathBuf>) {
        let decisions = &self.decisions;
        self.window.toasts.retain_steps(|s| decisions.has_step(s));
        let hidden = self.hidden(&touched);
        if hidden > 0 {
            let text = match undone {
                true => tr!("decide-undone-hidden", count = hidden),
                false => tr!("decide-redone-hidden", count = hidden),
            };
            self.window.toasts.tell(text, None);
        }
        self.have_exported(touched);
    }

    /// The number of these files that are not in the visible list.
    fn hidden(&self, files: &[PathBuf]) -> usize {
        match self.window.screen {
            ScreenId::Photos => {
                let view = &self.library;
                let place = |file: &PathBuf| view.place_of(view.catalogue.row_at(file)?);
                files.iter().filter(|file| place(file).is_none()).count()
            }
            // After undo, the review shows those photos again.
            ScreenId::Review => 0,
            _ => files.len(),
        }
    }

    /// Records files with sidecars to export again.
    pub(crate) fn have_exported(&mut self, files: Vec<PathBuf>) {
        if self.settings.sidecars.auto_export {
            self.export.pending.extend(files);
        }
    }
}

/// Adds the same decisions on the other files of stacks. Each file has all decisions on its stack,
/// so it keeps them wherever it goes.
fn on_stacks(mut decisions: Vec<Decide>, view: &LibraryView) -> Vec<Decide> {
    let known = decisions.iter().map(|d| (d.photo, d.label.as_str()));
    let mut known: HashSet<(PhotoId, &str)> = known.collect();
    let mut more = Vec::new();
    for decide in &decisions {
        let rows = view.catalogue.index.rows_of(decide.photo);
        let rows = rows.filter_map(|at| view.catalogue.rows.get(at));
        for photo in rows.flat_map(|row| row.photo_id().into_iter().chain(row.other_photos())) {
            if known.insert((photo, &decide.label)) {
                let decide = decide.clone();
                more.push(Decide { photo, ..decide });
            }
        }
    }
    decisions.extend(more);
    decisions
}

/// Describes decisions on many photos in a sentence; `None` if there are few.
fn describe(decisions: &[Decide]) -> Option<String> {
    let photos: HashSet<PhotoId> = decisions.iter().map(|d| d.photo).collect();
    let first = decisions.first().filter(|_| photos.len() > MANY)?;
    let photos = phrase!("photos", count = photos.len());
    let verdict = |d: &Decide| d.decision.map(|d| d.verdict);
    let one_label = decisions.iter().all(|d| d.label == first.label);
    let one_verdict = decisions.iter().all(|d| verdict(d) == verdict(first));
    if !one_label || !one_verdict {
        return Some(tr!("decide-many", count = decisions.len(), photos = photos));
    }
    let label = &first.label;
    Some(match verdict(first) {
        Some(Verdict::Accepted) => tr!("decide-accepted", label = label, photos = photos),
        Some(Verdict::Rejected) => tr!("decide-rejected", label = label, photos = photos),
        None => tr!("decide-withdrawn", label = label, photos = photos),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::catalogue::index::Index;
    use crate::app::catalogue::samples::{catalogue, row, tag};
    use crate::app::commands::action::Action;
    use crate::app::commands::command::{Command, SelectCommand, ViewCommand};
    use crate::app::messages::event::Event;
    use crate::app::state::effects::Effect;
    use crate::app::state::samples;
    use crate::store::{StackedFile, TagState};

    /// Photos 1 to `n`, each with a suggested dog.
    fn dogs(n: i64) -> (AppState, Effects) {
        let rows = (1..=n).map(|i| {
            let mut row = row(&format!("/a/{i:03}.jpg"), Some(i), 0);
            row.tags.push(tag(0, 0.5, TagState::Suggested));
            row
        });
        let mut state = samples::empty();
        samples::load(&mut state, catalogue(rows.collect(), &["dog", "cat"]), 0);
        (state, Effects::default())
    }

    /// Simulates the library's answer to the last decision request.
    fn answer(state: &mut AppState, effects: &mut Effects) {
        let asked = effects.0.iter().rev().find_map(|e| match e {
            Effect::Ask(Request::Decide(decisions, true)) => Some(decisions.clone()),
            _ => None,
        });
        let before = asked.unwrap().into_iter().map(|d| Decided {
            photo: d.photo,
            label: d.label,
            before: None,
        });
        state.take(Event::Decided(before.collect()), effects);
    }

    fn accepted(state: &AppState) -> usize {
        state.library.catalogue.labels[0].accepted
    }

    #[test]
    fn a_decision_on_a_stack_is_one_on_each_file_and_is_undone_on_each() {
        let (mut state, mut effects) = dogs(2);
        let mut catalogue = state.library.catalogue.clone();
        let other = |photo: Option<i64>| StackedFile {
            path: format!("/a/{photo:?}.cr2").into(),
            photo_id: photo.map(PhotoId::new),
        };
        catalogue.rows[0].others = [Some(9), None, Some(8)].map(other).into();
        catalogue.index = Index::of(&catalogue.rows);
        samples::load(&mut state, catalogue, 0);
        state.apply(Action::SelectAll.into(), &mut effects);
        state.apply(Action::Accept.into(), &mut effects);
        let asked = |effects: &Effects, note| {
            let asked = effects.0.iter().rev().find_map(|e| match e {
                Effect::Ask(Request::Decide(decisions, n)) if *n == note => Some(decisions),
                _ => None,
            });
            let decided = asked.unwrap().iter();
            let mut decided: Vec<(i64, bool)> = decided
                .map(|d| (d.photo.number(), d.decision.is_some()))
                .collect();
            decided.sort();
            decided
        };
        let all = [1, 2, 8, 9];
        assert_eq!(asked(&effects, true), all.map(|photo| (photo, true)));
        assert_eq!(accepted(&state), 2, "a stack counts once");
        answer(&mut state, &mut effects);
        assert_eq!(state.steps().0.as_deref(), Some("2 decisions"));
        state.apply(Action::Undo.into(), &mut effects);
        assert_eq!(asked(&effects, false), all.map(|photo| (photo, false)));
        assert_eq!(accepted(&state), 0);
        state.apply(Action::Redo.into(), &mut effects);
        assert_eq!(asked(&effects, false), all.map(|photo| (photo, true)));
        assert_eq!(accepted(&state), 2);
    }

    #[test]
    fn what_a_filter_hides_is_not_decided_on() {
        let (mut state, mut effects) = dogs(3);
        state.apply(Action::SelectAll.into(), &mut effects);
        let filter = ViewCommand::Search("folder:nowhere".into());
        state.apply(filter.into(), &mut effects);
        state.apply(Action::Accept.into(), &mut effects);
        assert_eq!(accepted(&state), 0);
        state.apply(ViewCommand::Search(String::new()).into(), &mut effects);
        assert!(state.selection.is_empty(), "nor when it is shown again");
        state.apply(SelectCommand::Only(1).into(), &mut effects);
        state.apply(Action::Accept.into(), &mut effects);
        assert_eq!(accepted(&state), 1);
    }

    #[test]
    fn what_the_library_loses_is_not_selected_any_more() {
        let (mut state, _) = dogs(3);
        let mut effects = Effects::default();
        state.apply(SelectCommand::Only(0).into(), &mut effects);
        state.apply(SelectCommand::To(1).into(), &mut effects);
        let mut without = state.library.catalogue.clone();
        without.rows.remove(0);
        samples::load(&mut state, without, 0);
        assert_eq!(state.chosen(), [PhotoId::new(2)]);
        let mut without = state.library.catalogue.clone();
        without.rows.remove(0);
        samples::load(&mut state, without, 0);
        assert!(state.chosen().is_empty() && state.selection.is_empty());
    }

    #[test]
    fn the_photo_shown_large_is_decided_on_alone() {
        let (mut state, mut effects) = dogs(3);
        state.apply(Action::SelectAll.into(), &mut effects);
        state.apply(Action::Preview.into(), &mut effects);
        state.apply(Action::Accept.into(), &mut effects);
        assert_eq!(accepted(&state), 1);
        state.apply(ViewCommand::Label(Some("cat".into())).into(), &mut effects);
        assert!(!state.window.large, "a list that was asked for is shown");
    }

    #[test]
    fn many_decisions_at_once_stay_on_the_screen_with_a_way_back() {
        let (mut state, mut effects) = dogs(60);
        state.apply(SelectCommand::Only(0).into(), &mut effects);
        state.apply(SelectCommand::To(49).into(), &mut effects);
        state.apply(Action::Accept.into(), &mut effects);
        assert!(state.window.toasts.list().is_empty(), "50 are not many");
        answer(&mut state, &mut effects);
        state.apply(Action::SelectAll.into(), &mut effects);
        let (photos, text) = (state.chosen(), "cat".to_owned());
        state.apply(DecideCommand::Tag { photos, text }.into(), &mut effects);
        let toast = state.window.toasts.list()[0].clone();
        assert_eq!(toast.text, "“cat” accepted for 60 photos.");
        answer(&mut state, &mut effects);
        // It undoes what it reports, not the last step.
        let (photos, label) = (vec![PhotoId::new(1)], "dog".to_owned());
        let accepted = Some(false);
        let reject = DecideCommand::Label {
            photos,
            label,
            accepted,
        };
        state.apply(reject.into(), &mut effects);
        answer(&mut state, &mut effects);
        state.apply(ToastCommand::Undo(toast.id).into(), &mut effects);
        let labels = &state.library.catalogue.labels;
        assert_eq!((labels[1].accepted, labels[0].accepted), (0, 49));
        assert!(state.window.toasts.list().is_empty());
    }

    #[test]
    fn undo_tells_of_photos_that_are_not_in_sight() {
        let (mut state, mut effects) = dogs(2);
        state.apply(SelectCommand::Only(0).into(), &mut effects);
        state.apply(Action::Accept.into(), &mut effects);
        answer(&mut state, &mut effects);
        state.apply(Command::Show(ScreenId::Settings), &mut effects);
        state.apply(Action::Undo.into(), &mut effects);
        assert_eq!(accepted(&state), 0);
        let told = &state.window.toasts.list()[0].text;
        assert_eq!(told, "Undone on 1 photo that is not shown here.");
    }
}
