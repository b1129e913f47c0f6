//! Filters and orders the photos.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

use crate::app::catalogue::Catalogue;
use crate::app::catalogue::index::GroupName;
use crate::app::catalogue::order::Order;
use crate::app::catalogue::quick_filter::QuickFilter;
use crate::app::catalogue::row::Row;
use crate::app::messages::answers::Sought;
use crate::core::ids::PhotoId;
use crate::services::query::Query;
use crate::store::TagState;

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
    pub(crate) fn apply(&self, catalogue: &Catalogue, order: Order) -> Vec<usize> {
        let wanted = Wanted::new(self, catalogue);
        let rows = &catalogue.rows;
        let fits = |i: &usize| rows.get(*i).is_some_and(|row| wanted.has(*i, row));
        if let Some(hits) = &self.hits {
            let most = match self.more_hits {
                true => hits.len(),
                false => self.relevant,
            };
            let ranks = hits
                .iter()
                .take(most)
                .enumerate()
                .map(|(rank, (photo, _))| (*photo, rank));
            let ranks: HashMap<PhotoId, usize> = ranks.collect();
            let rank = |i: usize| rows.get(i).and_then(|r| ranks.get(&r.photo_id()?).copied());
            let found = (0..rows.len()).filter_map(|i| Some((rank(i)?, i)));
            let mut found: Vec<(usize, usize)> = found.filter(|(_, i)| fits(i)).collect();
            // A search by meaning orders by nearness.
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
                // Confidences are not negative, so their bits sort like them. One number for both
                // sorts several times faster than pairs.
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

    fn has(&self, at: usize, row: &Row) -> bool {
        let shown = |label: Option<usize>| {
            let tag = label.and_then(|l| row.tag(l));
            tag.is_some_and(|t| t.state != TagState::Rejected)
        };
        let folder = || self.catalogue.index.folders().of(at);
        let quick = &self.filter.quick;
        let label = self.tags.first().copied().flatten();
        self.rows.as_ref().is_none_or(|rows| rows.contains(&at))
            && self.camera.is_none_or(|c| c.is_some() && row.camera == c)
            && quick.kind.is_none_or(|kind| row.kinds & kind.bit() != 0)
            && quick.tags.is_none_or(|tags| tags.has(row, label))
            && self.tags.iter().all(|t| shown(*t))
            && !self.without.iter().any(|t| shown(*t))
            && self
                .folders
                .as_ref()
                .is_none_or(|f| f.get(folder()) == Some(&true))
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
        assert_eq!(apply(&folder("/c"), Order::Name), [0usize; 0]);
        let quick = |tags| move |f: &mut Filter| f.quick.tags = Some(tags);
        assert_eq!(apply(&quick(TagFilter::Untagged), Order::Name), [2, 3]);
        assert_eq!(apply(&quick(TagFilter::Suggested), Order::Name), [1]);
        let suggested_cat = |f: &mut Filter| {
            f.label = Some("cat".into());
            f.quick.tags = Some(TagFilter::Suggested);
        };
        let none = [0usize; 0];
        assert_eq!(apply(&suggested_cat, Order::Name), none, "only a dog is");
        let raw = |f: &mut Filter| f.quick.kind = Some(FileKind::Raw);
        assert_eq!(apply(&raw, Order::Name), none);
        let camera = |f: &mut Filter| f.quick.camera = Some("gone".into());
        assert_eq!(apply(&camera, Order::Name), none);
        assert_eq!(apply(&query("tag:horse"), Order::Name), [0usize; 0]);
        let found = [(3, 0.9), (9, 0.8), (1, 0.7)].map(|(photo, s)| (PhotoId::new(photo), s));
        let hits = |f: &mut Filter| (f.hits, f.relevant) = (Some(found.to_vec()), 3);
        assert_eq!(apply(&hits, Order::Name), [2, 0], "the nearest first");
    }
}
