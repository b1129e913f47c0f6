//! The journal of exports, and what Taglens has in each sidecar.
//!
//! Records and the like are texts of the sidecar part's, which alone understands them.

use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, Row, params};

use crate::core::photo::FileStamp;
use crate::store::{Store, StoreError, Writer, now_ms, paths};

/// A write into a sidecar, noted before it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportWrite {
    /// The sidecar.
    pub path: PathBuf,
    /// Its bytes before; `None` where there was none.
    pub before: Option<Vec<u8>>,
    /// The hash of what is written; `None` where the sidecar is deleted.
    pub after: Option<String>,
    /// What Taglens had in it before.
    pub previous: Option<String>,
    /// What Taglens has in it after.
    pub record: String,
}

const COLUMNS: &str = "path, before, after, previous, record";

fn write(row: &Row<'_>) -> rusqlite::Result<ExportWrite> {
    Ok(ExportWrite {
        path: paths::from_bytes(row.get(0)?),
        before: row.get(1)?,
        after: row.get(2)?,
        previous: row.get(3)?,
        record: row.get(4)?,
    })
}

impl Store {
    /// What Taglens has in the sidecar at `path`.
    ///
    /// # Errors
    /// Where the library cannot be read.
    pub fn sidecar_record(&self, path: &Path) -> Result<Option<String>, StoreError> {
        let sql = "SELECT record FROM sidecars WHERE path = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement
            .query_row(params![paths::to_bytes(path)], |row| row.get(0))
            .optional()?)
    }

    /// Writes that were noted and of which nobody said that they have happened, each with its
    /// export: what a killed export leaves.
    ///
    /// # Errors
    /// Where the library cannot be read.
    pub fn unsettled_writes(&self) -> Result<Vec<(i64, ExportWrite)>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS}, export_id FROM export_writes WHERE settled = 0 ORDER BY id");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(5)?, write(row)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The last export that was not undone.
    ///
    /// # Errors
    /// Where the library cannot be read.
    pub fn last_export(&self) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT max(id) FROM exports WHERE undone_ms IS NULL
                   AND id IN (SELECT export_id FROM export_writes)";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// The sidecars that an export wrote, the last first.
    ///
    /// # Errors
    /// Where the library cannot be read.
    pub fn export_writes(&self, export: i64) -> Result<Vec<ExportWrite>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM export_writes WHERE export_id = ?1 ORDER BY id DESC");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([export], write)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What the file system said of a sidecar when its keywords were last taken in.
    ///
    /// # Errors
    /// Where the library cannot be read.
    pub fn sidecar_stamp(&self, path: &Path) -> Result<Option<FileStamp>, StoreError> {
        let sql = "SELECT size_bytes, modified_ns FROM sidecar_stamps WHERE path = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let read = |row: &Row<'_>| {
            Ok(FileStamp {
                size_bytes: row.get::<_, i64>(0)? as u64,
                modified_ns: row.get(1)?,
            })
        };
        Ok(statement
            .query_row(params![paths::to_bytes(path)], read)
            .optional()?)
    }
}

impl Writer<'_> {
    /// Begins an export.
    ///
    /// # Errors
    /// Where the library cannot be written.
    pub fn begin_export(&self) -> Result<i64, StoreError> {
        let sql = "INSERT INTO exports (started_ms) VALUES (?1)";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.insert([now_ms()])?)
    }

    /// Notes a write that is about to happen. A second note on the same sidecar replaces what it
    /// becomes, and what it was where the write has not happened yet.
    ///
    /// # Errors
    /// Where the library cannot be written.
    pub fn note_write(&self, export: i64, write: &ExportWrite) -> Result<(), StoreError> {
        let sql = "INSERT INTO export_writes (export_id, path, before, after, previous, record)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT (export_id, path) DO UPDATE SET
                       before = iif(settled, before, ?3), previous = iif(settled, previous, ?5),
                       after = ?4, record = ?6, settled = 0";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![
            export,
            paths::to_bytes(&write.path),
            write.before,
            write.after,
            write.previous,
            write.record
        ])?;
        Ok(())
    }

    /// The write has happened: what Taglens has in the sidecar now is `record`, or nothing.
    ///
    /// # Errors
    /// Where the library cannot be written.
    pub fn settle_write(
        &self,
        export: i64,
        path: &Path,
        record: Option<&str>,
    ) -> Result<(), StoreError> {
        self.set_sidecar_record(path, record)?;
        let sql = "UPDATE export_writes SET settled = 1 WHERE export_id = ?1 AND path = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![export, paths::to_bytes(path)])?;
        Ok(())
    }

    /// The write has not happened, and will not.
    ///
    /// # Errors
    /// Where the library cannot be written.
    pub fn drop_write(&self, export: i64, path: &Path) -> Result<(), StoreError> {
        let sql = "DELETE FROM export_writes WHERE export_id = ?1 AND path = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![export, paths::to_bytes(path)])?;
        Ok(())
    }

    /// What Taglens has in a sidecar; `None` for nothing.
    ///
    /// # Errors
    /// Where the library cannot be written.
    pub fn set_sidecar_record(&self, path: &Path, record: Option<&str>) -> Result<(), StoreError> {
        let path = paths::to_bytes(path);
        let Some(record) = record else {
            let sql = "DELETE FROM sidecars WHERE path = ?1";
            self.connection
                .prepare_cached(sql)?
                .execute(params![path])?;
            return Ok(());
        };
        let sql = "INSERT INTO sidecars (path, record) VALUES (?1, ?2)
                   ON CONFLICT (path) DO UPDATE SET record = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![path, record])?;
        Ok(())
    }

    /// An export was undone.
    ///
    /// # Errors
    /// Where the library cannot be written.
    pub fn set_undone(&self, export: i64) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE exports SET undone_ms = ?2 WHERE id = ?1",
            [export, now_ms()],
        )?;
        Ok(())
    }

    /// Notes that a sidecar's keywords were taken in; `None` where it is gone.
    ///
    /// # Errors
    /// Where the library cannot be written.
    pub fn set_sidecar_stamp(
        &self,
        path: &Path,
        stamp: Option<FileStamp>,
    ) -> Result<(), StoreError> {
        let path = paths::to_bytes(path);
        let Some(stamp) = stamp else {
            let sql = "DELETE FROM sidecar_stamps WHERE path = ?1";
            self.connection
                .prepare_cached(sql)?
                .execute(params![path])?;
            return Ok(());
        };
        let sql = "INSERT INTO sidecar_stamps (path, size_bytes, modified_ns) VALUES (?1, ?2, ?3)
                   ON CONFLICT (path) DO UPDATE SET size_bytes = ?2, modified_ns = ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![path, stamp.size_bytes as i64, stamp.modified_ns])?;
        Ok(())
    }
}
