//! Which photos are selected.

use std::collections::HashSet;

use crate::app::catalogue::row::Row;
use crate::app::commands::command::SelectCommand;
use crate::app::state::library_view::LibraryView;

/// The selection; places are those of the list that is shown.
#[derive(Debug, Default)]
pub struct Selection {
    /// The numbers of the selected rows ([`Row::id`]).
    pub rows: HashSet<i64>,
    /// The place that the keyboard stands on.
    pub cursor: Option<usize>,
    /// Where a selection with shift begins.
    anchor: Option<usize>,
}

impl Selection {
    /// Carries out a command.
    pub(crate) fn apply(&mut self, command: SelectCommand, view: &LibraryView) {
        match command {
            SelectCommand::Only(place) => self.only(place, view),
            SelectCommand::Toggle(place) => self.toggle(place, view),
            SelectCommand::To(place) => self.to(place, view),
            SelectCommand::Move(by, extend) => self.step(by, extend, view),
        }
    }

    fn only(&mut self, place: usize, view: &LibraryView) {
        self.rows.clear();
        self.rows.extend(view.row(place).map(|r| r.id));
        (self.cursor, self.anchor) = (Some(place), Some(place));
    }

    fn toggle(&mut self, place: usize, view: &LibraryView) {
        if let Some(id) = view.row(place).map(|r| r.id)
            && !self.rows.remove(&id)
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
        let place = match self.cursor {
            None => 0,
            Some(from) => from.saturating_add_signed(by).min(last),
        };
        match extend {
            true => self.to(place, view),
            false => self.only(place, view),
        }
    }

    /// Selects every photo that is shown.
    pub(crate) fn all(&mut self, view: &LibraryView) {
        let rows = &view.catalogue.rows;
        let shown = view.shown.iter().filter_map(|i| rows.get(*i));
        self.rows = shown.map(|r| r.id).collect();
    }

    /// Follows a list that has changed: `current` is the catalogue's place of the photo that the
    /// keyboard stood on.
    pub(crate) fn follow(&mut self, current: Option<usize>, view: &LibraryView) {
        let place = current.and_then(|row| view.shown.iter().position(|i| *i == row));
        let last = view.shown.len().checked_sub(1);
        self.cursor = place.or(self.cursor.zip(last).map(|(cursor, last)| cursor.min(last)));
        self.anchor = None;
    }

    /// The rows of the selected photos, in the order of the catalogue.
    pub(crate) fn selected<'a>(&'a self, view: &'a LibraryView) -> impl Iterator<Item = &'a Row> {
        let rows = view.catalogue.rows.iter();
        rows.filter(|r| self.rows.contains(&r.id))
    }

    /// The selected photos, each once.
    pub(crate) fn photos(&self, view: &LibraryView) -> Vec<i64> {
        if self.rows.is_empty() {
            return Vec::new();
        }
        let rows = self.selected(view);
        let mut photos: Vec<i64> = rows.filter_map(|r| Some(r.photo?.0)).collect();
        photos.sort_unstable();
        photos.dedup();
        photos
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::catalogue::order::{Grouping, Order};
    use crate::app::catalogue::samples::dogs_and_cats;

    fn view() -> LibraryView {
        let mut view = LibraryView {
            catalogue: dogs_and_cats(),
            ..LibraryView::default()
        };
        view.refresh(Order::Name, Grouping::None);
        view
    }

    fn selected(selection: &Selection, view: &LibraryView) -> Vec<i64> {
        selection.photos(view)
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
        selection.all(&view);
        assert_eq!(selected(&selection, &view), [1, 2, 3, 4]);
    }

    #[test]
    fn the_keyboard_stays_on_its_photo_where_the_list_changes() {
        let (mut view, mut selection) = (view(), Selection::default());
        selection.apply(SelectCommand::Only(3), &view);
        view.refresh(Order::Newest, Grouping::None);
        selection.follow(Some(3), &view);
        assert_eq!(view.row(selection.cursor.unwrap()).unwrap().id, 4);
    }
}
