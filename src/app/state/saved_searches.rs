//! Saved searches.

use crate::app::commands::choices::ScreenId;
use crate::app::state::app_state::AppState;
use crate::app::state::effects::Effects;
use crate::app::state::filter::Filter;
use crate::app::state::settings::SavedSearch;
use crate::words::tr;

impl AppState {
    /// Remembers the filters in use.
    pub(crate) fn save_search(&mut self) {
        let filter = &self.library.filter;
        let search = SavedSearch {
            name: filter.describe(),
            query: filter.query.text(),
            folder: filter.folder.clone(),
            label: filter.label.clone(),
            quick: filter.quick.clone(),
        };
        if search.name.is_empty() {
            return self.window.toasts.tell(tr!("searches-none"), None);
        }
        let text = tr!("searches-saved", name = &search.name);
        self.settings.searches.retain(|s| s.name != search.name);
        self.settings.searches.push(search);
        self.window.toasts.tell(text, None);
    }

    /// Applies a saved search.
    pub(crate) fn open_search(&mut self, at: usize, effects: &mut Effects) {
        let Some(search) = self.settings.searches.get(at) else {
            return;
        };
        self.library.filter = Filter {
            folder: search.folder.clone(),
            label: search.label.clone(),
            quick: search.quick.clone(),
            ..Filter::default()
        };
        self.library.search(&search.query, effects);
        self.window.go(ScreenId::Photos);
        self.list_anew();
    }

    /// Forgets a saved search.
    pub(crate) fn remove_search(&mut self, at: usize) {
        if at < self.settings.searches.len() {
            self.settings.searches.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::app::catalogue::quick_filter::{QuickFilter, TagFilter};
    use crate::app::commands::action::Action;
    use crate::app::commands::command::ViewCommand;
    use crate::app::state::effects::Effect;
    use crate::app::state::samples;

    #[test]
    fn a_saved_search_brings_its_filters_back() {
        let (mut state, mut effects) = samples::loaded();
        state.apply(ViewCommand::SaveSearch.into(), &mut effects);
        assert!(state.settings.searches.is_empty(), "there is no filter");
        let quick = QuickFilter {
            tags: Some(TagFilter::Suggested),
            ..QuickFilter::default()
        };
        state.apply(ViewCommand::Quick(quick).into(), &mut effects);
        state.apply(ViewCommand::Search("tag:cat".into()).into(), &mut effects);
        state.apply(ViewCommand::Folder(Some("/a".into())).into(), &mut effects);
        let filter = state.library.filter.clone();
        for _ in 0..2 {
            state.apply(ViewCommand::SaveSearch.into(), &mut effects);
        }
        let names = state.settings.searches.iter().map(|s| s.name.as_str());
        assert_eq!(names.collect::<Vec<_>>(), ["tag:cat, With suggestions, a"]);
        state.act(Action::ClearFilters, &mut effects);
        assert!(state.library.filter.is_empty());
        state.apply(ViewCommand::OpenSearch(0).into(), &mut effects);
        assert_eq!(state.library.filter, filter);
        assert!(!effects.0.iter().any(|e| matches!(e, Effect::Question(_))));
        state.apply(ViewCommand::RemoveSearch(0).into(), &mut effects);
        assert!(state.settings.searches.is_empty());
    }
}
