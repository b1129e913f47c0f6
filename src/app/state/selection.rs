//! The selected photos.

use std::ops::Range;

use crate::app::catalogue::row::Row;
use crate::app::commands::command::SelectCommand;
use crate::app::state::file_set::FileSet;
use crate::app::state::library_view::LibraryView;
use crate::core::ids::FileId;

/// The selection; places are those of the list on show. Selected photos are always in that list,
/// because [`Selection::follow`] is called whenever it changes.
#[derive(Debug, Default)]
pub struct Selection {
    /// The ids of the selected rows ([`Row::id`]).
    rows: FileSet,
    /// What was selected when a rectangle was begun that adds to it.
    before_band: FileSet,
    /// The place of the keyboard.
    cursor: Option<usize>,
    /// The start of a selection with Shift.
    anchor: Option<usize>,
    /// Where the keyboard continues after its photo has left the list.
    resume: Option<usize>,
    /// Increased with every change of the selection.
    revision: u64,
    /// Increased when the list should scroll: to the cursor, or to the top if there is none.
    reveal: u64,
}

/// Why the list of photos has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The user requested another list: a filter, a search, an order.
    Asked,
    /// The library has changed. The list does not scroll under the user's hand.
    Reloaded,
}

impl Selection {
    /// Whether a row is selected.
    pub fn contains(&self, row: &Row) -> bool {
        self.rows.contains(row.id)
    }

    /// How many rows are selected.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The place of the keyboard.
    pub fn cursor(&self) -> Option<usize> {
        self.cursor
    }

    /// Increased with every change of the selection.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Increased when the list should scroll: to the cursor, or to the top if there is none.
    pub(crate) fn reveal(&self) -> u64 {
        self.reveal
    }

    /// Carries out a command.
    pub(crate) fn apply(&mut self, command: SelectCommand, view: &LibraryView) {
        match command {
            SelectCommand::Only(place) => self.only(place, view),
            SelectCommand::Toggle(place) => self.toggle(place, view),
            SelectCommand::To(place) => self.to(place, view),
            SelectCommand::Range(from, to, add) => {
                let before = std::mem::take(&mut self.rows);
                self.anchor = Some(from);
                self.to(to, view);
                // The keyboard goes on from the first of them, which is in sight.
                (self.cursor, self.anchor) = (Some(from), Some(from));
                if add {
                    self.rows.add(&before);
                }
            }
            SelectCommand::Band {
                places,
                begins,
                add,
            } => {
                self.band(places, begins, add, view);
                self.revision += 1;
                // The pointer is where the user looks.
                return;
            }
            SelectCommand::Move(by, extend) => self.step(by, extend, view),
        }
        self.revision += 1;
        self.reveal += 1;
    }

    fn band(&mut self, places: Vec<Range<usize>>, begins: bool, add: bool, view: &LibraryView) {
        if begins {
            let before = std::mem::take(&mut self.rows);
            self.before_band = if add { before } else { FileSet::default() };
        }
        let first = places.first().map(|range| range.start);
        let places = places.into_iter().flatten();
        self.rows = places.filter_map(|p| view.row(p)).map(|r| r.id).collect();
        self.rows.add(&self.before_band);
        if first.is_some() {
            (self.cursor, self.anchor) = (first, first);
        }
    }

    fn only(&mut self, place: usize, view: &LibraryView) {
        self.rows.clear();
        if let Some(row) = view.row(place) {
            self.rows.insert(row.id);
        }
        (self.cursor, self.anchor) = (Some(place), Some(place));
    }

    fn toggle(&mut self, place: usize, view: &LibraryView) {
        if let Some(id) = view.row(place).map(|r| r.id)
            && !self.rows.remove(id)
        {
            self.rows.insert(id);
        }
        (self.cursor, self.anchor) = (Some(place), Some(place));
    }

    fn to(&mut self, place: usize, view: &LibraryView) {
        let from = self.anchor.or(self.cursor).unwrap_or(place);
        let range = from.min(place)..=from.max(place);
        self.rows = range.filter_map(|p| view.row(p)).map(|r| r.id).collect();
        (self.cursor, self.anchor) = (Some(place), Some(from));
    }

    fn step(&mut self, by: isize, extend: bool, view: &LibraryView) {
        let Some(last) = view.shown.len().checked_sub(1) else {
            return;
        };
        let place = match (self.cursor, self.resume) {
            (Some(from), _) => from.saturating_add_signed(by).min(last),
            // The photo after the one that left is now in its place.
            (None, Some(gone)) if by > 0 => gone.saturating_add_signed(by - 1).min(last),
            (None, Some(gone)) => gone.saturating_add_signed(by).min(last),
            (None, None) => 0,
        };
        match extend {
            true => self.to(place, view),
            false => self.only(place, view),
        }
    }

    /// Selects all photos on show.
    pub(crate) fn all(&mut self, view: &LibraryView) {
        self.rows = view.shown_files();
        // The keyboard gets a place in the selection, so that `follow` has a photo to keep.
        let first = (!view.shown.is_empty()).then_some(0);
        self.cursor = self.cursor.or(first);
        self.revision += 1;
    }

    /// Selects none; the keyboard keeps its place.
    pub(crate) fn none(&mut self) {
        self.rows.clear();
        self.revision += 1;
    }

    /// Adapts to a changed list: `current` is the catalogue index of the photo at the keyboard's
    /// place. If that photo is still shown, the selected photos that are still shown stay selected;
    /// otherwise none do.
    pub(crate) fn follow(&mut self, current: Option<usize>, view: &LibraryView, change: Change) {
        let place = current.and_then(|row| view.place_of(row));
        match place {
            Some(_) => self.retain_shown(view),
            None => self.rows.clear(),
        }
        self.resume = match (place, change) {
            (None, Change::Reloaded) => self.cursor.or(self.resume),
            _ => None,
        };
        self.cursor = place;
        self.anchor = None;
        self.revision += 1;
        if change == Change::Asked {
            self.reveal += 1;
        }
    }

    fn retain_shown(&mut self, view: &LibraryView) {
        if self.is_small(view) {
            let shown = |id: &FileId| view.place_of_id(*id).is_some();
            self.rows = self.rows.iter().filter(shown).collect();
            return;
        }
        let ids = view.rows().map(|r| r.id);
        let ids = ids.filter(|id| self.rows.contains(*id));
        self.rows = ids.collect();
    }

    /// Whether looking up each selected row is faster than walking the list.
    fn is_small(&self, view: &LibraryView) -> bool {
        self.rows.len() < view.shown.len() / 32
    }

    /// The selected rows, in the order of the list.
    pub(crate) fn selected<'a>(&'a self, view: &'a LibraryView) -> Vec<&'a Row> {
        if self.is_small(view) {
            let places = self.rows.iter().filter_map(|id| view.place_of_id(id));
            let mut places: Vec<usize> = places.collect();
            places.sort_unstable();
            return places.into_iter().filter_map(|p| view.row(p)).collect();
        }
        let all = self.rows.len() == view.shown.len();
        let selected = view.rows();
        let selected = selected.filter(|r| all || self.rows.contains(r.id));
        selected.take(self.rows.len()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::catalogue::order::{Grouping, Order};
    use crate::app::catalogue::samples::{catalogue, row, tag};
    use crate::app::state::library_view::tests::view;
    use crate::services::query::Query;
    use crate::store::TagState;

    fn selected(selection: &Selection, view: &LibraryView) -> Vec<i64> {
        let mut rows: Vec<i64> = selection
            .selected(view)
            .iter()
            .map(|r| r.id.number())
            .collect();
        rows.sort_unstable();
        rows
    }

    #[test]
    fn keys_and_clicks_select() {
        let (view, mut selection) = (view(), Selection::default());
        let mut apply = |command| {
            selection.apply(command, &view);
            (selected(&selection, &view), selection.cursor)
        };
        assert_eq!(apply(SelectCommand::Move(1, false)), (vec![1], Some(0)));
        assert_eq!(apply(SelectCommand::Move(1, false)), (vec![2], Some(1)));
        assert_eq!(apply(SelectCommand::Move(1, true)), (vec![2, 3], Some(2)));
        assert_eq!(
            apply(SelectCommand::To(0)),
            (vec![1, 2], Some(0)),
            "from where shift began"
        );
        assert_eq!(apply(SelectCommand::Toggle(3)), (vec![1, 2, 4], Some(3)));
        assert_eq!(apply(SelectCommand::Toggle(0)), (vec![2, 4], Some(0)));
        assert_eq!(
            apply(SelectCommand::Move(isize::MAX / 2, false)),
            (vec![4], Some(3))
        );
        assert_eq!(
            apply(SelectCommand::Range(1, 2, false)),
            (vec![2, 3], Some(1))
        );
        assert_eq!(
            apply(SelectCommand::Range(3, 3, true)),
            (vec![2, 3, 4], Some(3))
        );
        selection.all(&view);
        assert_eq!(selected(&selection, &view), [1, 2, 3, 4]);
    }

    #[test]
    fn a_rectangle_selects_what_it_touches_and_gives_back_what_it_leaves() {
        let (view, mut selection) = (view(), Selection::default());
        let band = |places: &[(usize, usize)], begins, add| SelectCommand::Band {
            places: places.iter().map(|(from, to)| *from..*to).collect(),
            begins,
            add,
        };
        selection.apply(SelectCommand::Only(3), &view);
        let reveal = selection.reveal();
        selection.apply(band(&[(0, 1), (2, 3)], true, true), &view);
        assert_eq!(selected(&selection, &view), [1, 3, 4]);
        selection.apply(band(&[(0, 1)], false, true), &view);
        assert_eq!(
            selected(&selection, &view),
            [1, 4],
            "what it leaves is not selected"
        );
        selection.apply(band(&[(1, 3)], true, false), &view);
        assert_eq!(selected(&selection, &view), [2, 3]);
        assert_eq!(selection.reveal(), reveal, "nothing is scrolled");
        selection.apply(band(&[], false, false), &view);
        assert!(selection.is_empty() && selection.cursor() == Some(1));
    }

    #[test]
    fn the_selection_stays_with_its_photo_or_is_empty() {
        let (mut view, mut selection) = (view(), Selection::default());
        selection.apply(SelectCommand::Only(3), &view);
        selection.apply(SelectCommand::Toggle(1), &view);
        view.refresh(Order::Newest, Grouping::None);
        selection.follow(Some(1), &view, Change::Asked);
        assert_eq!(
            view.row(selection.cursor.unwrap()).unwrap().id,
            FileId::new(2)
        );
        assert_eq!(selected(&selection, &view), [2, 4]);
        view.filter.label = Some("cat".into());
        view.refresh(Order::Newest, Grouping::None);
        selection.follow(Some(1), &view, Change::Asked);
        assert_eq!(selected(&selection, &view), [2], "4 is hidden");
        assert_eq!(selection.len(), 1);
        view.filter.label = Some("horse".into());
        view.refresh(Order::Newest, Grouping::None);
        let before = selection.reveal();
        selection.follow(Some(1), &view, Change::Asked);
        assert!(selection.is_empty() && selection.cursor.is_none());
        assert!(selection.reveal() > before, "the list goes to its top");
    }

    #[test]
    fn the_keyboard_goes_on_where_its_photo_has_left() {
        for (by, next) in [(1, 4), (-1, 2)] {
            let (mut view, mut selection) = (view(), Selection::default());
            selection.apply(SelectCommand::Only(2), &view);
            let reveal = selection.reveal();
            let catalogue = &mut view.catalogue;
            catalogue.change_tags(1, |row| row.tags.clear());
            let accepted = vec![tag(1, 0.9, TagState::Accepted)];
            catalogue.change_tags(2, |row| row.tags = accepted);
            view.filter.query = Query::parse("-tag:cat");
            view.refresh(Order::Name, Grouping::None);
            selection.follow(Some(2), &view, Change::Reloaded);
            assert!(selection.is_empty() && selection.cursor.is_none());
            assert_eq!(selection.reveal(), reveal, "nothing is scrolled");
            selection.apply(SelectCommand::Move(by, false), &view);
            assert_eq!(selected(&selection, &view), [next]);
        }
    }

    #[test]
    fn few_and_many_selected_rows_are_found_alike() {
        let mut rows: Vec<Row> = (1..=200)
            .map(|i| {
                let folder = if i % 7 == 0 { "b" } else { "a" };
                row(&format!("/{folder}/{i:03}.jpg"), Some(i), -i * 1_000_000)
            })
            .collect();
        rows.sort_by(|a, b| a.path.cmp(&b.path));
        for count in [1, 3, 50, 200] {
            let mut view = LibraryView::default();
            view.catalogue = catalogue(rows.clone(), &["dog"]);
            view.refresh(Order::Newest, Grouping::None);
            let mut selection = Selection::default();
            for place in (0..200).rev().take(count) {
                selection.apply(SelectCommand::Toggle(place), &view);
            }
            let expected: Vec<i64> = (201 - count as i64..=200).collect();
            let ids = |selection: &Selection, view: &LibraryView| -> Vec<i64> {
                let rows = selection.selected(view);
                rows.iter().map(|r| r.id.number()).collect()
            };
            assert_eq!(ids(&selection, &view), expected);
            // In the other order, and without those of the other folder.
            let current = selection.cursor.and_then(|place| view.row_at(place));
            view.filter.folder = Some("/a".into());
            view.refresh(Order::Oldest, Grouping::None);
            selection.follow(current, &view, Change::Asked);
            let left = expected.into_iter().rev().filter(|id| id % 7 != 0);
            assert_eq!(ids(&selection, &view), left.collect::<Vec<_>>());
            assert_eq!(selection.len(), selection.selected(&view).len());
        }
    }
}
