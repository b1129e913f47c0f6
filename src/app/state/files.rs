//! What is done with files and folders on the disk, and with tags on the way from one photo to
//! others.

use crate::app::catalogue::row::Row;
use crate::app::commands::action::Action;
use crate::app::commands::command::FileCommand;
use crate::app::messages::decision::Decide;
use crate::app::messages::request::Request;
use crate::app::state::app_state::AppState;
use crate::app::state::effects::{Effect, Effects};
use crate::app::state::window::WindowRequest;
use crate::store::TagState;
use crate::words::{phrase, tr};

impl AppState {
    /// Carries out a command for files.
    pub(crate) fn files(&mut self, command: FileCommand, effects: &mut Effects) {
        match command {
            FileCommand::Reveal(path) => effects.0.push(Effect::Reveal(path)),
            FileCommand::CopyPath(path) => self.copy(path.to_string_lossy().into_owned()),
            FileCommand::Retry(paths) => effects.ask(Request::Retry(paths)),
        }
    }

    /// Carries out an action for files or tags.
    pub(crate) fn act_on_files(&mut self, action: Action, effects: &mut Effects) {
        match action {
            Action::RetryFailed => effects.ask(Request::Retry(Vec::new())),
            Action::Reveal => self.reveal(effects),
            Action::CopyPath => self.copy_paths(),
            Action::CopyTags => self.copy_tags(),
            Action::PasteTags => self.paste_tags(effects),
            _ => {}
        }
    }

    /// Shows the current photo's file, or the first selected one's, in the file manager.
    fn reveal(&mut self, effects: &mut Effects) {
        let path = self.leader().map(|row| row.path.clone());
        effects.0.extend(path.map(Effect::Reveal));
    }

    /// Copies the paths of the selected photos, one a line.
    fn copy_paths(&mut self) {
        let rows = self.at_hand();
        let paths = rows.iter().map(|row| row.path.to_string_lossy());
        let paths: Vec<_> = paths.collect();
        let text = paths.join("\n");
        self.copy(text);
    }

    /// Copies the tags of the current photo, or of the first selected one: what it has, without
    /// what follows from that.
    fn copy_tags(&mut self) {
        let labels = &self.library.catalogue.labels;
        let tags = self.leader().into_iter().flat_map(|row| &row.tags);
        let tags = tags.filter(|t| t.state == TagState::Accepted && !t.implied);
        let names = tags.filter_map(|t| Some(labels.get(t.label)?.name.clone()));
        let names: Vec<String> = names.collect();
        let text = match names.is_empty() {
            true => tr!("tags-none-to-copy").to_owned(),
            false => tr!("tags-copied", labels = names.join(", ")),
        };
        self.window.toasts.tell(text, None);
        if !names.is_empty() {
            self.window.copied_tags = names;
        }
    }

    /// Gives the copied tags to the selected photos, as one step.
    fn paste_tags(&mut self, effects: &mut Effects) {
        let photos = self.chosen();
        let tags = self.window.copied_tags.clone();
        let decisions = photos.iter().flat_map(|photo| {
            let decide = move |name: &String| Decide::now(*photo, name, Some(true));
            tags.iter().map(decide)
        });
        let decisions: Vec<Decide> = decisions.collect();
        if decisions.is_empty() {
            let text = tr!("tags-not-read-yet");
            return self.window.toasts.tell(text, None);
        }
        let is_told = self.decide(decisions, effects);
        if !is_told {
            let photos = phrase!("photos", count = photos.len());
            let text = tr!("tags-pasted", count = tags.len(), photos = photos);
            self.window.toasts.tell(text, None);
        }
    }

    fn copy(&mut self, text: String) {
        self.window.requests.push(WindowRequest::CopyText(text));
    }

    /// The photo that stands for the selected ones: the current one, or else the first.
    fn leader(&self) -> Option<&Row> {
        let current = self.current();
        let is_at_hand = |row: &&Row| self.window.large || self.selection.contains(row);
        let first = || self.at_hand().into_iter().next();
        current.filter(is_at_hand).or_else(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::commands::command::SelectCommand;
    use crate::app::state::samples;
    use std::path::Path;

    #[test]
    fn tags_go_from_the_current_photo_to_the_selected_ones_as_one_step() {
        let (mut state, mut effects) = samples::loaded();
        state.apply(SelectCommand::Only(1).into(), &mut effects);
        assert!(state.refusal(Action::PasteTags).is_some(), "none is copied");
        state.act(Action::CopyTags, &mut effects);
        // The suggested dog is not a tag yet.
        assert_eq!(state.window.copied_tags, ["cat"]);
        state.apply(SelectCommand::Range(2, 3, false).into(), &mut effects);
        state.act(Action::PasteTags, &mut effects);
        let asked = effects.0.iter().filter_map(|effect| match effect {
            Effect::Ask(Request::Decide(decisions, true)) => Some(decisions.len()),
            _ => None,
        });
        assert_eq!(asked.collect::<Vec<_>>(), [2]);
        let cat = state.library.catalogue.label("cat").unwrap();
        let has = |place| state.row(place).unwrap().tag(cat).is_some();
        assert_eq!([0, 1, 2, 3].map(has), [false, true, true, true]);
        // A photo without tags leaves what was copied.
        let mut effects = Effects::default();
        state.apply(SelectCommand::Only(0).into(), &mut effects);
        state.library.catalogue.rows[0].tags.clear();
        state.act(Action::CopyTags, &mut effects);
        assert_eq!(state.window.copied_tags, ["cat"]);
    }

    #[test]
    fn files_are_shown_and_their_paths_copied_only_if_selected() {
        let (mut state, mut effects) = samples::loaded();
        state.act(Action::Reveal, &mut effects);
        state.act(Action::CopyPath, &mut effects);
        assert!(effects.0.is_empty() && state.window.requests.is_empty());
        state.apply(SelectCommand::Range(0, 1, false).into(), &mut effects);
        state.act(Action::Reveal, &mut effects);
        assert!(matches!(&effects.0[..], [Effect::Reveal(p)] if p == Path::new("/a/1.jpg")));
        state.act(Action::CopyPath, &mut effects);
        let both = WindowRequest::CopyText("/a/1.jpg\n/a/2.jpg".into());
        assert_eq!(state.window.requests, [both]);
    }
}
