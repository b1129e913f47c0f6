//! The filters of `taglens search`.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use anyhow::Result;

use crate::cli::options::TimeOrder;
use crate::cli::path::shown;
use crate::core::capture::CaptureTime;
use crate::core::ids::{LabelId, PhotoId};
use crate::services::query::Query;
use crate::services::vocabulary_edit;
use crate::store::{OverviewFile, OverviewTag, Stacks, Store, TagState, join};

/// A photo that passes the filters.
pub(super) struct Found {
    pub(super) photo: PhotoId,
    /// Its files of the same bytes that pass them.
    pub(super) paths: Vec<PathBuf>,
    pub(super) time: CaptureTime,
}

/// Puts found files together by their photos.
pub(super) fn by_photo(found: Vec<Found>) -> HashMap<PhotoId, Vec<Found>> {
    let mut of_photos: HashMap<PhotoId, Vec<Found>> = HashMap::new();
    for found in found {
        of_photos.entry(found.photo).or_default().push(found);
    }
    of_photos
}

/// The filters of a query.
pub(super) struct Filter<'a> {
    pub(super) store: &'a Store,
    pub(super) query: &'a Query,
    stacks: Stacks,
    /// For each label that is wanted, and each that is not: the photos with it.
    with: Vec<HashSet<PhotoId>>,
    without: Vec<HashSet<PhotoId>>,
}

impl<'a> Filter<'a> {
    pub(super) fn new(store: &'a Store, query: &'a Query) -> Result<Self> {
        let stacks = store.stacks(&[])?;
        Ok(Self {
            store,
            query,
            with: with_labels(store, &stacks, &query.tags)?,
            without: with_labels(store, &stacks, &query.without)?,
            stacks,
        })
    }

    /// Whether more than labels are asked for.
    pub(super) fn looks_at_files(&self) -> bool {
        !self.query.folders.is_empty() || !self.query.dates.is_empty()
    }

    pub(super) fn has_labels(&self, photo: PhotoId) -> bool {
        self.with.iter().all(|photos| photos.contains(&photo))
            && !self.without.iter().any(|photos| photos.contains(&photo))
    }

    /// Whether folder and day pass. Naming both for a million files takes a second.
    fn has_place(&self, file: &OverviewFile) -> bool {
        let folder = || file.path.parent().map(shown).unwrap_or_default();
        (self.query.folders.is_empty() || self.query.has_folder(&folder()))
            && (self.query.dates.is_empty() || self.query.has_day(&file.captured.time.day()))
    }

    /// The photos of `files` that pass the filters, in the order of their paths or of
    /// `sort`. Copies with other metadata, which may have another capture time, are found separately. A
    /// stack is found by its face.
    pub(super) fn found(&self, files: Vec<OverviewFile>, sort: Option<TimeOrder>) -> Vec<Found> {
        let mut all: Vec<Found> = Vec::new();
        let mut places = HashMap::new();
        for file in files {
            let Some(photo) = file.photo_id else {
                continue;
            };
            if self.stacks.hides(&file.path) || !self.has_labels(photo) || !self.has_place(&file) {
                continue;
            }
            let next = all.len();
            let at = *places.entry((photo, file.own_hash)).or_insert(next);
            match all.get_mut(at) {
                Some(found) => found.paths.push(file.path),
                None => all.push(Found {
                    photo,
                    paths: vec![file.path],
                    time: file.captured.time,
                }),
            }
        }
        if let Some(order) = sort {
            order.sort(&mut all, |found| found.time);
        }
        all
    }
}

/// For each label, the photos with it, applied or suggested. What was decided on another file of a
/// stack counts for its face.
fn with_labels(store: &Store, stacks: &Stacks, names: &[String]) -> Result<Vec<HashSet<PhotoId>>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let tags = store.overview_tags(None)?;
    let photos = |name: &String| {
        let id: Option<LabelId> = match vocabulary_edit::find(store, name)? {
            Some(label) => store.label(&label)?,
            None => store.label(name)?,
        };
        let with = tags.iter().filter(|t| Some(t.label) == id);
        let mut with: HashMap<PhotoId, OverviewTag> = with.map(|t| (t.photo_id, *t)).collect();
        for (face, others) in stacks.photos() {
            for other in others {
                let tag = with.get(&other).copied();
                let tag = tag.and_then(|other| join(with.get(&face).copied(), &other));
                with.extend(tag.map(|tag| (face, tag)));
            }
        }
        with.retain(|_, tag| tag.state != TagState::Rejected);
        Ok(with.into_keys().collect())
    };
    names.iter().map(photos).collect()
}
