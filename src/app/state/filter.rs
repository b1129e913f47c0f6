//! Which photos are shown, in which order.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::app::catalogue::{Catalogue, Row};
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
    /// `folder:` filters, parts of folders' paths.
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

    /// All of it as it is typed.
    pub fn text(&self) -> String {
        let text = format!("{} {}", self.words, self.filters());
        text.trim().to_owned()
    }

    /// The filters as they are typed, without the words.
    pub fn filters(&self) -> String {
        let lists = [
            ("tag:", &self.tags),
            ("-tag:", &self.without),
            ("folder:", &self.folders),
        ];
        let part = |kind: &str, value: &String| match value.contains(char::is_whitespace) {
            true => format!("{kind}\"{value}\""),
            false => format!("{kind}{value}"),
        };
        let parts = lists
            .iter()
            .flat_map(|(kind, list)| list.iter().map(|v| part(kind, v)));
        parts.collect::<Vec<_>>().join(" ")
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
    /// What is being looked for by meaning, as it is shown.
    pub sought: Option<String>,
    /// Photos that a search by meaning found, the nearest first.
    pub hits: Option<Vec<(i64, f32)>>,
}

impl Filter {
    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The places of the wanted rows, in order.
    pub fn apply(&self, catalogue: &Catalogue, order: Order) -> Vec<usize> {
        let wanted = Wanted::new(self, catalogue);
        let rows = &catalogue.rows;
        let fits = |i: &usize| rows.get(*i).is_some_and(|row| wanted.has(*i, row));
        if let Some(hits) = &self.hits {
            let ranks = hits
                .iter()
                .enumerate()
                .map(|(rank, (photo, _))| (*photo, rank));
            let ranks: HashMap<i64, usize> = ranks.collect();
            let rank = |i: usize| rows.get(i).and_then(|r| ranks.get(&r.photo?.0).copied());
            let found = (0..rows.len()).filter_map(|i| Some((rank(i)?, i)));
            let mut found: Vec<(usize, usize)> = found.filter(|(_, i)| fits(i)).collect();
            // Searching for a meaning is asking for the nearest.
            found.sort_unstable();
            return found.into_iter().map(|(_, i)| i).collect();
        }
        match order {
            Order::Name => (0..rows.len()).filter(fits).collect(),
            Order::Newest => catalogue.index.newest().filter(fits).collect(),
            Order::Oldest => catalogue.index.newest().rev().filter(fits).collect(),
            Order::Confidence => {
                let label = wanted.tags.first().copied().flatten();
                let confidence = |row: &Row| match label {
                    Some(l) => row.tag(l).map_or(0.0, |t| t.confidence.unwrap_or(1.0)),
                    None => row.confidence(),
                };
                // Confidences are not negative, so that their bits are in their order; one number
                // of both sorts several times faster than pairs.
                let key = |i: usize, row: &Row| {
                    let falling = u64::from(u32::MAX - confidence(row).max(0.0).to_bits());
                    falling << 32 | i as u64
                };
                let all = rows.iter().enumerate();
                let mut keys: Vec<u64> = all
                    .filter(|(i, row)| wanted.has(*i, row))
                    .map(|(i, row)| key(i, row))
                    .collect();
                keys.sort_unstable();
                keys.into_iter()
                    .map(|k| (k & 0xffff_ffff) as usize)
                    .collect()
            }
        }
    }
}

/// A filter's names looked up once.
struct Wanted<'a> {
    filter: &'a Filter,
    tags: Vec<Option<usize>>,
    without: Vec<Option<usize>>,
    /// For each folder that rows lie in, whether the search box lets it through.
    folders: Option<Vec<bool>>,
    catalogue: &'a Catalogue,
}

impl<'a> Wanted<'a> {
    fn new(filter: &'a Filter, catalogue: &'a Catalogue) -> Self {
        let find = |names: &[String]| -> Vec<Option<usize>> {
            names.iter().map(|n| catalogue.label(n)).collect()
        };
        let mut tags = find(&filter.query.tags);
        tags.extend(filter.label.iter().map(|n| catalogue.label(n)));
        let parts: Vec<String> = filter
            .query
            .folders
            .iter()
            .map(|f| f.to_lowercase())
            .collect();
        let has_all = |folder: &String| {
            let folder = folder.to_lowercase();
            parts.iter().all(|part| folder.contains(part.as_str()))
        };
        let names = catalogue.index.folders().names();
        Self {
            filter,
            tags,
            without: find(&filter.query.without),
            folders: (!parts.is_empty()).then(|| names.iter().map(has_all).collect()),
            catalogue,
        }
    }

    fn has(&self, at: usize, row: &Row) -> bool {
        let shown = |label: Option<usize>| {
            let tag = label.and_then(|l| row.tag(l));
            tag.is_some_and(|t| t.state != TagState::Rejected)
        };
        let folder = || self.catalogue.index.folders().of(at);
        self.filter.folder.is_none_or(|f| row.folder_id == f)
            && self.tags.iter().all(|t| shown(*t))
            && !self.without.iter().any(|t| shown(*t))
            && (!self.filter.suggested || row.tags.iter().any(|t| t.state == TagState::Suggested))
            && self
                .folders
                .as_ref()
                .is_none_or(|f| f.get(folder()) == Some(&true))
    }
}

/// The day of a time, counted from 1970-01-01 in UTC.
pub(crate) fn day_number(ns: i64) -> i64 {
    ns.div_euclid(86_400_000_000_000)
}

/// The date of a time, in UTC.
pub fn day(ns: i64) -> String {
    day_of_number(day_number(ns))
}

/// The date of a day (civil-from-days, <https://howardhinnant.github.io/date_algorithms.html>).
pub(crate) fn day_of_number(number: i64) -> String {
    let days = number + 719_468;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::catalogue::tests::{catalogue, row};

    #[test]
    fn what_is_typed_becomes_filters_and_words() {
        let query = Query::parse("red tag:\"golden retriever\" car -tag:cat folder:2024 tag:");
        assert_eq!(query.words, "red car");
        assert_eq!(query.tags, ["golden retriever"]);
        assert_eq!(query.without, ["cat"]);
        assert_eq!(query.folders, ["2024"]);
        let filters = query.filters();
        assert_eq!(filters, "tag:\"golden retriever\" -tag:cat folder:2024");
        let again = Query::parse(&filters);
        assert_eq!((again.tags, again.words), (query.tags, String::new()));
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(951_782_400_000_000_000), "2000-02-29");
        assert_eq!(day(-1), "1969-12-31");
    }

    /// Photos 1 to 4: a dog surely, a dog perhaps and a cat, nothing, a rejected dog.
    fn sample() -> Catalogue {
        let mut rows = vec![
            row("/a/1.jpg", Some(1), 40),
            row("/a/2.jpg", Some(2), 10),
            row("/b/3.jpg", Some(3), 30),
            row("/b/4.jpg", Some(4), 20),
        ];
        let mut tag = |i: usize, label, confidence, state| {
            let row: &mut Row = &mut rows[i];
            row.tags
                .push(crate::app::catalogue::tests::tag(label, confidence, state));
        };
        tag(0, 0, 0.9, TagState::Accepted);
        tag(1, 0, 0.4, TagState::Suggested);
        tag(1, 1, 0.95, TagState::Accepted);
        tag(3, 0, 0.99, TagState::Rejected);
        catalogue(rows, &["dog", "cat"])
    }

    #[test]
    fn filters_hold_together_and_orders_are_kept() {
        let catalogue = sample();
        let apply = |change: &dyn Fn(&mut Filter), order| {
            let mut filter = Filter::default();
            change(&mut filter);
            filter.apply(&catalogue, order)
        };
        let all = |_: &mut Filter| {};
        assert_eq!(apply(&all, Order::Name), [0, 1, 2, 3]);
        assert_eq!(apply(&all, Order::Newest), [0, 2, 3, 1]);
        assert_eq!(apply(&all, Order::Oldest), [1, 3, 2, 0]);
        assert_eq!(apply(&all, Order::Confidence), [1, 0, 2, 3]);
        let dog = |f: &mut Filter| f.label = Some("dog".into());
        assert_eq!(
            apply(&dog, Order::Name),
            [0, 1],
            "what was rejected is not shown"
        );
        assert_eq!(apply(&dog, Order::Confidence), [0, 1], "by the label's own");
        let query = |text: &'static str| move |f: &mut Filter| f.query = Query::parse(text);
        assert_eq!(apply(&query("tag:dog -tag:cat"), Order::Name), [0]);
        assert_eq!(apply(&query("folder:B"), Order::Name), [2, 3]);
        assert_eq!(apply(&query("tag:horse"), Order::Name), [0usize; 0]);
        assert_eq!(apply(&|f| f.suggested = true, Order::Name), [1]);
        let hits = |f: &mut Filter| f.hits = Some(vec![(3, 0.9), (9, 0.8), (1, 0.7)]);
        assert_eq!(apply(&hits, Order::Name), [2, 0], "the nearest first");
    }
}
