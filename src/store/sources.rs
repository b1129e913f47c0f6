//! The sources of photos' keywords, and what is remembered of each.
//!
//! A source belongs to a photo, so its memory follows the photo's file. Records are opaque texts of
//! the sidecar room.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::{Row, params};

use crate::core::capture::CaptureTime;
use crate::core::ids::{FileId, LabelId, PhotoId, SourceId};
use crate::core::photo::FileStamp;
use crate::store::about;
use crate::store::ids::json_list;
use crate::store::runs::meta;
use crate::store::{Store, StoreError, Writer, paths};

/// The role of a keyword in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Role {
    /// The user's, as last seen.
    Seen,
    /// Written by Taglens.
    Written,
    /// Written by Taglens, and moved by the user.
    Moved,
    /// Written by Taglens and removed, which is not decided yet.
    Removed,
    /// Called Taglens's by the source itself.
    Marked,
}

impl Role {
    fn number(self) -> i64 {
        match self {
            Self::Seen => 1,
            Self::Written => 2,
            Self::Moved => 3,
            Self::Removed => 4,
            Self::Marked => 5,
        }
    }

    fn of(number: i64) -> Self {
        match number {
            1 => Self::Seen,
            2 => Self::Written,
            3 => Self::Moved,
            4 => Self::Removed,
            _ => Self::Marked,
        }
    }
}

/// The state of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SourceState {
    /// It was not read yet.
    Unread,
    /// It was read.
    Read,
    /// It was absent at the last look.
    Absent,
}

/// A source as the library knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceRow {
    /// Its id; `None` if the library does not have it yet.
    pub(crate) id: Option<SourceId>,
    /// The photo.
    pub(crate) photo_id: PhotoId,
    /// The photo's file that it belongs to; empty for the source inside the photo's only file.
    pub(crate) owner: PathBuf,
    /// 0 inside the photo, 1 `IMG.JPG.xmp`, 2 `IMG.xmp`.
    pub(crate) kind: i64,
    /// The sidecar; empty for the source inside the photo.
    pub(crate) path: PathBuf,
    /// Its state.
    pub(crate) state: SourceState,
    /// The file system's stamp when it was last read.
    pub(crate) stamp: Option<FileStamp>,
    /// The digest of the bytes last read or written.
    pub(crate) digest: String,
    /// The record of what Taglens wrote, an opaque text.
    pub(crate) record: Option<String>,
    /// The capture time from a sidecar.
    pub(crate) captured: Option<CaptureTime>,
    /// Its keywords: role, names with `|` between them, and label.
    pub(crate) keywords: Vec<(Role, String, String)>,
}

/// A present file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReadFile {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// Its photo.
    pub(crate) photo: PhotoId,
    /// If it is the only file of its photo, and the photo has no other source than the one inside it:
    /// the stamp with which that was read.
    pub(crate) lone: Option<FileStamp>,
}

const COLUMNS: &str = "id, photo_id, owner, kind, path, state, size_bytes, modified_ns, digest, \
                       record, captured_ms, captured_offset_min";

/// Reads a stamp from two successive columns.
fn stamp(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<FileStamp>> {
    let size: Option<i64> = row.get(first)?;
    let modified_ns: Option<i64> = row.get(first + 1)?;
    Ok(size.zip(modified_ns).map(|(size, modified_ns)| FileStamp {
        size_bytes: size as u64,
        modified_ns,
    }))
}

fn source(row: &Row<'_>) -> rusqlite::Result<SourceRow> {
    Ok(SourceRow {
        id: row.get(0)?,
        photo_id: row.get(1)?,
        owner: paths::from_bytes(row.get(2)?),
        kind: row.get(3)?,
        path: paths::from_bytes(row.get(4)?),
        state: match row.get(5)? {
            1 => SourceState::Read,
            2 => SourceState::Absent,
            _ => SourceState::Unread,
        },
        stamp: stamp(row, 6)?,
        digest: row.get(8)?,
        record: row.get(9)?,
        captured: about::time(row, 10)?,
        keywords: Vec::new(),
    })
}

/// The key of the list of other programs' notes.
const BOOKKEEPING: &str = "bookkeeping";

impl Writer<'_> {
    /// Sets the list that [`Store::bookkeeping`] returns, and makes every source be read again.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub fn set_bookkeeping(&self, text: &str) -> Result<(), StoreError> {
        self.set_meta(BOOKKEEPING, text)?;
        // A sidecar without a stamp is read again, and so is a source inside a photo that is marked
        // as unread.
        let sql = "UPDATE sources SET size_bytes = NULL, modified_ns = NULL,
                       state = iif(kind = 0, 0, state)";
        self.connection.execute(sql, [])?;
        Ok(())
    }
}

impl Store {
    /// Returns the list of keywords that are other programs' notes, an opaque text; `None` if the
    /// user never edited it.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub fn bookkeeping(&self) -> Result<Option<String>, StoreError> {
        meta(&self.connection, BOOKKEEPING)
    }

    /// Returns the sources of a photo, the one inside it first.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn sources(&self, photo: PhotoId) -> Result<Vec<SourceRow>, StoreError> {
        let mut sources = self.sources_of_each(&[photo])?;
        Ok(sources.remove(&photo).unwrap_or_default())
    }

    /// Returns the sources of some photos, for each the one inside it first. Photos without sources
    /// are left out.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn sources_of_each(
        &self,
        photos: &[PhotoId],
    ) -> Result<HashMap<PhotoId, Vec<SourceRow>>, StoreError> {
        let photos = json_list(photos);
        let sql = "SELECT source_id, role, keyword, labels.name FROM source_keywords
                   JOIN labels ON labels.id = label_id
                   WHERE source_id IN (SELECT id FROM sources
                       WHERE photo_id IN (SELECT value FROM json_each(?1)))
                   ORDER BY role, keyword";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([&photos])?;
        let mut keywords: HashMap<SourceId, Vec<(Role, String, String)>> = HashMap::new();
        while let Some(row) = rows.next()? {
            let of_source = keywords.entry(row.get(0)?).or_default();
            of_source.push((Role::of(row.get(1)?), row.get(2)?, row.get(3)?));
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM sources WHERE photo_id IN (SELECT value FROM json_each(?1))
             ORDER BY kind != 0, id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut all: HashMap<PhotoId, Vec<SourceRow>> = HashMap::new();
        for row in statement.query_map([&photos], source)? {
            let mut row = row?;
            row.keywords = row
                .id
                .and_then(|id| keywords.remove(&id))
                .unwrap_or_default();
            all.entry(row.photo_id).or_default().push(row);
        }
        Ok(all)
    }

    /// Returns the present files below `path` that were read.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn read_files_below(&self, path: &Path) -> Result<Vec<ReadFile>, StoreError> {
        let sql = "SELECT f.path, f.photo_id, s.size_bytes, s.modified_ns
                   FROM files f LEFT JOIN sources s ON s.photo_id = f.photo_id AND s.owner = x''
                       AND s.kind = 0 AND s.path = x'' AND s.state = 1
                       AND NOT EXISTS (SELECT 1 FROM files o WHERE o.photo_id = f.photo_id
                                       AND o.id != f.id AND o.presence != 1)
                       AND NOT EXISTS (SELECT 1 FROM sources o WHERE o.photo_id = f.photo_id
                                       AND (o.kind != 0 OR o.owner != x''))
                   WHERE f.presence = 0 AND f.photo_id IS NOT NULL AND f.path >= ?1 AND f.path < ?2";
        let (first, end) = paths::range_below(path);
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![first, end], |row| {
            Ok(ReadFile {
                path: paths::from_bytes(row.get(0)?),
                photo: row.get(1)?,
                lone: stamp(row, 2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the current place of a source: its owner and its path.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn source_place(
        &self,
        id: SourceId,
    ) -> Result<Option<(PathBuf, PathBuf)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT owner, path FROM sources WHERE id = ?1")?;
        let mut rows = statement.query([id])?;
        Ok(match rows.next()? {
            Some(row) => Some((
                paths::from_bytes(row.get(0)?),
                paths::from_bytes(row.get(1)?),
            )),
            None => None,
        })
    }

    /// Returns the present files of the photo that a source belongs to.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn files_of_source(&self, id: SourceId) -> Result<Vec<PathBuf>, StoreError> {
        let sql = "SELECT files.path FROM files JOIN sources USING (photo_id)
                   WHERE sources.id = ?1 AND presence = 0 ORDER BY files.path";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([id], |row| row.get(0).map(paths::from_bytes))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the source of the sidecar at `path`.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn source_at(&self, path: &Path) -> Result<Option<SourceId>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT max(id) FROM sources WHERE path = ?1")?;
        Ok(statement.query_row(params![paths::to_bytes(path)], |row| row.get(0))?)
    }
}

impl Writer<'_> {
    /// Stores a source with its keywords, and returns its id.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn keep_source(&self, source: &SourceRow) -> Result<SourceId, StoreError> {
        let state = match source.state {
            SourceState::Unread => 0,
            SourceState::Read => 1,
            SourceState::Absent => 2,
        };
        // It may have been found elsewhere, and another source added in its place.
        let sql =
            "DELETE FROM sources WHERE photo_id = ?1 AND owner = ?2 AND kind = ?3 AND id IS NOT ?4";
        let mut statement = self.connection.prepare_cached(sql)?;
        let owner = paths::to_bytes(&source.owner);
        statement.execute(params![source.photo_id, owner, source.kind, source.id])?;
        let sql = "INSERT INTO sources (id, photo_id, owner, kind, path, state, size_bytes,
                       modified_ns, digest, record, captured_ms, captured_offset_min)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
                   ON CONFLICT (id) DO UPDATE SET photo_id = ?2, owner = ?3, kind = ?4, path = ?5,
                       state = ?6, size_bytes = ?7, modified_ns = ?8, digest = ?9, record = ?10,
                       captured_ms = ?11, captured_offset_min = ?12
                   RETURNING id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let values = params![
            source.id,
            source.photo_id,
            owner,
            source.kind,
            paths::to_bytes(&source.path),
            state,
            source.stamp.map(|s| s.size_bytes as i64),
            source.stamp.map(|s| s.modified_ns),
            source.digest,
            source.record,
            source.captured.map(|t| t.wall_ms),
            source.captured.and_then(|t| t.offset_min)
        ];
        let id: SourceId = statement.query_row(values, |row| row.get(0))?;
        self.connection
            .prepare_cached("DELETE FROM source_keywords WHERE source_id = ?1")?
            .execute([id])?;
        let sql = "INSERT OR IGNORE INTO source_keywords (source_id, role, keyword, label_id)
                   VALUES (?1, ?2, ?3, ?4)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (role, keyword, label) in &source.keywords {
            let label: LabelId = self.label(label)?;
            statement.execute(params![id, role.number(), keyword, label])?;
        }
        Ok(id)
    }

    /// Moves the sources of a file to the photo that the file's content has become, and a copy of the
    /// one inside its photo if that is of no particular file.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(super) fn pass_on_sources(
        &self,
        file: FileId,
        previous: PhotoId,
        photo: PhotoId,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE OR REPLACE sources SET photo_id = ?3
                   WHERE photo_id = ?2 AND owner = (SELECT path FROM files WHERE id = ?1)";
        self.connection
            .execute(sql, params![file, previous, photo])?;
        // The source inside is read again.
        let sql = "INSERT OR IGNORE INTO sources (photo_id, owner, kind, path)
                   SELECT ?2, owner, kind, path FROM sources
                   WHERE photo_id = ?1 AND kind = 0 AND owner = x''";
        let made = self.connection.execute(sql, [previous, photo])?;
        if made > 0 {
            let sql = "INSERT OR IGNORE INTO source_keywords (source_id, role, keyword, label_id)
                       SELECT new.id, k.role, k.keyword, k.label_id
                       FROM sources new, sources old, source_keywords k
                       WHERE new.photo_id = ?2 AND new.kind = 0 AND new.owner = x''
                         AND old.photo_id = ?1 AND old.kind = 0 AND old.owner = x''
                         AND k.source_id = old.id";
            self.connection.execute(sql, [previous, photo])?;
        }
        Ok(())
    }
}
