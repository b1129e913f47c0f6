//! Applies the reports of the threads to the state.

use std::time::Instant;

use crate::app::catalogue::Catalogue;
use crate::app::catalogue::order::Order;
use crate::app::commands::choices::ScreenId;
use crate::app::commands::command::FolderCommand;
use crate::app::messages::event::{Event, VocabularyChange, Work};
use crate::app::messages::export::ExportState;
use crate::app::messages::message::Message;
use crate::app::messages::request::Request;
use crate::app::state::app_state::AppState;
use crate::app::state::effects::Effects;
use crate::app::state::export::ExportPanel;
use crate::app::state::history::{Step, VocabularyStep};
use crate::app::state::selection::Change;
use crate::app::state::toasts::Offer;
use crate::indexer::Phase;

impl AppState {
    /// Handles a report. Pictures belong to the window and are ignored here.
    pub(crate) fn take(&mut self, event: Event, effects: &mut Effects) {
        match event {
            Event::FirstPage(catalogue) => self.first_page(*catalogue),
            Event::Loaded { catalogue, decided } => self.loaded(catalogue, decided, effects),
            Event::Decided(before) => self.decided(before, effects),
            Event::Saving(saving) => self.decisions.saving.report(saving, Instant::now()),
            Event::VocabularyChanged(change) => self.vocabulary_changed(change, effects),
            Event::Progress(work) => self.progress(work, effects),
            Event::Engine(name) => self.computing.description = name,
            Event::Message(severity, said) => {
                let text = said.to_string();
                self.messages.tell(Message { severity, text });
            }
            Event::Rescaled(report) => {
                self.window
                    .toasts
                    .tell(report.describe(), Some(Offer::Scale));
                self.messages.scale = Some(report);
            }
            Event::Scale(report) => self.messages.scale = report,
            Event::Failures(failures) => self.messages.failures = failures,
            Event::Found {
                query,
                hits,
                relevant,
            } => {
                if self.library.found(&query, hits, relevant) {
                    self.list_anew();
                }
            }
            Event::Neighbours(mut neighbours) => {
                let index = &self.library.catalogue.index;
                neighbours.photos.retain(|photo| !index.is_hidden(*photo));
                self.inspector.found(neighbours);
            }
            Event::Report(report) => self.labels.report = Some(report),
            Event::Devices(devices) => self.computing.devices = devices,
            Event::Models(models) => self.computing.models = models,
            Event::Scores(mut scores) => {
                let index = &self.library.catalogue.index;
                scores
                    .confidences
                    .retain(|(photo, _)| !index.is_hidden(*photo));
                self.labels.scores = Some(scores);
            }
            Event::Explained(explained) => self.inspector.explained = Some(explained),
            Event::Thumbnail(..) | Event::FullSize(..) => {}
            Event::Preview(path, preview) => {
                if let Ok(preview) = preview {
                    self.inspector.learn_facts(&path, preview.facts);
                }
            }
            Event::Download(state) => self.computing.downloaded(state, effects),
            Event::Export(state) => {
                if matches!(state, ExportState::Done { .. }) {
                    effects.ask(Request::Exports);
                }
                self.export.state = Some(state);
            }
            Event::Exports(exports) => self.export.note(exports),
            Event::Exported { written, refused } => {
                effects.ask(Request::Exports);
                ExportPanel::exported(written, refused, effects);
            }
            Event::Wanted(command) => self.apply(command, effects),
            Event::Added(folders) => self.settings.note_recent(folders),
            Event::Listed(listing) => self.listed(listing),
            Event::NoDialog(purpose) => self.no_dialog(purpose),
            Event::Chosen(folders) => self.apply(FolderCommand::Add(folders).into(), effects),
        }
    }

    /// Shows the first photos by path until all are read. In another order others come first.
    fn first_page(&mut self, catalogue: Catalogue) {
        let is_first = self.settings.order == Order::Name && self.library.filter.is_empty();
        if self.library.loaded || !is_first {
            return;
        }
        self.library.catalogue = catalogue;
        self.refresh(None, Change::Reloaded);
    }

    fn loaded(&mut self, catalogue: Box<Catalogue>, decided: u64, effects: &mut Effects) {
        // What cannot be saved must not keep everything else from being shown.
        if self.decisions.pending.is_stale(decided) && !self.decisions.saving.has_failed() {
            return effects.ask(Request::Forget(catalogue));
        }
        self.library.loaded = true;
        let current = self.current().map(|r| (r.id, r.path.clone()));
        let before = std::mem::replace(&mut self.library.catalogue, *catalogue);
        // Dropping a large library takes longer than a frame.
        effects.ask(Request::Forget(Box::new(before)));
        self.decisions.note_learning(&self.library.catalogue.labels);
        self.decisions.show_unsaved(decided, &mut self.library);
        let catalogue = &self.library.catalogue;
        let folder = self.library.filter.folder.as_deref();
        if folder.is_some_and(|path| catalogue.tree.find(path).is_none()) {
            self.library.filter.folder = None;
        }
        let current = current.and_then(|(id, path)| {
            let same = |at: &usize| catalogue.rows.get(*at).is_some_and(|r| r.id == id);
            let moved = || catalogue.rows.iter().position(|r| r.id == id);
            catalogue.row_at(&path).filter(same).or_else(moved)
        });
        self.refresh(current, Change::Reloaded);
        if self.review.session.is_empty() && self.window.screen == ScreenId::Review {
            self.keep_session();
        }
    }

    fn vocabulary_changed(&mut self, change: VocabularyChange, effects: &mut Effects) {
        let VocabularyChange {
            before,
            after,
            renamed,
            replayed,
        } = change;
        let shown = [&mut self.library.filter.label, &mut self.labels.editing];
        for label in shown.into_iter().flatten() {
            if let Some((_, now)) = renamed.iter().find(|(was, _)| was == label) {
                label.clone_from(now);
            }
        }
        if !replayed {
            let step = VocabularyStep {
                before,
                after,
                renamed,
            };
            self.decisions.history.push(None, Step::Vocabulary(step));
        }
        if self.labels.scores.is_none() {
            self.labels.compare_again(effects);
        }
    }

    fn progress(&mut self, work: Work, effects: &mut Effects) {
        let ended =
            self.work.is_some_and(|w| w.now.phase != Phase::Idle) && work.now.phase == Phase::Idle;
        let failed = self.work.map_or(0, |w| w.now.failed);
        if work.now.failed != failed || ended {
            effects.ask(Request::Failures);
        }
        if ended {
            self.export.all_pending = true;
            self.labels.compare_again(effects);
        }
        self.work = Some(work);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::catalogue::index::Index;
    use crate::app::catalogue::samples::dogs_and_cats;
    use crate::app::commands::command::{Command, DecideCommand, SelectCommand, ViewCommand};
    use crate::app::state::effects::Effect;
    use crate::app::state::samples;
    use crate::core::ids::PhotoId;

    fn state() -> (AppState, Effects) {
        (samples::empty(), Effects::default())
    }

    fn load(state: &mut AppState, decided: u64, effects: &mut Effects) {
        let more = samples::load(state, dogs_and_cats(), decided);
        effects.0.extend(more.0);
    }

    #[test]
    fn a_library_from_before_a_decision_is_not_shown() {
        let (mut state, mut effects) = state();
        load(&mut state, 0, &mut effects);
        assert!(state.library.loaded);
        let reject = DecideCommand::Label {
            photos: vec![PhotoId::new(1)],
            label: "dog".into(),
            accepted: Some(false),
        };
        state.apply(reject.into(), &mut effects);
        let rejected = |state: &AppState| {
            state
                .row_of(PhotoId::new(1))
                .unwrap()
                .tag(0)
                .unwrap()
                .decided
        };
        load(&mut state, 0, &mut effects);
        assert!(rejected(&state), "the decision stays in sight");
        load(&mut state, 1, &mut effects);
        assert!(!rejected(&state), "the library has it as it is now");
    }

    #[test]
    fn the_first_page_is_shown_until_the_library_is_read_and_the_selection_stays() {
        let (mut state, mut effects) = state();
        let page = || {
            let mut page = dogs_and_cats();
            page.rows.truncate(2);
            page.index = Index::of(&page.rows);
            Event::FirstPage(Box::new(page))
        };
        state.take(page(), &mut effects);
        assert!(!state.library.loaded);
        assert_eq!(state.library.shown.len(), 2);
        state.apply(SelectCommand::Only(1).into(), &mut effects);
        let chosen = state.chosen();
        load(&mut state, 0, &mut effects);
        assert_eq!(state.library.shown.len(), 4);
        assert_eq!((state.chosen(), chosen.len()), (chosen, 1));
        state.take(page(), &mut effects);
        assert_eq!(state.library.shown.len(), 4, "it comes too late");

        // The first by path are not the newest.
        let (mut state, mut effects) = self::state();
        state.apply(ViewCommand::Sort(Order::Newest).into(), &mut effects);
        state.take(page(), &mut effects);
        assert!(state.library.shown.is_empty());
    }

    #[test]
    fn the_keyboard_stays_on_its_photo_when_the_library_is_read_again() {
        let (mut state, mut effects) = state();
        load(&mut state, 0, &mut effects);
        state.apply(SelectCommand::Only(2).into(), &mut effects);
        let mut catalogue = Box::new(dogs_and_cats());
        catalogue.rows.remove(0);
        state.take(
            Event::Loaded {
                catalogue,
                decided: 0,
            },
            &mut effects,
        );
        assert_eq!(state.current().unwrap().name(), "3.jpg");
    }

    #[test]
    fn a_label_on_show_is_followed_when_it_gets_another_name() {
        let (mut state, mut effects) = state();
        load(&mut state, 0, &mut effects);
        state.apply(ViewCommand::Label(Some("dog".into())).into(), &mut effects);
        state.labels.editing = Some("cat".into());
        let pair = |was: &str, now: &str| (was.to_owned(), now.to_owned());
        let change = VocabularyChange {
            before: None,
            after: None,
            renamed: vec![pair("cat", "Katze"), pair("dog", "Hund")],
            replayed: false,
        };
        state.take(Event::VocabularyChanged(change), &mut effects);
        assert_eq!(state.library.filter.label.as_deref(), Some("Hund"));
        assert_eq!(state.labels.editing.as_deref(), Some("Katze"));
    }

    #[test]
    fn a_tag_that_no_list_has_becomes_a_label() {
        let (mut state, mut effects) = state();
        load(&mut state, 0, &mut effects);
        let give = |state: &AppState, text: &str| {
            let (photos, text) = (state.chosen(), text.to_owned());
            Command::from(DecideCommand::Tag { photos, text })
        };
        let tag = give(&state, "horse");
        state.apply(tag, &mut effects);
        let edits = |effects: &Effects| {
            let edits = effects.0.iter();
            edits
                .filter(|e| matches!(e, Effect::Ask(Request::Edit(_))))
                .count()
        };
        assert_eq!(edits(&effects), 0, "nothing is selected");
        state.apply(SelectCommand::Only(0).into(), &mut effects);
        let tag = give(&state, " horse ");
        state.apply(tag, &mut effects);
        assert_eq!(edits(&effects), 1);
        let horse = state.library.catalogue.label("horse").unwrap();
        assert!(state.row_of(PhotoId::new(1)).unwrap().tag(horse).is_some());
        let tag = give(&state, "CAT");
        state.apply(tag, &mut effects);
        assert_eq!(edits(&effects), 1, "a known label is taken");
    }
}
