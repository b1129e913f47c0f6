//! Queries on the library's content.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ToSql, params};

use crate::core::ids::{FolderId, ModelId, PhotoId};
use crate::core::photo::Presence;
use crate::store::decisions;
use crate::store::files::presence_of;
use crate::store::ids::json_list;
use crate::store::{Stacks, Store, StoreError, TagState, TaggedFile, TaggedLabel, Verdict, paths};

/// The number of files by progress. `photos` is the sum of `embedded`, `waiting` and `failed`;
/// missing files are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files that exist, or existed when their folder was last available.
    pub(crate) photos: usize,
    /// Of those, the files with an embedding of the model.
    pub embedded: usize,
    /// Of those, the files still to be read, decoded or embedded.
    pub(crate) waiting: usize,
    /// Of those, the files that cannot be read or decoded.
    pub(crate) failed: usize,
    /// Of `photos`, the files of which a part of the picture is missing.
    pub(crate) incomplete: usize,
    /// Of `photos`, the files in folders that are not available.
    pub(crate) offline: usize,
    /// Missing files, kept in case they turn up elsewhere.
    pub(crate) missing: usize,
    /// How many photos show what is usual for the model's labels; 0 until the library is complete
    /// and large enough.
    pub(crate) scale_photos: usize,
}

/// The files of a photo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places {
    /// The present ones.
    pub(crate) present: Vec<PathBuf>,
    /// Those that are not available now.
    pub(crate) elsewhere: Vec<PathBuf>,
}

/// A file that cannot be read or decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The file.
    pub(crate) path: PathBuf,
    /// A sentence that names the file.
    pub(crate) reason: String,
}

const FAILED: &str = "(files.error IS NOT NULL AND photo_id IS NULL) OR
                      (photos.error IS NOT NULL AND photos.error_version = :decoder)";

impl Store {
    /// Counts files by their progress with `model`; `None` is a model that has embedded nothing
    /// yet.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn summary(
        &self,
        model: Option<ModelId>,
        decoder_version: i64,
    ) -> Result<Summary, StoreError> {
        let sql = format!(
            "SELECT presence, EXISTS (SELECT 1 FROM embeddings e WHERE e.photo_id = files.photo_id
                                      AND e.model_id = :model) AS embedded,
                    ({FAILED}) AS failed, coalesce(incomplete, 0), count(*)
             FROM files LEFT JOIN photos ON photos.id = photo_id
             GROUP BY 1, 2, 3, 4"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(
            &[
                (":model", &model as &dyn ToSql),
                (":decoder", &decoder_version),
            ][..],
        )?;
        let scale = model.map(|model| self.scale_photos(model)).transpose()?;
        let mut summary = Summary {
            scale_photos: scale.flatten().map_or(0, |s| s.count),
            ..Summary::default()
        };
        while let Some(row) = rows.next()? {
            let presence = presence_of(row.get(0)?);
            let (embedded, failed): (bool, Option<bool>) = (row.get(1)?, row.get(2)?);
            let incomplete: bool = row.get(3)?;
            let count = row.get::<_, i64>(4)? as usize;
            if presence == Presence::Missing {
                summary.missing += count;
                continue;
            }
            summary.photos += count;
            if presence == Presence::Offline {
                summary.offline += count;
            }
            if embedded && incomplete {
                summary.incomplete += count;
            }
            match (embedded, failed == Some(true)) {
                (true, _) => summary.embedded += count,
                (false, true) => summary.failed += count,
                (false, false) => summary.waiting += count,
            }
        }
        Ok(summary)
    }

    /// Returns the files below `below` that cannot be read or decoded, by path.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn failures(
        &self,
        below: &Path,
        model: Option<ModelId>,
        decoder_version: i64,
    ) -> Result<Vec<Failure>, StoreError> {
        let sql = format!(
            "SELECT path, files.error, photos.error
             FROM files LEFT JOIN photos ON photos.id = photo_id
             WHERE presence != 1 AND ({FAILED}) AND path >= :first AND path < :end
               AND NOT EXISTS (SELECT 1 FROM embeddings e WHERE e.photo_id = files.photo_id
                               AND e.model_id = :model)
             ORDER BY path"
        );
        let (first, end) = paths::range_below(below);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(
            &[
                (":decoder", &decoder_version as &dyn ToSql),
                (":first", &first),
                (":end", &end),
                (":model", &model),
            ][..],
            |row| {
                let path = paths::from_bytes(row.get(0)?);
                // Only the fault is stored with the content, because several files may have it.
                let reason = match (
                    row.get::<_, Option<String>>(1)?,
                    row.get::<_, Option<String>>(2)?,
                ) {
                    (_, Some(fault)) => format!("cannot read {}: {fault}", path.display()),
                    (reason, None) => reason.unwrap_or_default(),
                };
                Ok(Failure { path, reason })
            },
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Passes the files at and below `path` with their labels to `take`, in the order of their
    /// paths, without missing files. The files of a stack of `stacks` have the labels of the stack.
    /// Returns their number.
    ///
    /// # Errors
    /// If the library cannot be read, or `take` fails.
    pub(crate) fn each_tagged<E: From<StoreError>>(
        &self,
        stacks: &Stacks,
        path: Option<&Path>,
        mut take: impl FnMut(TaggedFile) -> Result<(), E>,
    ) -> Result<usize, E> {
        self.each_file(path, |mut file| {
            file.stack = stacks.of(&file.path).to_vec();
            if file.photo_id.is_some() {
                file.tags = self.tags_of_all(&file.photos())?;
            }
            take(file)
        })
    }

    /// Passes the files at and below `path` to `take`, in the order of their paths, without missing
    /// files, labels and stacks. Returns their number.
    ///
    /// # Errors
    /// If the library cannot be read, or `take` fails.
    pub(crate) fn each_file<E: From<StoreError>>(
        &self,
        path: Option<&Path>,
        mut take: impl FnMut(TaggedFile) -> Result<(), E>,
    ) -> Result<usize, E> {
        let (first, end) = path.map_or_else(|| (Vec::new(), vec![0xff]), paths::range_below);
        let itself = path.map(|p| paths::to_bytes(p).to_vec());
        let sql = "SELECT path, photo_id, presence, modified_ns FROM files
                   WHERE presence != 1 AND ((path >= ?1 AND path < ?2) OR path = ?3)
                   ORDER BY path";
        let mut statement = prepare(&self.connection, sql)?;
        let mut rows = statement
            .query(params![first, end, itself])
            .map_err(StoreError::from)?;
        let mut count = 0;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            count += 1;
            take(file(row).map_err(StoreError::from)?)?;
        }
        Ok(count)
    }

    /// Returns a content's labels, in the order of [`TaggedFile::tags`], within [`Store::max_tags`],
    /// whatever stack its files are in.
    ///
    /// # Errors
    /// If the library cannot be read.
    #[cfg(test)]
    pub(crate) fn tags_of(&self, photo: PhotoId) -> Result<Vec<TaggedLabel>, StoreError> {
        self.tags_of_all(&[photo])
    }

    /// Returns a content's labels in no order, with none left out.
    pub(super) fn all_tags_of(&self, photo: PhotoId) -> Result<Vec<TaggedLabel>, StoreError> {
        let sql = "SELECT labels.id, labels.name, t.score, t.confidence, t.accepted,
                          d.accepted, d.origin, d.decided_ms
                   FROM (SELECT label_id FROM tags WHERE photo_id = ?1
                         UNION SELECT label_id FROM intact_decisions WHERE photo_id = ?1) both
                   JOIN intact_labels labels ON labels.id = both.label_id
                   LEFT JOIN tags t ON t.label_id = both.label_id AND t.photo_id = ?1
                   LEFT JOIN intact_decisions d ON d.label_id = both.label_id AND d.photo_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([photo], tagged_label)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the files of a photo.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn places_of(&self, photo: PhotoId) -> Result<Places, StoreError> {
        let mut places = self.places_of_each(&[photo])?;
        Ok(places.remove(&photo).unwrap_or_default())
    }

    /// Returns the files of some photos, in the order of their paths. Photos without files are left
    /// out.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn places_of_each(
        &self,
        photos: &[PhotoId],
    ) -> Result<HashMap<PhotoId, Places>, StoreError> {
        let sql = "SELECT photo_id, path, presence = 0 FROM files
                   WHERE photo_id IN (SELECT value FROM json_each(?1)) AND presence != 1
                   ORDER BY path";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([json_list(photos)])?;
        let mut all: HashMap<PhotoId, Places> = HashMap::new();
        while let Some(row) = rows.next()? {
            let places = all.entry(row.get(0)?).or_default();
            let list = if row.get(2)? {
                &mut places.present
            } else {
                &mut places.elsewhere
            };
            list.push(paths::from_bytes(row.get(1)?));
        }
        Ok(all)
    }

    /// Returns the photos with at least one file that is not missing.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn photos_with_files(&self) -> Result<HashSet<PhotoId>, StoreError> {
        let sql = "SELECT photo_id FROM files WHERE presence != 1 AND photo_id IS NOT NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Counts the files of a folder that are not missing.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn count_files(&self, folder_id: FolderId) -> Result<usize, StoreError> {
        let sql = "SELECT count(*) FROM files WHERE folder_id = ?1 AND presence != 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let count: i64 = statement.query_row([folder_id], |row| row.get(0))?;
        Ok(count as usize)
    }

    /// Returns the photo at `path`.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn photo_at(&self, path: &Path) -> Result<Option<PhotoId>, StoreError> {
        let sql = "SELECT photo_id FROM files WHERE path = ?1 AND presence != 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![paths::to_bytes(path)])?;
        match rows.next()? {
            Some(row) => Ok(row.get(0)?),
            None => Ok(None),
        }
    }

    /// Returns the files of a photo by path, without missing ones; those in unavailable folders
    /// come last.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn paths_of(&self, photo: PhotoId) -> Result<Vec<PathBuf>, StoreError> {
        let sql = "SELECT path FROM files WHERE photo_id = ?1 AND presence != 1
                   ORDER BY presence, path";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([photo], |row| row.get(0).map(paths::from_bytes))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn prepare<'a>(
    connection: &'a Connection,
    sql: &str,
) -> Result<rusqlite::CachedStatement<'a>, StoreError> {
    Ok(connection.prepare_cached(sql)?)
}

fn file(row: &rusqlite::Row<'_>) -> rusqlite::Result<TaggedFile> {
    Ok(TaggedFile {
        path: paths::from_bytes(row.get(0)?),
        photo_id: row.get(1)?,
        presence: presence_of(row.get(2)?),
        modified_ns: row.get(3)?,
        stack: Vec::new(),
        tags: Vec::new(),
    })
}

fn tagged_label(row: &rusqlite::Row<'_>) -> rusqlite::Result<TaggedLabel> {
    let score: Option<f32> = row.get(2)?;
    let confidence: Option<f32> = row.get(3)?;
    let decided: Option<bool> = row.get(5)?;
    let decision = match decided {
        Some(_) => Some(decisions::read(row, 5)?),
        None => None,
    };
    let given: Option<bool> = row.get(4)?;
    let state = match (decision.map(|d| d.verdict), given) {
        (Some(Verdict::Accepted), _) | (None, Some(true)) => TagState::Accepted,
        (Some(Verdict::Rejected), _) => TagState::Rejected,
        (None, _) => TagState::Suggested,
    };
    Ok(TaggedLabel {
        id: row.get(0)?,
        label: row.get(1)?,
        machine: score.zip(confidence),
        decision,
        state,
    })
}
