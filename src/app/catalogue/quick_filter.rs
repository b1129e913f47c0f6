//! Filters with one click, and how many photos each has.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::app::catalogue::row::{Row, Tag};
use crate::core::file_kind::FileKind;
use crate::store::TagState;
use crate::words::tr;

/// What is known of a photo's tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TagFilter {
    /// It has tags.
    Tagged,
    /// It was read and has none.
    Untagged,
    /// Something is suggested.
    Suggested,
    /// The user has confirmed a tag.
    Confirmed,
    /// It cannot be read.
    Failed,
}

impl TagFilter {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Tagged,
        Self::Untagged,
        Self::Suggested,
        Self::Confirmed,
        Self::Failed,
    ];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tagged => tr!("filter-tags-tagged"),
            Self::Untagged => tr!("filter-tags-untagged"),
            Self::Suggested => tr!("filter-tags-suggested"),
            Self::Confirmed => tr!("filter-tags-confirmed"),
            Self::Failed => tr!("filter-tags-failed"),
        }
    }

    /// Whether it accepts a row. With a label it is about that label alone.
    pub(crate) fn has(self, row: &Row, label: Option<usize>) -> bool {
        let any = |wanted: fn(&Tag) -> bool| match label {
            Some(label) => row.tag(label).is_some_and(wanted),
            None => row.tags.iter().any(wanted),
        };
        match self {
            Self::Tagged => any(|t| t.state == TagState::Accepted),
            Self::Untagged => {
                let is_tag = |t: &Tag| t.state == TagState::Accepted;
                row.photo.is_some() && !row.tags.iter().any(is_tag)
            }
            Self::Suggested => any(|t| t.state == TagState::Suggested),
            Self::Confirmed => any(|t| t.decided && t.state == TagState::Accepted),
            Self::Failed => row.failed,
        }
    }
}

/// The filters with one click.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QuickFilter {
    /// What is known of the tags.
    pub tags: Option<TagFilter>,
    /// The camera.
    pub(crate) camera: Option<String>,
    /// The kind of the file, or of another file of the same photo.
    pub(crate) kind: Option<FileKind>,
}

/// The number of photos of each filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facets {
    /// In the order of [`TagFilter::ALL`].
    tags: [usize; TagFilter::ALL.len()],
    /// Months such as `2024-05`, the latest first.
    pub(crate) months: Vec<(String, usize)>,
    /// Cameras, by name. [`Row::camera`] is the place in it.
    pub(crate) cameras: Vec<(String, usize)>,
    /// Kinds of files.
    pub(crate) kinds: Vec<(FileKind, usize)>,
}

impl Facets {
    /// Counts months and kinds; cameras are as given.
    pub(crate) fn of(rows: &[Row], cameras: Vec<String>) -> Self {
        let mut by_day: HashMap<i64, usize> = HashMap::new();
        let mut with: Vec<(String, usize)> = cameras.into_iter().map(|c| (c, 0)).collect();
        for row in rows {
            *by_day.entry(row.captured.time.day_number()).or_default() += 1;
            let camera = row.camera.and_then(|at| with.get_mut(usize::from(at)));
            if let Some((_, count)) = camera {
                *count += 1;
            }
        }
        let mut months: HashMap<String, usize> = HashMap::new();
        for (day, count) in by_day {
            let day = crate::core::date::day_of_number(day);
            let month = day.rsplit_once('-').map_or("", |(month, _)| month);
            *months.entry(month.to_owned()).or_default() += count;
        }
        let mut months: Vec<(String, usize)> = months.into_iter().collect();
        months.sort_unstable_by(|a, b| b.cmp(a));
        let count = |kind: FileKind| rows.iter().filter(|r| r.kinds & kind.bit() != 0).count();
        let kinds = FileKind::ALL
            .into_iter()
            .map(|(kind, _)| (kind, count(kind)));
        Self {
            tags: Default::default(),
            months,
            cameras: with,
            kinds: kinds.filter(|(_, count)| *count > 0).collect(),
        }
    }

    /// The number of photos.
    pub(crate) fn tagged(&self, filter: TagFilter) -> usize {
        let at = TagFilter::ALL.iter().position(|f| *f == filter);
        at.and_then(|at| self.tags.get(at)).copied().unwrap_or(0)
    }

    /// Forgets the numbers by tags.
    pub(crate) fn clear_tags(&mut self) {
        self.tags = Default::default();
    }

    /// Adds a row to the numbers by tags, or takes it away.
    pub(crate) fn count_tags(&mut self, row: &Row, add: bool) {
        for (count, filter) in self.tags.iter_mut().zip(TagFilter::ALL) {
            if filter.has(row, None) {
                *count = match add {
                    true => *count + 1,
                    false => count.saturating_sub(1),
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::catalogue::samples::dogs_and_cats;

    #[test]
    fn numbers_are_those_of_the_photos_that_pass() {
        let mut catalogue = dogs_and_cats();
        catalogue.rows[2].failed = true;
        catalogue.count();
        let counted =
            |catalogue: &crate::app::Catalogue| TagFilter::ALL.map(|f| catalogue.facets.tagged(f));
        let passing = |catalogue: &crate::app::Catalogue| {
            let rows = &catalogue.rows;
            TagFilter::ALL.map(|f| rows.iter().filter(|r| f.has(r, None)).count())
        };
        assert_eq!(counted(&catalogue), [2, 2, 1, 0, 1]);
        assert_eq!(counted(&catalogue), passing(&catalogue));
        catalogue.change_tags(1, |row| {
            for tag in &mut row.tags {
                (tag.state, tag.decided) = (TagState::Accepted, true);
            }
        });
        assert_eq!(counted(&catalogue), passing(&catalogue));
        assert_eq!(catalogue.facets.tagged(TagFilter::Confirmed), 1);
        let (dog, rows) = (Some(0), &catalogue.rows);
        assert!(!TagFilter::Confirmed.has(&rows[0], dog) && TagFilter::Tagged.has(&rows[0], dog));
    }
}
