//! Which photos are shown, in which order.

use std::collections::HashMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::catalogue::{Catalogue, Row};
use crate::store::TagState;

/// The order of photos.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// By path.
    #[default]
    Name,
    /// The latest first.
    Newest,
    /// The earliest first.
    Oldest,
    /// The surest tags first.
    Confidence,
}

impl Order {
    /// All of them, each with what it is called.
    pub const ALL: [(Self, &str); 4] = [
        (Self::Name, "Name"),
        (Self::Newest, "Newest first"),
        (Self::Oldest, "Oldest first"),
        (Self::Confidence, "Confidence"),
    ];
}

/// What photos are put together by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grouping {
    /// Not at all.
    #[default]
    None,
    /// By the folder that they lie in.
    Folder,
    /// By the day that they were last changed on.
    Day,
}

impl Grouping {
    /// All of them, each with what it is called.
    pub const ALL: [(Self, &str); 3] = [
        (Self::None, "No groups"),
        (Self::Folder, "By folder"),
        (Self::Day, "By day"),
    ];
}

/// What a search box says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Words to find photos by their meaning with.
    pub words: String,
    /// `tag:` filters.
    pub tags: Vec<String>,
    /// `-tag:` filters.
    pub without: Vec<String>,
    /// `folder:` filters, parts of paths.
    pub folders: Vec<String>,
}

impl Query {
    /// Reads what a person typed. Values with spaces stand in quotes: `tag:"golden retriever"`.
    pub fn parse(text: &str) -> Self {
        let mut query = Self::default();
        let mut words: Vec<String> = Vec::new();
        for part in split(text) {
            let list = match part.split_once(':') {
                Some(("tag", value)) => Some((&mut query.tags, value)),
                Some(("-tag", value)) => Some((&mut query.without, value)),
                Some(("folder", value)) => Some((&mut query.folders, value)),
                _ => None,
            };
            match list {
                Some((_, "")) => {}
                Some((list, value)) => list.push(value.to_owned()),
                None => words.push(part),
            }
        }
        query.words = words.join(" ");
        query
    }
}

/// The parts between spaces, quotes taken off.
fn split(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let (mut part, mut quoted) = (String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => {
                if !part.is_empty() {
                    parts.push(std::mem::take(&mut part));
                }
            }
            c => part.push(c),
        }
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

/// Which photos are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Only of this folder of the library.
    pub folder: Option<i64>,
    /// Only with this label, accepted or suggested.
    pub label: Option<String>,
    /// Only those that are suggested something.
    pub suggested: bool,
    /// What the search box says.
    pub query: Query,
    /// Photos that a search by meaning found, the nearest first.
    pub hits: Option<Vec<(i64, f32)>>,
    /// While a threshold is dragged: the photos that the label would be given to.
    pub reaching: Option<Vec<i64>>,
}

impl Filter {
    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The places of the wanted rows, in order.
    pub fn apply(&self, catalogue: &Catalogue, order: Order) -> Vec<usize> {
        let find = |names: &[String]| -> Vec<Option<usize>> {
            names.iter().map(|n| catalogue.label(n)).collect()
        };
        let mut tags = find(&self.query.tags);
        tags.extend(self.label.iter().map(|n| catalogue.label(n)));
        let without = find(&self.query.without);
        let folders: Vec<String> = self
            .query
            .folders
            .iter()
            .map(|f| f.to_lowercase())
            .collect();
        let shown = |row: &Row, label: Option<usize>| {
            let tag = label.and_then(|l| row.tag(l));
            tag.is_some_and(|t| t.state != TagState::Rejected)
        };
        let wanted = |row: &Row| {
            self.folder.is_none_or(|f| row.folder_id == f)
                && tags.iter().all(|t| shown(row, *t))
                && !without.iter().any(|t| shown(row, *t))
                && (!self.suggested || row.tags.iter().any(|t| t.state == TagState::Suggested))
                && (folders.is_empty() || {
                    let path = row.path.to_string_lossy().to_lowercase();
                    folders.iter().all(|f| path.contains(f.as_str()))
                })
        };
        let listed = self.reaching.as_ref();
        if self.hits.is_some() || listed.is_some() {
            let photos: Vec<i64> = match (&self.hits, listed) {
                (_, Some(photos)) => photos.clone(),
                (Some(hits), None) => hits.iter().map(|(p, _)| *p).collect(),
                (None, None) => Vec::new(),
            };
            let rank: HashMap<i64, usize> =
                photos.iter().enumerate().map(|(i, p)| (*p, i)).collect();
            let ignore_label = listed.is_some();
            let mut rows: Vec<(usize, usize)> = catalogue
                .rows
                .iter()
                .enumerate()
                .filter(|(_, row)| ignore_label || wanted(row))
                .filter_map(|(i, row)| Some((*rank.get(&row.photo?.0)?, i)))
                .collect();
            // Searching for a meaning is asking for the nearest.
            rows.sort_unstable();
            return rows.into_iter().map(|(_, i)| i).collect();
        }
        let rows = catalogue.rows.iter().enumerate();
        let mut places: Vec<usize> = rows.filter(|(_, r)| wanted(r)).map(|(i, _)| i).collect();
        let row = |i: &usize| catalogue.rows.get(*i);
        let time = |i: &usize| row(i).map_or(0, |r| r.modified_ns);
        match order {
            Order::Name => {}
            Order::Newest => places.sort_by_key(|i| std::cmp::Reverse(time(i))),
            Order::Oldest => places.sort_by_key(time),
            Order::Confidence => {
                let label = tags.first().copied().flatten();
                let confidence = |i: &usize| {
                    row(i).map_or(0.0, |r| match label {
                        Some(l) => r.tag(l).map_or(0.0, |t| t.confidence.unwrap_or(1.0)),
                        None => r.confidence(),
                    })
                };
                let mut keyed: Vec<(f32, usize)> =
                    places.iter().map(|i| (confidence(i), *i)).collect();
                keyed.sort_by(|a, b| b.0.total_cmp(&a.0));
                places = keyed.into_iter().map(|(_, i)| i).collect();
            }
        }
        places
    }
}

/// What a row's group is called.
pub(super) fn group_of(row: &Row, grouping: Grouping) -> Option<String> {
    match grouping {
        Grouping::None => None,
        Grouping::Folder => {
            let folder: PathBuf = row.path.parent()?.to_path_buf();
            Some(folder.to_string_lossy().into_owned())
        }
        Grouping::Day => Some(day(row.modified_ns)),
    }
}

/// The date of a time, in UTC (civil-from-days, <https://howardhinnant.github.io/date_algorithms.html>).
pub fn day(ns: i64) -> String {
    let days = ns.div_euclid(86_400_000_000_000) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
