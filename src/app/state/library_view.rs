//! The photos on show, their order and groups.

use std::ops::Range;

use crate::app::catalogue::Catalogue;
use crate::app::catalogue::index::GroupName;
use crate::app::catalogue::order::{Grouping, Order};
use crate::app::catalogue::row::Row;
use crate::app::messages::answers::Sought;
use crate::app::messages::question::Question;
use crate::app::state::effects::Effects;
use crate::app::state::file_set::FileSet;
use crate::app::state::filter::Filter;
use crate::core::ids::{FileId, PhotoId};
use crate::services::query::Query;
use crate::store::TagState;

/// The place of rows that are not shown.
const NOWHERE: u32 = u32::MAX;

/// A group of the photos on show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    /// Its name.
    pub(crate) name: GroupName,
    /// Its places in the list.
    pub(crate) places: Range<usize>,
}

/// The library and the photos on show.
#[derive(Debug, Default)]
pub struct LibraryView {
    /// Whether the library was read once. Before, at most its first photos are here.
    pub loaded: bool,
    /// The library.
    pub catalogue: Catalogue,
    /// Increased with every change of `catalogue` or `shown`.
    pub revision: u64,
    /// The filter.
    pub filter: Filter,
    /// Their places in the catalogue, in order.
    pub shown: Vec<u32>,
    /// The place in `shown` of each row of the catalogue; [`NOWHERE`] where it is not shown.
    places: Vec<u32>,
    /// The groups of `shown`.
    pub(crate) groups: Vec<Group>,
}

impl LibraryView {
    /// Recomputes the photos on show.
    pub(crate) fn refresh(&mut self, order: Order, grouping: Grouping) {
        self.revision += 1;
        if order == Order::Confidence {
            self.catalogue.sort_tags();
        }
        self.shown = self.filter.apply(&self.catalogue, order);
        self.groups.clear();
        if self.filter.hits.is_none() {
            self.group(grouping);
        }
        self.places.clear();
        self.places.resize(self.catalogue.rows.len(), NOWHERE);
        for (place, row) in (0u32..).zip(&self.shown) {
            if let Some(at) = self.places.get_mut(*row as usize) {
                *at = place;
            }
        }
    }

    /// The place in the list of a row of the catalogue, where it is shown.
    pub(crate) fn place_of(&self, row: usize) -> Option<usize> {
        let place = self.places.get(row).filter(|place| **place != NOWHERE);
        place.map(|place| *place as usize)
    }

    /// Puts rows of one group together, groups in the order of their first row.
    fn group(&mut self, grouping: Grouping) {
        let Some(groups) = self.catalogue.index.groups(grouping) else {
            return;
        };
        let mut counts = vec![0usize; groups.names().len()];
        let mut order: Vec<u32> = Vec::new();
        // The groups of the rows on show, which are looked up once: a million lie far apart in memory.
        let mut of: Vec<u32> = Vec::with_capacity(self.shown.len());
        let mut together = true;
        for row in &self.shown {
            let group = groups.of(*row);
            if let Some(count) = counts.get_mut(group as usize) {
                match *count {
                    0 => order.push(group),
                    _ => together &= of.last() == Some(&group),
                }
                *count += 1;
            }
            of.push(group);
        }
        let mut starts = vec![0usize; counts.len()];
        let mut at = 0;
        for group in order {
            let group = group as usize;
            let Some(name) = groups.names().get(group).cloned() else {
                continue;
            };
            let count = counts.get(group).copied().unwrap_or_default();
            let places = at..at + count;
            self.groups.push(Group { name, places });
            if let Some(start) = starts.get_mut(group) {
                *start = at;
            }
            at += count;
        }
        if together {
            return;
        }
        let mut grouped = vec![0; self.shown.len()];
        for (row, group) in self.shown.iter().zip(of) {
            if let Some(start) = starts.get_mut(group as usize) {
                if let Some(place) = grouped.get_mut(*start) {
                    *place = *row;
                }
                *start += 1;
            }
        }
        self.shown = grouped;
    }

    /// The place in the list of the row with that id, if it is shown.
    pub(crate) fn place_of_id(&self, id: FileId) -> Option<usize> {
        self.place_of(self.catalogue.index.row_of_id(id)?)
    }

    /// The rows on show, in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Row> {
        let rows = &self.catalogue.rows;
        self.shown.iter().filter_map(|i| rows.get(*i as usize))
    }

    /// The files on show.
    pub(crate) fn shown_files(&self) -> FileSet {
        let all = self.catalogue.index.by_id().iter();
        let shown = all.filter(|(_, row)| self.place_of(*row as usize).is_some());
        FileSet::of_sorted(shown.map(|(id, _)| *id))
    }

    /// The place in the catalogue of the row at a place of the list.
    pub(crate) fn row_at(&self, place: usize) -> Option<usize> {
        self.shown.get(place).map(|row| *row as usize)
    }

    /// The row at a place of the list.
    pub(crate) fn row(&self, place: usize) -> Option<&Row> {
        self.catalogue.rows.get(self.row_at(place)?)
    }

    /// The first file of a photo.
    pub(crate) fn row_of(&self, photo: PhotoId) -> Option<&Row> {
        self.catalogue.rows.get(self.catalogue.index.row_of(photo)?)
    }

    /// The first row with a photo, also as another file of a stack.
    pub(crate) fn row_with(&self, photo: PhotoId) -> Option<&Row> {
        let at = self.catalogue.index.rows_of(photo).next()?;
        self.catalogue.rows.get(at)
    }

    /// How many of these photos are not hidden in stacks.
    pub(crate) fn count_shown(&self, photos: impl Iterator<Item = PhotoId>) -> usize {
        let index = &self.catalogue.index;
        photos.filter(|photo| !index.is_hidden(*photo)).count()
    }

    /// Applies the text of the search box; the caller must refresh the list.
    pub(crate) fn search(&mut self, text: &str, effects: &mut Effects) {
        self.filter.query = Query::parse(text);
        let words = self.filter.query.words.clone();
        (self.filter.hits, self.filter.more_hits) = (None, false);
        self.filter.sought = (!words.is_empty()).then(|| Sought::Words(words.clone()));
        if !words.is_empty() {
            effects.question(Question::Words(words));
        }
    }

    /// Searches for photos like one; the result is shown when it arrives.
    pub(crate) fn find_similar(&mut self, photo: PhotoId, name: String, effects: &mut Effects) {
        self.filter = Filter {
            sought: Some(Sought::Similar(name.clone())),
            ..Filter::default()
        };
        effects.question(Question::Similar(photo, name));
    }

    /// Handles a search result, unless another search has replaced it.
    pub(crate) fn found(
        &mut self,
        query: &Sought,
        hits: Vec<(PhotoId, f32)>,
        relevant: usize,
    ) -> bool {
        let wanted = self.filter.sought.as_ref() == Some(query);
        if wanted {
            self.filter.hits = Some(hits);
            self.filter.relevant = relevant;
        }
        wanted
    }

    /// Photos with an undecided suggestion of a label, the most certain first.
    pub(crate) fn candidates(&self, label: &str) -> Vec<usize> {
        let Some(at) = self.catalogue.label(label) else {
            return Vec::new();
        };
        let suggested = |row: &Row| {
            let tag = row.tag(at).filter(|t| t.state == TagState::Suggested);
            tag.and_then(|t| t.confidence)
        };
        let rows = self.catalogue.rows.iter().enumerate();
        let mut found: Vec<(f32, usize)> = rows
            .filter_map(|(i, row)| Some((suggested(row)?, i)))
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.into_iter().map(|(_, i)| i).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::app::catalogue::samples::dogs_and_cats;
    use crate::app::state::effects::Effect;

    /// Dogs and cats by name.
    pub(crate) fn view() -> LibraryView {
        let mut view = LibraryView {
            catalogue: dogs_and_cats(),
            ..LibraryView::default()
        };
        view.refresh(Order::Name, Grouping::None);
        view
    }

    #[test]
    fn groups_hold_together_whatever_the_order() {
        let mut view = view();
        view.refresh(Order::Newest, Grouping::Folder);
        assert_eq!(view.shown, [0, 1, 2, 3]);
        let groups: Vec<(String, Range<usize>)> = view
            .groups
            .iter()
            .map(|g| (g.name.in_words().into_owned(), g.places.clone()))
            .collect();
        assert_eq!(groups, [("/a".to_owned(), 0..2), ("/b".to_owned(), 2..4)]);
    }

    #[test]
    fn an_answer_counts_only_while_it_is_waited_for() {
        let (mut view, mut effects) = (view(), Effects::default());
        view.search("red tag:dog", &mut effects);
        assert!(matches!(
            effects.0.as_slice(),
            [Effect::Question(Question::Words(words))] if words == "red"
        ));
        assert!(!view.found(
            &Sought::Words("blue".into()),
            vec![(PhotoId::new(2), 0.9)],
            1
        ));
        let found = [(2, 0.9), (3, 0.8), (1, 0.3)].map(|(p, s)| (PhotoId::new(p), s));
        assert!(view.found(&Sought::Words("red".into()), found.to_vec(), 2));
        view.refresh(Order::Name, Grouping::None);
        assert_eq!(view.shown, [1], "filters hold beside what was found");
        assert!(view.filter.has_more());
        view.filter.more_hits = true;
        view.refresh(Order::Name, Grouping::None);
        assert_eq!(view.shown, [1, 0], "what is less similar comes last");
        assert!(!view.filter.has_more());
        view.search("tag:dog", &mut effects);
        assert_eq!(view.filter.sought, None);
        assert_eq!(effects.0.len(), 1, "filters alone ask nobody");
    }

    #[test]
    fn candidates_are_what_is_suggested() {
        let view = view();
        assert_eq!(view.candidates("dog"), [1]);
        assert!(view.candidates("horse").is_empty());
    }
}
