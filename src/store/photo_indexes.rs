//! Whether the indexes of `photos` hold what the table holds.
//!
//! SQLite's own check seeks every row in every index. Hashes are in no order, so each seek reads another
//! page, and a million photos take seconds. Three scans tell the same: an index finds every row if its
//! entries rise, and are those of the table.

use std::hash::{DefaultHasher, Hasher};

use rusqlite::Connection;

/// The unique index on the hash.
const BY_HASH: &str = "SELECT id, hash FROM main.photos INDEXED BY sqlite_autoindex_photos_1 \
                       ORDER BY hash";
/// The index on the picture.
const BY_PICTURE: &str = "SELECT id, picture FROM main.photos INDEXED BY photos_by_picture \
                          WHERE picture IS NOT NULL ORDER BY picture, id";

/// Entries, whatever their order: how many, and the sum of their hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Entries {
    count: u64,
    sum: u64,
}

impl Entries {
    fn add(&mut self, id: i64, key: &[u8]) {
        let mut hasher = DefaultHasher::new();
        hasher.write_i64(id);
        hasher.write(key);
        self.count += 1;
        self.sum = self.sum.wrapping_add(hasher.finish());
    }
}

/// Whether both indexes hold what the table holds, in their order. What is damaged, SQLite's check
/// tells.
///
/// # Errors
/// If a page cannot be read, or a value has another type than its column.
pub(super) fn agree(connection: &Connection) -> rusqlite::Result<bool> {
    // Without one moment for all scans, a photo that is added between them would look like damage.
    let _moment = match connection.is_autocommit() {
        true => Some(connection.unchecked_transaction()?),
        false => None,
    };
    let (mut hashes, mut pictures) = (Entries::default(), Entries::default());
    let mut statement =
        connection.prepare("SELECT id, hash, picture FROM main.photos NOT INDEXED")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        hashes.add(id, row.get_ref(1)?.as_blob()?);
        if let Some(picture) = row.get_ref(2)?.as_blob_or_null()? {
            pictures.add(id, picture);
        }
    }
    let by_hash = in_order(connection, BY_HASH, |last, next| last.0 < next.0)?;
    let by_picture = in_order(connection, BY_PICTURE, |last, next| last < next)?;
    Ok(by_hash == Some(hashes) && by_picture == Some(pictures))
}

/// The entries of an index; `None` if one does not come after that before it.
fn in_order(
    connection: &Connection,
    sql: &str,
    rises: impl Fn((&[u8], i64), (&[u8], i64)) -> bool,
) -> rusqlite::Result<Option<Entries>> {
    let mut entries = Entries::default();
    let mut last: Option<(Vec<u8>, i64)> = None;
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, key) = (row.get(0)?, row.get_ref(1)?.as_blob()?);
        if let Some((before, number)) = &mut last {
            if !rises((before, *number), (key, id)) {
                return Ok(None);
            }
            before.clear();
            before.extend_from_slice(key);
            *number = id;
        } else {
            last = Some((key.to_vec(), id));
        }
        entries.add(id, key);
    }
    Ok(Some(entries))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Depth, Store};

    /// A library of 400 photos, of which every third has no picture.
    fn library(path: &std::path::Path) -> Store {
        let store = Store::open(path).unwrap();
        let sql = "INSERT INTO photos (id, hash, picture)
                   WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
                   SELECT i, CAST(printf('%08d', i * 7919 % 100003) || printf('%024d', i) AS BLOB),
                          iif(i % 3, CAST(printf('%016d', i * 7919 % 100003) AS BLOB), NULL) FROM n";
        store.connection.execute(sql, []).unwrap();
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        store.connection.query_row(sql, [], |_| Ok(())).unwrap();
        store
    }

    fn lines(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
        let mut statement = connection.prepare(sql)?;
        let lines = statement.query_map([], |row| row.get(0))?;
        lines.collect()
    }

    #[test]
    fn the_indexes_are_read_and_not_the_table() {
        let folder = tempfile::tempdir().unwrap();
        let store = library(&folder.path().join("library.sqlite"));
        assert!(agree(&store.connection).unwrap());
        for sql in [BY_HASH, BY_PICTURE] {
            let plan = format!("EXPLAIN QUERY PLAN {sql}");
            let mut statement = store.connection.prepare(&plan).unwrap();
            let steps = statement.query_map([], |row| row.get(3)).unwrap();
            let steps: Vec<String> = steps.collect::<Result<_, _>>().unwrap();
            let is_scan = steps.len() == 1 && steps[0].contains("USING COVERING INDEX");
            assert!(is_scan, "{steps:?}");
        }
    }

    #[test]
    fn rows_and_entries_that_differ_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.sqlite");
        let store = library(&path);
        drop(store);
        let raw = Connection::open(&path).unwrap();
        // An index without one of the rows.
        raw.execute_batch(
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', 'NOT NULL AND id != 7')
             WHERE name = 'photos_by_picture';
             PRAGMA writable_schema = RESET;
             REINDEX photos_by_picture;
             PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = replace(sql, ' AND id != 7', '')
             WHERE name = 'photos_by_picture';
             PRAGMA writable_schema = RESET;",
        )
        .unwrap();
        drop(raw);
        let store = Store::open(&path).unwrap();
        assert!(!agree(&store.connection).unwrap());
        let damage = store.damage(Depth::Kept).unwrap();
        assert_eq!(damage, ["row 7 missing from index photos_by_picture"]);
    }

    #[test]
    fn whatever_byte_changes_the_check_says_what_that_of_sqlite_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.sqlite");
        let store = library(&path);
        let pages = "SELECT pageno FROM dbstat WHERE name IN
                     ('photos', 'sqlite_autoindex_photos_1', 'photos_by_picture')";
        let mut statement = store.connection.prepare(pages).unwrap();
        let pages = statement
            .query_map([], |row| row.get(0).map(|page: i64| page as usize))
            .unwrap();
        let pages: Vec<usize> = pages.collect::<Result<_, _>>().unwrap();
        drop(statement);
        drop(store);
        let whole = std::fs::read(&path).unwrap();
        let (mut damaged, mut checked) = (0, 0);
        for page in pages {
            for at in ((page - 1) * 8192..page * 8192).step_by(53) {
                let mut bytes = whole.clone();
                bytes[at] ^= 0x41;
                std::fs::write(&path, bytes).unwrap();
                let raw = Connection::open(&path).unwrap();
                let Ok(said) = lines(&raw, "PRAGMA integrity_check('photos')") else {
                    continue;
                };
                let is_well = said == ["ok"];
                let agrees = agree(&raw).unwrap_or(false)
                    && lines(&raw, "PRAGMA quick_check('photos')").is_ok_and(|l| l == ["ok"]);
                assert_eq!(agrees, is_well, "byte {at}: {said:?}");
                damaged += usize::from(!is_well);
                checked += 1;
            }
        }
        assert!(damaged > 100 && checked > damaged, "{damaged} of {checked}");
    }
}
