//! Thumbnails, in their own file: they are large and can be rebuilt at any time.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};

use crate::core::photo::ContentHash;
use crate::store::paths::with_suffix;
use crate::store::{StoreError, connect};

/// The default size in bytes: about 80,000 thumbnails of 384 pixels.
pub const DEFAULT_BOUND_BYTES: u64 = 2 << 30;

/// A bounded store of JPEG files, by the content that they show.
pub struct Thumbnails {
    connection: Connection,
    bound_bytes: u64,
}

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS thumbnails (
        id         INTEGER PRIMARY KEY,
        hash       BLOB NOT NULL UNIQUE,
        size_bytes INTEGER NOT NULL,
        used       INTEGER NOT NULL,
        jpeg       BLOB NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS thumbnails_by_use ON thumbnails (used, size_bytes);";

impl Thumbnails {
    /// Opens the thumbnails of the library at `library`, at most `bound_bytes` of them.
    ///
    /// # Errors
    /// If neither the file nor a new one in its place can be opened.
    pub fn open(library: &Path, bound_bytes: u64) -> Result<Self, StoreError> {
        let path = connect::absolute(&Self::path(library))?;
        let connection = match open_cache(&path) {
            Ok(connection) => connection,
            // A cache loses nothing, so a damaged one is replaced.
            Err(_) => {
                for suffix in ["", "-wal", "-shm"] {
                    // If this fails, the second attempt to open reports it.
                    let _ = std::fs::remove_file(with_suffix(&path, suffix));
                }
                open_cache(&path).map_err(|source| StoreError::open(&path, source))?
            }
        };
        Ok(Self {
            connection,
            bound_bytes,
        })
    }

    /// Its path, beside the library.
    pub fn path(library: &Path) -> PathBuf {
        with_suffix(library, ".thumbnails")
    }

    /// Returns the thumbnail of a content, a JPEG file.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn get(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT jpeg FROM thumbnails WHERE hash = ?1")?;
        Ok(statement
            .query_row([hash.bytes()], |row| row.get(0))
            .optional()?)
    }

    /// Stores thumbnails, and removes those not used for the longest time.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn put(&mut self, thumbnails: &[(ContentHash, Vec<u8>)]) -> Result<(), StoreError> {
        let now = crate::store::now_ms();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO thumbnails (hash, size_bytes, used, jpeg) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (hash) DO UPDATE SET used = ?3, size_bytes = ?2, jpeg = ?4",
            )?;
            for (hash, jpeg) in thumbnails {
                insert.execute(params![hash.bytes(), jpeg.len() as i64, now, jpeg])?;
            }
            let sum = "SELECT coalesce(sum(size_bytes), 0) FROM thumbnails";
            let total: i64 = transaction
                .prepare_cached(sum)?
                .query_row([], |r| r.get(0))?;
            let surplus = total - i64::try_from(self.bound_bytes).unwrap_or(i64::MAX);
            if surplus > 0 {
                // The oldest, until there is enough room.
                let mut delete = transaction.prepare_cached(
                    "DELETE FROM thumbnails WHERE id IN (
                         SELECT id FROM (SELECT id, size_bytes, sum(size_bytes) OVER
                                             (ORDER BY used, id) AS until FROM thumbnails)
                         WHERE until - size_bytes < ?1)",
                )?;
                delete.execute([surplus])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Records that thumbnails were used just now.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn touch(&mut self, hashes: &[ContentHash]) -> Result<(), StoreError> {
        let now = crate::store::now_ms();
        let transaction = self.connection.transaction()?;
        {
            let mut update =
                transaction.prepare_cached("UPDATE thumbnails SET used = ?2 WHERE hash = ?1")?;
            for hash in hashes {
                update.execute(params![hash.bytes(), now])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Number and bytes of the thumbnails.
    ///
    /// # Errors
    /// Where the file cannot be read.
    #[cfg(test)]
    pub(crate) fn size(&self) -> Result<(usize, u64), StoreError> {
        let sql = "SELECT count(*), coalesce(sum(size_bytes), 0) FROM thumbnails";
        let counts = self.connection.query_row(sql, [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        })?;
        Ok((counts.0 as usize, counts.1 as u64))
    }
}

fn open_cache(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = connect::open(path, flags)?;
    // Losing the latest thumbnails in a power cut costs only making them again.
    connection.execute_batch(
        "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;",
    )?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(n: u8) -> ContentHash {
        ContentHash::new([n; 32])
    }

    #[test]
    fn the_longest_unused_go_first() {
        let folder = tempfile::tempdir().unwrap();
        let mut thumbnails = Thumbnails::open(&folder.path().join("l"), 250).unwrap();
        thumbnails.put(&[(hash(1), vec![1; 100])]).unwrap();
        thumbnails.put(&[(hash(2), vec![2; 100])]).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(5));
        thumbnails.touch(&[hash(1)]).unwrap();
        thumbnails.put(&[(hash(3), vec![3; 100])]).unwrap();
        assert_eq!(thumbnails.size().unwrap(), (2, 200));
        assert_eq!(thumbnails.get(&hash(2)).unwrap(), None);
        assert_eq!(thumbnails.get(&hash(1)).unwrap(), Some(vec![1; 100]));
        assert_eq!(thumbnails.get(&hash(3)).unwrap(), Some(vec![3; 100]));
    }

    #[test]
    fn a_damaged_cache_makes_way() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("l");
        std::fs::write(Thumbnails::path(&library), "nothing that SQLite could read").unwrap();
        let mut thumbnails = Thumbnails::open(&library, 1000).unwrap();
        thumbnails.put(&[(hash(1), vec![1; 10])]).unwrap();
        drop(thumbnails);
        let thumbnails = Thumbnails::open(&library, 1000).unwrap();
        assert_eq!(thumbnails.size().unwrap(), (1, 10));
    }
}
