//! The journal of exports, and Taglens's part of each sidecar and photo.
//!
//! Records and the like are opaque texts of the sidecar room. The journal has a limit: undo can
//! always take back the last export, and earlier ones while they are small. Without it, each export
//! adds a copy of every sidecar, and every backup copies all of them.

use std::path::{Path, PathBuf};

use rusqlite::types::Type;
use rusqlite::{Row, params};

use crate::core::ids::{ExportId, ExportWriteId, SourceId};
use crate::store::packed::{pack_bytes, unpack_bytes};
use crate::store::{Store, StoreError, Writer, now_ms, paths};

/// The size of the journal above which the oldest exports leave it.
const MOST_JOURNAL_BYTES: i64 = 64 << 20;

/// A write to a sidecar or into a photo, recorded before it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExportWrite {
    /// The sidecar, or the photo.
    pub(crate) path: PathBuf,
    /// Its bytes before, of a photo the old segments; `None` if there was no file.
    pub(crate) before: Option<Vec<u8>>,
    /// The hash of the written file; `None` if it is deleted.
    pub(crate) after: Option<String>,
    /// The record of Taglens's part before.
    pub(crate) previous: Option<String>,
    /// The record of Taglens's part after; empty once the write is known to have happened, because
    /// the source has it then.
    pub(crate) record: String,
    /// The sidecar's source, which may have moved since.
    pub(crate) source: Option<SourceId>,
    /// Taglens's keywords in it before and after, each with its label.
    pub(crate) keywords: [Vec<(String, String)>; 2],
}

/// An export that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PastExport {
    /// Its id.
    pub(crate) id: ExportId,
    /// When it began, in milliseconds since 1970-01-01 UTC.
    pub(crate) started_ms: i64,
    /// The number of sidecars and photos that it wrote.
    pub(crate) files: usize,
}

const COLUMNS: &str = "path, before, after, previous, record, source_id, id";

fn write(row: &Row<'_>) -> rusqlite::Result<ExportWrite> {
    let before = row.get_ref(1)?.as_blob_or_null()?.map(unpack_bytes);
    let unreadable = |e| rusqlite::Error::FromSqlConversionFailure(1, Type::Blob, Box::new(e));
    Ok(ExportWrite {
        path: paths::from_bytes(row.get(0)?),
        before: before.transpose().map_err(unreadable)?,
        after: row.get(2)?,
        previous: row.get(3)?,
        record: row.get(4)?,
        source: row.get(5)?,
        keywords: Default::default(),
    })
}

/// Adds the keywords to writes, which come with their ids.
fn with_keywords(
    connection: &rusqlite::Connection,
    writes: Vec<(ExportWriteId, ExportWrite)>,
) -> Result<Vec<ExportWrite>, StoreError> {
    let sql = "SELECT later, keyword, labels.name FROM intact_export_keywords
               JOIN intact_labels labels ON labels.id = label_id WHERE write_id = ?1 ORDER BY keyword";
    let mut statement = connection.prepare_cached(sql)?;
    let mut filled = Vec::with_capacity(writes.len());
    for (id, mut write) in writes {
        let mut rows = statement.query([id])?;
        while let Some(row) = rows.next()? {
            let later: bool = row.get(0)?;
            let [before, after] = &mut write.keywords;
            let list = if later { after } else { before };
            list.push((row.get(1)?, row.get(2)?));
        }
        filled.push(write);
    }
    Ok(filled)
}

impl Store {
    /// Returns the writes of a killed export: those that were recorded but not confirmed, each with
    /// its export.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn unsettled_writes(&self) -> Result<Vec<(ExportId, ExportWrite)>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, export_id FROM intact_export_writes WHERE settled = 0 ORDER BY id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(7)?, row.get(6)?, write(row)?)))?;
        let open = rows.collect::<Result<Vec<(ExportId, ExportWriteId, ExportWrite)>, _>>()?;
        let exports: Vec<ExportId> = open.iter().map(|(export, ..)| *export).collect();
        let writes = open.into_iter().map(|(_, id, write)| (id, write)).collect();
        let writes = with_keywords(&self.connection, writes)?;
        Ok(exports.into_iter().zip(writes).collect())
    }

    /// Returns the last export that was not undone.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn last_export(&self) -> Result<Option<ExportId>, StoreError> {
        let sql = "SELECT max(id) FROM intact_exports WHERE undone_ms IS NULL
                   AND id IN (SELECT export_id FROM intact_export_writes)";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// Returns the exports that can be undone, the last first.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn exports(&self) -> Result<Vec<PastExport>, StoreError> {
        let sql = "SELECT exports.id, started_ms, count(*) FROM intact_exports exports
                   JOIN intact_export_writes writes ON export_id = exports.id
                   WHERE undone_ms IS NULL GROUP BY exports.id ORDER BY exports.id DESC";
        let mut statement = self.connection.prepare_cached(sql)?;
        let export = |row: &Row<'_>| {
            Ok(PastExport {
                id: row.get(0)?,
                started_ms: row.get(1)?,
                files: row.get::<_, i64>(2)? as usize,
            })
        };
        let rows = statement.query_map([], export)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the writes of an export, the last first.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn export_writes(&self, export: ExportId) -> Result<Vec<ExportWrite>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intact_export_writes WHERE export_id = ?1 ORDER BY id DESC"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([export], |row| Ok((row.get(6)?, write(row)?)))?;
        with_keywords(&self.connection, rows.collect::<Result<_, _>>()?)
    }
}

impl Writer<'_> {
    /// Begins an export, for which the oldest ones leave the journal if it is too large.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn begin_export(&self) -> Result<ExportId, StoreError> {
        self.shorten_journal(MOST_JOURNAL_BYTES)?;
        let sql = "INSERT INTO exports (started_ms) VALUES (?1)";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(ExportId::new(statement.insert([now_ms()])?))
    }

    /// Removes the writes of the oldest exports, until the rest takes up at most `most_bytes`. The
    /// last export and those with unsettled writes stay.
    fn shorten_journal(&self, most_bytes: i64) -> Result<(), StoreError> {
        // A keyword takes some 100 bytes, with its index.
        let sql = "WITH parts AS (
                       SELECT export_id, settled, octet_length(path) + octet_length(record)
                           + ifnull(octet_length(before), 0) + ifnull(octet_length(previous), 0)
                           + 100 * (SELECT count(*) FROM export_keywords WHERE write_id = id) AS bytes
                       FROM export_writes),
                   sizes AS (
                       SELECT export_id, min(settled) AS settled, sum(bytes) AS bytes
                       FROM parts GROUP BY export_id)
                   SELECT export_id FROM
                       (SELECT export_id, settled, row_number() OVER newest AS place,
                            sum(bytes) OVER newest AS bytes
                        FROM sizes WINDOW newest AS (ORDER BY export_id DESC))
                   WHERE settled AND place > 1 AND bytes > ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([most_bytes], |row| row.get(0))?;
        for export in rows.collect::<Result<Vec<ExportId>, _>>()? {
            self.forget_writes(export)?;
        }
        Ok(())
    }

    fn forget_writes(&self, export: ExportId) -> Result<(), StoreError> {
        let sql = "DELETE FROM export_writes WHERE export_id = ?1";
        self.connection.prepare_cached(sql)?.execute([export])?;
        Ok(())
    }

    /// Records a write that is about to happen. A second record for the same sidecar replaces the
    /// new content, and the old content if the write has not happened yet.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn note_write(
        &self,
        export: ExportId,
        write: &ExportWrite,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO export_writes
                       (export_id, path, before, after, previous, record, source_id)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                   ON CONFLICT (export_id, path) DO UPDATE SET
                       before = iif(settled, before, ?3), previous = iif(settled, previous, ?5),
                       after = ?4, record = ?6, source_id = ?7, settled = 0
                   RETURNING id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let values = params![
            export,
            paths::to_bytes(&write.path),
            write.before.as_deref().map(pack_bytes),
            write.after,
            write.previous,
            write.record,
            write.source
        ];
        let id: ExportWriteId = statement.query_row(values, |row| row.get(0))?;
        self.connection
            .prepare_cached("DELETE FROM export_keywords WHERE write_id = ?1 AND later = 1")?
            .execute([id])?;
        let sql = "INSERT OR IGNORE INTO export_keywords (write_id, later, keyword, label_id)
                   VALUES (?1, ?2, ?3, ?4)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (later, keywords) in write.keywords.iter().enumerate() {
            for (keyword, label) in keywords {
                let label = self.label(label)?;
                statement.execute(params![id, later as i64, keyword, label])?;
            }
        }
        Ok(())
    }

    /// Records that the write has happened.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn settle_write(&self, export: ExportId, path: &Path) -> Result<(), StoreError> {
        let sql =
            "UPDATE export_writes SET settled = 1, record = '' WHERE export_id = ?1 AND path = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![export, paths::to_bytes(path)])?;
        Ok(())
    }

    /// Sets Taglens's part of a source: its record, the digest of its bytes, and the keywords with
    /// their labels. On the keywords in `stated` it only has notes.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_written(
        &self,
        source: SourceId,
        record: Option<&str>,
        digest: &str,
        keywords: &[(String, String)],
        stated: &[(String, String)],
    ) -> Result<(), StoreError> {
        let sql = "UPDATE sources SET record = ?2, digest = ?3 WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![source, record, digest])?;
        self.connection
            .prepare_cached("DELETE FROM source_keywords WHERE source_id = ?1 AND role IN (2, 5)")?
            .execute([source])?;
        let sql = "INSERT OR IGNORE INTO source_keywords (source_id, role, keyword, label_id)
                   SELECT id, ?2, ?3, ?4 FROM sources WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let written = keywords.iter().map(|named| (2, named));
        let marked = keywords.iter().chain(stated).map(|named| (5, named));
        for (role, (keyword, label)) in written.chain(marked) {
            let label = self.label(label)?;
            statement.execute(params![source, role, keyword, label])?;
        }
        Ok(())
    }

    /// Records that the write has not happened and will not.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn drop_write(&self, export: ExportId, path: &Path) -> Result<(), StoreError> {
        let sql = "DELETE FROM export_writes WHERE export_id = ?1 AND path = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![export, paths::to_bytes(path)])?;
        Ok(())
    }

    /// Records that an export was undone. Its writes leave the journal.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_undone(&self, export: ExportId) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE exports SET undone_ms = ?2 WHERE id = ?1",
            params![export, now_ms()],
        )?;
        self.forget_writes(export)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Depth;

    /// A library with this many exports, each of which wrote two sidecars.
    fn library(folder: &Path, exports: usize) -> (Store, Vec<ExportId>) {
        let mut store = Store::open(&folder.join("library.sqlite")).unwrap();
        let made = store.write(|w| {
            (0..exports)
                .map(|n| {
                    let export = w.begin_export()?;
                    for name in ["/photos/a.jpg.xmp", "/photos/b.jpg.xmp"] {
                        let write = sidecar_write(name, n);
                        w.note_write(export, &write)?;
                        w.settle_write(export, &write.path)?;
                    }
                    Ok(export)
                })
                .collect::<Result<Vec<_>, StoreError>>()
        });
        let made = made.unwrap();
        (store, made)
    }

    fn sidecar_write(path: &str, n: usize) -> ExportWrite {
        let before = (0..3_000).map(|i| (i * 7919 + n * 31) as u8);
        ExportWrite {
            path: path.into(),
            before: Some(before.collect()),
            after: Some("hash".into()),
            previous: None,
            record: "{}".into(),
            source: None,
            keywords: [vec![], vec![("animal|dog".into(), "dog".into())]],
        }
    }

    fn kept(store: &Store, exports: &[ExportId]) -> Vec<usize> {
        let writes = |export: &ExportId| store.export_writes(*export).unwrap().len();
        exports.iter().map(writes).collect()
    }

    #[test]
    fn bytes_come_back_as_they_were_from_a_smaller_journal() {
        let folder = tempfile::tempdir().unwrap();
        let (store, exports) = library(folder.path(), 1);
        let [b, a] = &store.export_writes(exports[0]).unwrap()[..] else {
            panic!("two sidecars were written");
        };
        let (first, second) = ("/photos/a.jpg.xmp", "/photos/b.jpg.xmp");
        assert_eq!(a.before, sidecar_write(first, 0).before);
        assert_eq!(b.before, sidecar_write(second, 0).before);
        let sql = "SELECT sum(octet_length(before)) FROM export_writes";
        let bytes: i64 = store.connection.query_row(sql, [], |r| r.get(0)).unwrap();
        assert!(bytes < 2_000, "{bytes}");
        // As an older version wrote it.
        let sql = "UPDATE export_writes SET before = CAST('<x:xmpmeta/>' AS BLOB)";
        store.connection.execute(sql, []).unwrap();
        let writes = store.export_writes(exports[0]).unwrap();
        assert_eq!(writes[0].before.as_deref(), Some(&b"<x:xmpmeta/>"[..]));
    }

    #[test]
    fn the_oldest_exports_leave_a_journal_that_is_too_large() {
        let folder = tempfile::tempdir().unwrap();
        let (mut store, exports) = library(folder.path(), 5);
        store.write(|w| w.shorten_journal(1 << 20)).unwrap();
        assert_eq!(kept(&store, &exports), [2; 5], "all of them are small");
        let sql = "SELECT sum(octet_length(before) + octet_length(path) + 100) FROM export_writes";
        let bytes: i64 = store.connection.query_row(sql, [], |r| r.get(0)).unwrap();
        store.write(|w| w.shorten_journal(bytes * 3 / 5)).unwrap();
        assert_eq!(kept(&store, &exports), [0, 0, 2, 2, 2]);
        // A killed export stays until it is settled.
        let open = sidecar_write("/photos/c.jpg.xmp", 9);
        store.write(|w| w.note_write(exports[2], &open)).unwrap();
        store.write(|w| w.shorten_journal(1)).unwrap();
        assert_eq!(kept(&store, &exports), [0, 0, 3, 0, 2]);
        assert_eq!(store.last_export().unwrap(), Some(exports[4]));
        assert_eq!(store.damage(Depth::Whole).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn an_undone_export_leaves_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        let (mut store, exports) = library(folder.path(), 2);
        store.write(|w| w.set_undone(exports[1])).unwrap();
        assert_eq!(kept(&store, &exports), [2, 0]);
        assert_eq!(store.last_export().unwrap(), Some(exports[0]));
        assert_eq!(store.damage(Depth::Whole).unwrap(), Vec::<String>::new());
    }
}
