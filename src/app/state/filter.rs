//! Filters and orders the photos.

use std::ops::Range;
use std::path::PathBuf;

use roaring::RoaringBitmap;

use crate::app::catalogue::Catalogue;
use crate::app::catalogue::index::GroupName;
use crate::app::catalogue::order::Order;
use crate::app::catalogue::quick_filter::QuickFilter;
use crate::app::catalogue::row::Row;
use crate::app::catalogue::tag_index;
use crate::app::messages::answers::Sought;
use crate::core::ids::PhotoId;
use crate::services::query::Query;

/// The filter for photos.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Shows only this folder, with those below it.
    pub(crate) folder: Option<PathBuf>,
    /// Shows only photos with this label, accepted or suggested.
    pub(crate) label: Option<String>,
    /// The filters with one click.
    pub(crate) quick: QuickFilter,
    /// The query of the search box.
    pub(crate) query: Query,
    /// The running search by meaning, for display.
    pub(crate) sought: Option<Sought>,
    /// Photos found by meaning, the nearest first.
    pub hits: Option<Vec<(PhotoId, f32)>>,
    /// How many of them are near enough to be shown at once.
    pub(crate) relevant: usize,
    /// Whether the others are shown too.
    pub(crate) more_hits: bool,
}

impl Filter {
    /// Whether it accepts everything.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A name for what it accepts, to be saved under.
    pub(crate) fn describe(&self) -> String {
        let folder = self.folder.as_ref().map(|path| {
            let name = path.file_name().unwrap_or(path.as_os_str());
            name.to_string_lossy().into_owned()
        });
        let query = Some(self.query.text()).filter(|text| !text.is_empty());
        let tags = self.quick.tags.map(|tags| tags.name().to_owned());
        let kind = self.quick.kind.map(|kind| kind.name().to_owned());
        let camera = self.quick.camera.clone();
        let parts = [query, self.label.clone(), tags, camera, kind, folder];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        parts.join(", ")
    }

    /// Whether a search has found photos that are not shown because they are less similar.
    pub(crate) fn has_more(&self) -> bool {
        let hits = self.hits.as_ref().map_or(0, Vec::len);
        !self.more_hits && hits > self.relevant
    }

    /// Returns the indices of the matching rows, in order.
    pub(crate) fn apply(&self, catalogue: &Catalogue, order: Order) -> Vec<u32> {
        let wanted = Wanted::new(self, catalogue);
        let matching = wanted.rows();
        if let Some(hits) = &self.hits {
            return nearest(catalogue, self.visible(hits), matching.as_ref());
        }
        let label = wanted.tags.first().copied().flatten();
        if let (Order::Confidence, Some(label), Some(rows)) = (order, label, &matching) {
            return by_confidence(catalogue, label, rows);
        }
        let newest = catalogue.index.newest().iter().copied();
        let count = catalogue.rows.len();
        match (order, &matching) {
            (Order::Name, Some(rows)) => rows.iter().collect(),
            (Order::Name, None) => (0u32..).take(count).collect(),
            (Order::Newest, rows) => kept(newest, rows.as_ref(), count),
            (Order::Oldest, rows) => kept(newest.rev(), rows.as_ref(), count),
            (Order::Confidence, rows) => kept(catalogue.tag_index.certain(), rows.as_ref(), count),
        }
    }

    /// The hits that are shown.
    fn visible<'a>(&self, hits: &'a [(PhotoId, f32)]) -> &'a [(PhotoId, f32)] {
        let most = match self.more_hits {
            true => hits.len(),
            false => self.relevant,
        };
        hits.get(..most).unwrap_or(hits)
    }
}

/// All `count` rows in an order, or the matching ones among them.
fn kept(
    all: impl Iterator<Item = u32>,
    matching: Option<&RoaringBitmap>,
    count: usize,
) -> Vec<u32> {
    let Some(rows) = matching else {
        return all.collect();
    };
    // Each row is asked for, in any order: one look at a plain list is ten times faster than one into
    // the compressed set.
    let mut keep = vec![false; count];
    for row in rows {
        if let Some(keep) = keep.get_mut(row as usize) {
            *keep = true;
        }
    }
    all.filter(|row| keep.get(*row as usize) == Some(&true))
        .collect()
}

/// The rows of these photos, the nearest first, whatever the order is; of `matching` if there is one.
fn nearest(
    catalogue: &Catalogue,
    hits: &[(PhotoId, f32)],
    matching: Option<&RoaringBitmap>,
) -> Vec<u32> {
    let fits = |row: &u32| matching.is_none_or(|rows| rows.contains(*row));
    let rows = |hit: &(PhotoId, f32)| catalogue.index.shown_rows_of(hit.0);
    hits.iter().flat_map(rows).filter(fits).collect()
}

/// Rows by their confidence in one label; one that only the user gave comes first.
fn by_confidence(catalogue: &Catalogue, label: usize, rows: &RoaringBitmap) -> Vec<u32> {
    let key = |at: u32| {
        let row = catalogue.rows.get(at as usize)?;
        let tag = row.tag(label);
        let confidence = tag.map_or(0.0, |tag| tag.confidence.unwrap_or(1.0));
        Some(tag_index::key_of(at, confidence))
    };
    let mut keys: Vec<u64> = rows.iter().filter_map(key).collect();
    keys.sort_unstable();
    keys.into_iter().map(tag_index::row_of).collect()
}

/// A filter's names, resolved once.
struct Wanted<'a> {
    filter: &'a Filter,
    /// The chosen camera's place; the outer `None` if none is chosen.
    camera: Option<Option<u16>>,
    /// The rows in the chosen folder.
    rows: Option<Range<usize>>,
    tags: Vec<Option<usize>>,
    without: Vec<Option<usize>>,
    /// Whether the search box accepts each folder of the rows.
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
        let has_all = |folder: &GroupName| {
            let folder = folder.in_words().to_lowercase();
            parts.iter().all(|part| folder.contains(part.as_str()))
        };
        let names = catalogue.index.folders().names();
        let camera = |name: &String| {
            let mut cameras = catalogue.facets.cameras.iter();
            let place = cameras.position(|(camera, _)| camera == name)?;
            u16::try_from(place).ok()
        };
        let node = |path: &PathBuf| catalogue.tree.find(path);
        let rows = |path| node(path).map_or(0..0, |node| node.rows.clone());
        Self {
            filter,
            camera: filter.quick.camera.as_ref().map(camera),
            rows: filter.folder.as_ref().map(rows),
            tags,
            without: find(&filter.query.without),
            folders: (!parts.is_empty()).then(|| names.iter().map(has_all).collect()),
            catalogue,
        }
    }

    /// The matching rows; `None` if all of them match.
    fn rows(&self) -> Option<RoaringBitmap> {
        let mut found: Option<RoaringBitmap> = self.rows.clone().map(|rows| self.range(rows));
        for label in &self.tags {
            let with = label.and_then(|label| self.catalogue.tag_index.with(label));
            let with = with.cloned().unwrap_or_default();
            found = Some(match found {
                Some(found) => found & with,
                None => with,
            });
        }
        for label in self.without.iter().copied().flatten() {
            if let Some(with) = self.catalogue.tag_index.with(label) {
                let among = found.unwrap_or_else(|| self.all());
                found = Some(among - with);
            }
        }
        if !self.reads_rows() {
            return found;
        }
        let among = found.unwrap_or_else(|| self.all());
        let fits = |at: &u32| {
            let row = self.catalogue.rows.get(*at as usize);
            row.is_some_and(|row| self.has(*at, row))
        };
        Some(among.iter().filter(fits).collect())
    }

    fn all(&self) -> RoaringBitmap {
        self.range(0..self.catalogue.rows.len())
    }

    fn range(&self, rows: Range<usize>) -> RoaringBitmap {
        let number = |row: usize| u32::try_from(row).unwrap_or(u32::MAX);
        let mut range = RoaringBitmap::new();
        range.insert_range(number(rows.start)..number(rows.end));
        range
    }

    /// Whether something is asked that no index tells.
    fn reads_rows(&self) -> bool {
        let quick = &self.filter.quick;
        self.camera.is_some()
            || quick.kind.is_some()
            || quick.tags.is_some()
            || self.folders.is_some()
            || !self.filter.query.dates.is_empty()
    }

    /// Whether a row has what no index tells.
    fn has(&self, at: u32, row: &Row) -> bool {
        let folder = || self.catalogue.index.folders().of(at);
        let quick = &self.filter.quick;
        let label = self.tags.first().copied().flatten();
        self.camera.is_none_or(|c| c.is_some() && row.camera == c)
            && quick.kind.is_none_or(|kind| row.kinds & kind.bit() != 0)
            && quick.tags.is_none_or(|tags| tags.has(row, label))
            && self
                .folders
                .as_ref()
                .is_none_or(|f| f.get(folder() as usize) == Some(&true))
            && (self.filter.query.dates.is_empty()
                || self.filter.query.has_day(&row.captured.time.day()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::catalogue::quick_filter::TagFilter;
    use crate::app::catalogue::samples::dogs_and_cats;
    use crate::core::file_kind::FileKind;

    #[test]
    fn filters_hold_together_and_orders_are_kept() {
        let catalogue = dogs_and_cats();
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
        let counted = catalogue.labels[0].accepted + catalogue.labels[0].suggested;
        assert_eq!(counted, apply(&dog, Order::Name).len(), "numbers agree");
        assert_eq!(apply(&dog, Order::Confidence), [0, 1], "by the label's own");
        let query = |text: &'static str| move |f: &mut Filter| f.query = Query::parse(text);
        assert_eq!(apply(&query("tag:dog -tag:cat"), Order::Name), [0]);
        assert_eq!(apply(&query("folder:B"), Order::Name), [2, 3]);
        let folder = |path: &'static str| move |f: &mut Filter| f.folder = Some(path.into());
        assert_eq!(apply(&folder("/b"), Order::Newest), [2, 3]);
        assert_eq!(apply(&folder("/"), Order::Name), [0, 1, 2, 3]);
        assert_eq!(apply(&folder("/c"), Order::Name), [0u32; 0]);
        let quick = |tags| move |f: &mut Filter| f.quick.tags = Some(tags);
        assert_eq!(apply(&quick(TagFilter::Untagged), Order::Name), [2, 3]);
        assert_eq!(apply(&quick(TagFilter::Suggested), Order::Name), [1]);
        let suggested_cat = |f: &mut Filter| {
            f.label = Some("cat".into());
            f.quick.tags = Some(TagFilter::Suggested);
        };
        let none = [0u32; 0];
        assert_eq!(apply(&suggested_cat, Order::Name), none, "only a dog is");
        let raw = |f: &mut Filter| f.quick.kind = Some(FileKind::Raw);
        assert_eq!(apply(&raw, Order::Name), none);
        let camera = |f: &mut Filter| f.quick.camera = Some("gone".into());
        assert_eq!(apply(&camera, Order::Name), none);
        assert_eq!(apply(&query("tag:horse"), Order::Name), [0u32; 0]);
        let found = [(3, 0.9), (9, 0.8), (1, 0.7)].map(|(photo, s)| (PhotoId::new(photo), s));
        let hits = |f: &mut Filter| (f.hits, f.relevant) = (Some(found.to_vec()), 3);
        assert_eq!(apply(&hits, Order::Name), [2, 0], "the nearest first");
    }
}
