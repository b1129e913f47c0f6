//! Files: the paths of photos.

use std::path::Path;

use rusqlite::{Row, params};

use crate::core::ids::{FileId, FolderId, ModelId};
use crate::core::photo::{ContentHash, FileStamp, KnownFile, Presence};
use crate::store::{Store, StoreError, Writer, paths};

/// The value in the table.
pub(super) fn presence_number(presence: Presence) -> i64 {
    match presence {
        Presence::Present => 0,
        Presence::Missing => 1,
        Presence::Offline => 2,
    }
}

pub(super) fn presence_of(number: i64) -> Presence {
    match number {
        0 => Presence::Present,
        1 => Presence::Missing,
        _ => Presence::Offline,
    }
}

const COLUMNS: &str = "files.id, files.path, files.size_bytes, files.modified_ns, \
                       coalesce(files.hash, photos.hash), files.presence";

/// The previous content of a file that must be read again: the latest that could be decoded.
const PREVIOUS: &str = "coalesce((SELECT id FROM photos WHERE id = photo_id AND error IS NULL),
                                 previous_id, photo_id)";

fn known_file(row: &Row<'_>) -> rusqlite::Result<KnownFile> {
    let hash: Option<[u8; 32]> = row.get(4)?;
    Ok(KnownFile {
        id: row.get(0)?,
        path: paths::from_bytes(row.get(1)?),
        stamp: FileStamp {
            size_bytes: row.get::<_, i64>(2)? as u64,
            modified_ns: row.get(3)?,
        },
        hash: hash.map(ContentHash::new),
        presence: presence_of(row.get(5)?),
    })
}

impl Store {
    /// Returns the files of a folder in the order of their paths; with `below`, only those at and
    /// below it.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub fn files(
        &self,
        folder_id: FolderId,
        below: Option<&Path>,
    ) -> Result<Vec<KnownFile>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM files LEFT JOIN photos ON photos.id = photo_id
             WHERE folder_id = ?1 AND (?2 IS NULL OR path = ?2 OR (path >= ?3 AND path < ?4))
             ORDER BY path"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let itself = below.map(|b| paths::to_bytes(b).to_vec());
        let (first, end) = below.map(paths::range_below).unwrap_or_default();
        let rows = statement.query_map(params![folder_id, itself, first, end], known_file)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the present files of active folders that need work, in the order of their paths:
    /// those not read yet, and those with content that has neither an embedding of `model` nor a
    /// verdict of the decoder of `decoder_version`.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn waiting(
        &self,
        model: ModelId,
        decoder_version: i64,
    ) -> Result<Vec<KnownFile>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM files
             JOIN folders ON folders.id = folder_id
             LEFT JOIN photos ON photos.id = photo_id
             WHERE presence = 0 AND NOT folders.paused AND (photo_id IS NULL OR
                (NOT EXISTS (SELECT 1 FROM embeddings e
                             WHERE e.photo_id = files.photo_id AND e.model_id = ?1)
                 AND (photos.error IS NULL OR photos.error_version != ?2)))
             ORDER BY files.path"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params![model, decoder_version], known_file)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Returns the stamp with which the file at `path` was read; `None` if it is not known, or was
    /// not read yet.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn stamp_at(&self, path: &Path) -> Result<Option<FileStamp>, StoreError> {
        let sql = "SELECT size_bytes, modified_ns FROM files
                   WHERE path = ?1 AND photo_id IS NOT NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([paths::to_bytes(path)])?;
        Ok(match rows.next()? {
            Some(row) => Some(FileStamp {
                size_bytes: row.get::<_, i64>(0)? as u64,
                modified_ns: row.get(1)?,
            }),
            None => None,
        })
    }
}

impl Writer<'_> {
    /// Sets the stamp of a file that Taglens has written itself: it is still a file of its photo.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_stamp(&self, path: &Path, stamp: FileStamp) -> Result<(), StoreError> {
        let sql = "UPDATE files SET size_bytes = ?2, modified_ns = ?3
                   WHERE path = ?1 AND photo_id IS NOT NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let path = paths::to_bytes(path);
        statement.execute(params![path, stamp.size_bytes as i64, stamp.modified_ns])?;
        Ok(())
    }

    /// Adds a file. If the path is known (from a folder that was removed and added again), its
    /// entry is reused.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub fn add_file(
        &self,
        folder_id: FolderId,
        path: &Path,
        stamp: FileStamp,
    ) -> Result<FileId, StoreError> {
        let sql = format!(
            "INSERT INTO files (folder_id, path, size_bytes, modified_ns)
                   VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (path) DO UPDATE SET folder_id = ?1, presence = 0,
                       previous_id = {PREVIOUS}, photo_id = NULL, hash = NULL, error = NULL,
                       size_bytes = ?3, modified_ns = ?4
                   RETURNING id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let bytes = paths::to_bytes(path);
        let size = stamp.size_bytes as i64;
        let values = params![folder_id, bytes, size, stamp.modified_ns];
        Ok(statement.query_row(values, |row| row.get(0))?)
    }

    /// Records that the file's content has changed and must be read again.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn edit_file(&self, id: FileId, stamp: FileStamp) -> Result<(), StoreError> {
        let sql = format!(
            "UPDATE files SET size_bytes = ?2, modified_ns = ?3, presence = 0,
                       previous_id = {PREVIOUS}, photo_id = NULL, hash = NULL, error = NULL
                   WHERE id = ?1"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement.execute(params![id, stamp.size_bytes as i64, stamp.modified_ns])?;
        Ok(())
    }

    /// Records that the file is back. If its stamp has changed, it must be read again.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn return_file(&self, id: FileId, stamp: FileStamp) -> Result<(), StoreError> {
        // A file that could not be read may have been unavailable at the time.
        let sql = "UPDATE files SET presence = 0, error = NULL
                   WHERE id = ?1 AND size_bytes = ?2 AND modified_ns = ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        match statement.execute(params![id, stamp.size_bytes as i64, stamp.modified_ns])? {
            0 => self.edit_file(id, stamp),
            _ => Ok(()),
        }
    }

    /// Sets whether the file is present.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_presence(&self, id: FileId, presence: Presence) -> Result<(), StoreError> {
        let sql = "UPDATE files SET presence = ?2 WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![id, presence_number(presence)])?;
        Ok(())
    }
}
