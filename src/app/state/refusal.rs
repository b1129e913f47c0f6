//! Why an action is not available.

use crate::app::commands::action::Action;
use crate::app::commands::choices::ScreenId;
use crate::app::state::app_state::AppState;
use crate::words::tr;

/// The message if nothing is selected.
pub(crate) fn select_first() -> &'static str {
    tr!("refusal-select-first")
}

impl AppState {
    /// Why an action is not available, as a sentence; `None` if it is. Menus, palette, shortcuts
    /// and the actions themselves use this.
    pub fn refusal(&self, action: Action) -> Option<&'static str> {
        if let Some(reason) = action.scope().refusal(self.window.screen) {
            return Some(reason);
        }
        let photos = self.window.screen == ScreenId::Photos;
        match action {
            Action::Undo if !self.decisions.can_undo() => Some(tr!("refusal-undo")),
            Action::Redo if self.decisions.history.redoable().is_none() => {
                Some(tr!("refusal-redo"))
            }
            Action::SelectAll if photos && self.library.shown.is_empty() => {
                Some(tr!("refusal-no-photos"))
            }
            Action::RetryFailed if self.library.catalogue.summary.failed == 0 => {
                Some(tr!("refusal-no-failures"))
            }
            Action::PasteTags if self.window.copied_tags.is_empty() => {
                Some(tr!("refusal-copy-first"))
            }
            Action::Accept
            | Action::Reject
            | Action::AddTag
            | Action::Reveal
            | Action::CopyPath
            | Action::CopyTags
            | Action::PasteTags
                if photos && !self.has_photos_at_hand() =>
            {
                Some(select_first())
            }
            Action::Preview | Action::FullScreen | Action::FindSimilar
                if photos && self.current().is_none() =>
            {
                Some(tr!("refusal-select-one"))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::commands::action::Scope;
    use crate::app::commands::command::{Command, SelectCommand};
    use crate::app::state::effects::Effects;
    use crate::app::state::samples;

    const OF_PHOTOS: [Action; 6] = [
        Action::SelectAll,
        Action::Accept,
        Action::Reject,
        Action::AddTag,
        Action::FindSimilar,
        Action::Preview,
    ];

    #[test]
    fn on_screens_without_photos_nothing_is_done_to_photos() {
        let (mut state, mut effects) = samples::loaded();
        state.apply(SelectCommand::Only(1).into(), &mut effects);
        for screen in ScreenId::ALL {
            state.apply(Command::Show(screen), &mut effects);
            let photos = screen == ScreenId::Photos;
            for action in OF_PHOTOS {
                let refused = state.refusal(action).is_some();
                let review = screen == ScreenId::Review && action.scope() == Scope::Pictures;
                assert_eq!(refused, !photos && !review, "{action:?} on {screen:?}");
            }
            if !photos {
                let mut effects = Effects::default();
                let suggested = state.library.catalogue.suggestions();
                for action in OF_PHOTOS {
                    state.apply(action.into(), &mut effects);
                }
                assert!(effects.0.is_empty(), "{screen:?}: {:?}", effects.0);
                assert_eq!(state.library.catalogue.suggestions(), suggested);
                assert_eq!(state.window.screen, screen);
            }
        }
    }

    #[test]
    fn without_a_selection_it_says_what_to_do() {
        let (mut state, mut effects) = samples::loaded();
        assert_eq!(state.refusal(Action::Accept), Some(select_first()));
        assert_eq!(state.refusal(Action::AddTag), Some(select_first()));
        state.apply(Action::Accept.into(), &mut effects);
        assert_eq!(state.window.toasts.list()[0].text, select_first());
        state.apply(SelectCommand::Only(0).into(), &mut effects);
        assert_eq!(state.refusal(Action::Accept), None);
        assert!(state.refusal(Action::Undo).is_some());
    }
}
