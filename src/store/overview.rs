//! Reads the whole library for display.

use std::collections::{HashMap, HashSet};

use rusqlite::Row;

use crate::core::capture::Captured;
use crate::core::ids::{FileId, FolderId, LabelId, PhotoId};
use crate::core::photo::{ContentHash, Presence};
use crate::store::about;
use crate::store::files::presence_of;
use crate::store::ids::{is_listed, json_list};
use crate::store::{Store, StoreError, TagState, paths};

/// A file, with what a list shows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OverviewFile {
    /// Its number.
    pub(crate) id: FileId,
    /// Where it lies.
    pub(crate) path: std::path::PathBuf,
    /// The folder of the library that it belongs to.
    pub(crate) folder_id: FolderId,
    /// When the photo was taken; a guess if nothing says it.
    pub(crate) captured: Captured,
    /// The file's length.
    pub(crate) size_bytes: u64,
    /// Whether the file is present.
    pub(crate) presence: Presence,
    /// Its photo; `None` if it was not read yet.
    pub(crate) photo_id: Option<PhotoId>,
    /// Of the file in which its photo was first seen; `None` if it was not read yet.
    pub(crate) hash: Option<ContentHash>,
    /// Of its own bytes, if they are others: a copy with other metadata.
    pub(crate) own_hash: Option<ContentHash>,
    /// Whether it cannot be read or decoded.
    pub(crate) failed: bool,
    /// The camera.
    pub(crate) camera: Option<String>,
    /// Whether a part of its picture is missing.
    pub(crate) incomplete: bool,
}

/// A label on a photo, including the user's decision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct OverviewTag {
    /// The photo.
    pub(crate) photo_id: PhotoId,
    /// The label.
    pub(crate) label: LabelId,
    /// The machine's confidence; `None` if there is only a decision.
    pub(crate) confidence: Option<f32>,
    /// Whether the machine alone would apply it.
    pub(crate) given: bool,
    /// The state from machine and user.
    pub(crate) state: TagState,
    /// When the user decided, in milliseconds since 1970-01-01 UTC; `None` if the user did not.
    pub(crate) decided_ms: Option<i64>,
}

/// The first files by path, with their photos; by the index, which ends early.
const FIRST: &str = "SELECT id, photo_id FROM files INDEXED BY sqlite_autoindex_files_1
                     WHERE presence != 1 AND photo_id IS NOT NULL ORDER BY path LIMIT ?1";

impl Store {
    /// Runs several reads on one state of the library, whatever is written meanwhile.
    ///
    /// # Errors
    /// If the library cannot be read, or `read` fails.
    pub(crate) fn at_one_moment<T, E: From<StoreError>>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let wrap = |error: rusqlite::Error| E::from(StoreError::from(error));
        let transaction = self.connection.unchecked_transaction().map_err(wrap)?;
        let found = read(self)?;
        transaction.finish().map_err(wrap)?;
        Ok(found)
    }

    /// Returns all files that are not missing, by path.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn overview_files(&self) -> Result<Vec<OverviewFile>, StoreError> {
        let mut files = Vec::new();
        self.each_overview_file(|file| files.push(file))?;
        Ok(files)
    }

    /// Passes all files that are not missing to `take`, by path: a list of a million takes 300 MB.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn each_overview_file(
        &self,
        take: impl FnMut(OverviewFile),
    ) -> Result<(), StoreError> {
        self.overview(None, take)
    }

    /// Returns the files of some photos that are not missing, by path.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn overview_files_of(
        &self,
        photos: &[PhotoId],
    ) -> Result<Vec<OverviewFile>, StoreError> {
        let mut files = Vec::new();
        self.overview(Some(json_list(photos)), |file| files.push(file))?;
        Ok(files)
    }

    /// Returns the first files by path that are not missing and were read, at most `most`: a page that a
    /// large library can show while the rest is read.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn first_overview_files(
        &self,
        most: usize,
    ) -> Result<Vec<OverviewFile>, StoreError> {
        let mut statement = self.connection.prepare_cached(FIRST)?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let first = statement.query_map([most], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let first: Vec<(FileId, PhotoId)> = first.collect::<Result<_, _>>()?;
        let photos: Vec<PhotoId> = first.iter().map(|(_, photo)| *photo).collect();
        let ids: HashSet<FileId> = first.into_iter().map(|(file, _)| file).collect();
        // Other files of these photos may lie in folders further down.
        let mut files = self.overview_files_of(&photos)?;
        files.retain(|file| ids.contains(&file.id));
        Ok(files)
    }

    /// Whether there are so many files that reading them all takes a while.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn has_files(&self, many: usize) -> Result<bool, StoreError> {
        let sql = "SELECT coalesce(max(id), 0) FROM files";
        let last: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
        Ok(usize::try_from(last).is_ok_and(|last| last >= many))
    }

    fn overview(
        &self,
        photos: Option<String>,
        mut take: impl FnMut(OverviewFile),
    ) -> Result<(), StoreError> {
        let of_photos = is_listed("files.photo_id", photos.as_deref());
        let sql = format!(
            "SELECT files.id, path, folder_id, modified_ns, size_bytes, presence, files.photo_id,
                    photos.hash, coalesce(files.error, photos.error) IS NOT NULL,
                    captured_ms, captured_offset_min, captured_from, camera,
                    coalesce(incomplete, 0), files.hash
             FROM files LEFT JOIN photos ON photos.id = files.photo_id
             LEFT JOIN about ON about.photo_id = files.photo_id AND about.file_id = {}
             WHERE presence != 1 AND {of_photos} ORDER BY path",
            about::OF_FILE
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let sidecars = self.captured_by_sidecars(photos.as_deref())?;
        let file = |row: &Row<'_>| {
            let path = paths::from_bytes(row.get(1)?);
            let photo_id: Option<PhotoId> = row.get(6)?;
            let modified_ns = row.get(3)?;
            let own_hash: Option<[u8; 32]> = row.get(14)?;
            let by_sidecar = photo_id.and_then(|photo| sidecars.get(&(photo, own_hash)).copied());
            let captured = by_sidecar.or(about::captured(row, 9)?);
            Ok(OverviewFile {
                id: row.get(0)?,
                captured: captured.unwrap_or_else(|| Captured::guess(&path, modified_ns)),
                path,
                folder_id: row.get(2)?,
                size_bytes: row.get::<_, i64>(4)?.unsigned_abs(),
                presence: presence_of(row.get(5)?),
                photo_id,
                hash: row.get::<_, Option<[u8; 32]>>(7)?.map(ContentHash::new),
                own_hash: own_hash.map(ContentHash::new),
                failed: row.get(8)?,
                camera: row.get(12)?,
                incomplete: row.get(13)?,
            })
        };
        for file in statement.query_map([photos], file)? {
            take(file?);
        }
        Ok(())
    }

    /// Returns all labels of some photos, or of all.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn overview_tags(
        &self,
        photos: Option<&[PhotoId]>,
    ) -> Result<Vec<OverviewTag>, StoreError> {
        let photos = photos.map(json_list);
        let of_photos = is_listed("photo_id", photos.as_deref());
        // Joined here, because a database join looks up each of several hundred thousand tags by
        // its photo, which takes many times as long as reading both in order.
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT photo_id, label_id, accepted, decided_ms FROM intact_decisions WHERE {of_photos}"
        ))?;
        let decision = |row: &Row<'_>| {
            let key: (PhotoId, LabelId) = (row.get(0)?, row.get(1)?);
            let decision: (bool, i64) = (row.get(2)?, row.get(3)?);
            Ok((key, decision))
        };
        let decisions = statement.query_map([&photos], decision)?;
        let mut decisions: HashMap<(PhotoId, LabelId), (bool, i64)> =
            decisions.collect::<Result<_, _>>()?;
        let tag =
            |photo_id, label, confidence, given: Option<bool>, decided: Option<(bool, i64)>| {
                OverviewTag {
                    photo_id,
                    label,
                    confidence,
                    given: given == Some(true),
                    state: match (decided.map(|(accepted, _)| accepted), given) {
                        (Some(true), _) | (None, Some(true)) => TagState::Accepted,
                        (Some(false), _) => TagState::Rejected,
                        (None, _) => TagState::Suggested,
                    },
                    decided_ms: decided.map(|(_, at_ms)| at_ms),
                }
            };
        let index = match photos {
            Some(_) => "INDEXED BY tags_by_photo",
            None => "NOT INDEXED",
        };
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT photo_id, label_id, confidence, accepted FROM tags {index} WHERE {of_photos}"
        ))?;
        let machine = |row: &Row<'_>| {
            let (photo, label) = (row.get(0)?, row.get(1)?);
            let decided = decisions.remove(&(photo, label));
            Ok(tag(photo, label, row.get(2)?, Some(row.get(3)?), decided))
        };
        let tags = statement.query_map([&photos], machine)?;
        let mut tags: Vec<OverviewTag> = tags.collect::<Result<_, _>>()?;
        let rest = decisions.into_iter();
        tags.extend(rest.map(|((photo, label), yes)| tag(photo, label, None, None, Some(yes))));
        Ok(tags)
    }

    /// Returns all labels, by id.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn label_names(&self) -> Result<Vec<(LabelId, String)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, name FROM intact_labels ORDER BY id")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
