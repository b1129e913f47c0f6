//! What is shown: filters, orders, groups and the selection.

use std::path::Path;

use crate::app::commands::command::Command;
use crate::app::state::app::{App, Screen};
use crate::app::state::filter::Filter;
use crate::app::threads::search::Question;
use crate::services::query::Query;

impl App {
    /// Finds out anew what is shown. `current` is the photo that the keyboard stands on, where that
    /// is known better than the list has it.
    pub(crate) fn refresh(&mut self, current: Option<&Path>) {
        let current = match current {
            Some(path) => self.catalogue.row_at(path),
            None => self.cursor.and_then(|c| self.shown.get(c)).copied(),
        };
        self.revision += 1;
        self.shown = self.filter.apply(&self.catalogue, self.settings.order);
        self.groups.clear();
        if self.filter.hits.is_none() {
            self.group();
        }
        let place = current.and_then(|row| self.shown.iter().position(|i| *i == row));
        let last = self.shown.len().checked_sub(1);
        self.cursor = place.or(self.cursor.zip(last).map(|(cursor, last)| cursor.min(last)));
        self.anchor = None;
    }

    /// Puts rows of one group together, groups in the order of their first row.
    fn group(&mut self) {
        let Some(groups) = self.catalogue.index.groups(self.settings.grouping) else {
            return;
        };
        let mut counts = vec![0usize; groups.names().len()];
        let mut order: Vec<usize> = Vec::new();
        for row in &self.shown {
            let group = groups.of(*row);
            if let Some(count) = counts.get_mut(group) {
                if *count == 0 {
                    order.push(group);
                }
                *count += 1;
            }
        }
        let mut starts = vec![0usize; counts.len()];
        let mut at = 0;
        for group in order {
            let name = groups.names().get(group).cloned().unwrap_or_default();
            self.groups.push((name, at));
            if let (Some(start), Some(count)) = (starts.get_mut(group), counts.get(group)) {
                *start = at;
                at += count;
            }
        }
        let mut grouped = vec![0; self.shown.len()];
        for row in &self.shown {
            if let Some(start) = starts.get_mut(groups.of(*row)) {
                if let Some(place) = grouped.get_mut(*start) {
                    *place = *row;
                }
                *start += 1;
            }
        }
        self.shown = grouped;
    }

    pub(crate) fn search(&mut self, text: &str) {
        self.filter.query = Query::parse(text);
        let words = self.filter.query.words.clone();
        self.screen = Screen::Photos;
        self.seek((!words.is_empty()).then(|| words.clone()), || {
            Question::Words(words)
        });
        self.refresh(None);
    }

    pub(crate) fn find_similar(&mut self) {
        let current = self.current().and_then(|r| Some((r.photo?.0, r.name())));
        if let Some((photo, name)) = current {
            self.screen = Screen::Photos;
            self.large = false;
            self.filter = Filter::default();
            let sought = format!("similar to {name}");
            self.seek(Some(sought), || Question::Similar(photo, name));
        }
    }

    fn seek(&mut self, sought: Option<String>, question: impl FnOnce() -> Question) {
        self.filter.hits = None;
        self.filter.sought = sought;
        if self.filter.sought.is_some() {
            self.question(question());
        }
    }

    /// Shows a photo where it stands among all.
    pub(crate) fn show_photo(&mut self, photo: i64) {
        let Some(row) = self.catalogue.index.row_of(photo) else {
            return;
        };
        self.screen = Screen::Photos;
        if !self.shown.contains(&row) {
            self.filter = Filter::default();
            self.refresh(None);
        }
        if let Some(place) = self.shown.iter().position(|i| *i == row) {
            self.apply(Command::Select(place));
        }
    }

    fn id_at(&self, place: usize) -> Option<i64> {
        self.row(place).map(|r| r.id)
    }

    pub(crate) fn select(&mut self, place: usize) {
        self.selected.clear();
        self.selected.extend(self.id_at(place));
        (self.cursor, self.anchor) = (Some(place), Some(place));
    }

    pub(crate) fn toggle_select(&mut self, place: usize) {
        if let Some(id) = self.id_at(place)
            && !self.selected.remove(&id)
        {
            self.selected.insert(id);
        }
        (self.cursor, self.anchor) = (Some(place), Some(place));
    }

    pub(crate) fn select_to(&mut self, place: usize) {
        let from = self.anchor.or(self.cursor).unwrap_or(place);
        let range = from.min(place)..=from.max(place);
        self.selected = range.filter_map(|p| self.id_at(p)).collect();
        (self.cursor, self.anchor) = (Some(place), Some(from));
    }

    pub(crate) fn select_all(&mut self) {
        let rows = self
            .shown
            .iter()
            .filter_map(|i| self.catalogue.rows.get(*i));
        self.selected = rows.map(|r| r.id).collect();
    }

    pub(crate) fn step(&mut self, by: isize, extend: bool) {
        let Some(last) = self.shown.len().checked_sub(1) else {
            return;
        };
        let place = match self.cursor {
            None => 0,
            Some(from) => from.saturating_add_signed(by).min(last),
        };
        match extend {
            true => self.select_to(place),
            false => self.select(place),
        }
    }
}
