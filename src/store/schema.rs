//! The tables, and the upgrade of older ones.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::store::paths::with_suffix;
use crate::store::{StoreError, connect, guard};

/// Distinguishes a library from other SQLite files: “Tags” in ASCII.
const APPLICATION_ID: i64 = 0x5461_6773;

/// The steps from an empty file to the current format. A released step never changes.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
    include_str!("schema/7.sql"),
    include_str!("schema/8.sql"),
];

/// Upgrades the file at `path` to the current format.
pub(super) fn prepare(path: &Path, connection: &mut Connection) -> Result<(), StoreError> {
    migrate(path, connection, MIGRATIONS)
}

fn migrate(
    path: &Path,
    connection: &mut Connection,
    migrations: &[&str],
) -> Result<(), StoreError> {
    let wrong = |source| StoreError::open(path, source);
    let known = migrations.len() as i64;
    let state = look(connection).map_err(wrong)?;
    if state.application == APPLICATION_ID && state.version == known {
        return Ok(());
    }
    check(path, &state, known)?;
    // The page size counts only before the first page is written, WAL only outside transactions.
    connection
        .execute_batch("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;")
        .map_err(wrong)?;
    if state.version > 0 {
        back_up(path, connection, state.version)?;
    }
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(wrong)?;
    // Another process may have been faster between the check and the lock.
    let state = look(&transaction).map_err(wrong)?;
    check(path, &state, known)?;
    for step in migrations.iter().skip(state.version.max(0) as usize) {
        transaction.execute_batch(step).map_err(wrong)?;
    }
    transaction
        .pragma_update(None, "application_id", APPLICATION_ID)
        .and_then(|()| transaction.pragma_update(None, "user_version", known))
        .map_err(wrong)?;
    transaction.commit().map_err(wrong)
}

/// Whether the file has exactly the tables of the current format, whatever its version number.
pub(super) fn has_todays_tables(path: &Path) -> bool {
    let list = |connection: &Connection| -> rusqlite::Result<Vec<String>> {
        let sql = "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name";
        let mut statement = connection.prepare(sql)?;
        statement.query_map([], |row| row.get(0))?.collect()
    };
    let today = || {
        let connection = Connection::open_in_memory()?;
        guard::add_function(&connection)?;
        connection.execute_batch(&MIGRATIONS.concat())?;
        list(&connection)
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let there = connect::open(path, flags).and_then(|connection| list(&connection));
    there.is_ok_and(|there| today().is_ok_and(|today| there == today))
}

/// Creates a library as the program of that version did.
#[cfg(test)]
pub(super) fn make_version(path: &Path, version: usize) {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = crate::store::connect::open(path, flags).unwrap();
    migrate(path, &mut connection, &MIGRATIONS[..version]).unwrap();
}

/// Whether the file has the current format, if it cannot be upgraded.
pub(super) fn check_current(path: &Path, connection: &Connection) -> Result<(), StoreError> {
    let wrong = |source| StoreError::open(path, source);
    let state = look(connection).map_err(wrong)?;
    let known = MIGRATIONS.len() as i64;
    check(path, &state, known)?;
    match state.version == known {
        true => Ok(()),
        false => Err(StoreError::Older {
            path: path.to_path_buf(),
        }),
    }
}

struct State {
    application: i64,
    version: i64,
    tables: i64,
}

fn look(connection: &Connection) -> rusqlite::Result<State> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get(0));
    Ok(State {
        application: pragma("application_id")?,
        version: pragma("user_version")?,
        tables: connection.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))?,
    })
}

fn check(path: &Path, state: &State, known: i64) -> Result<(), StoreError> {
    let empty = state.application == 0 && state.tables == 0;
    if state.application != APPLICATION_ID && !empty {
        return Err(StoreError::Foreign {
            path: path.to_path_buf(),
        });
    }
    if state.version > known {
        return Err(StoreError::Newer {
            path: path.to_path_buf(),
            found: state.version,
            known,
        });
    }
    Ok(())
}

/// Copies the library beside itself, unless an earlier attempt has done so.
fn back_up(path: &Path, connection: &Connection, version: i64) -> Result<(), StoreError> {
    let backup = backup_path(path, version);
    if backup.exists() {
        return Ok(());
    }
    // An incomplete copy must not look complete.
    let partial = with_suffix(&backup, ".partial");
    let failed = |source| StoreError::Backup {
        path: path.to_path_buf(),
        backup: backup.clone(),
        source,
    };
    let io = |error: std::io::Error| {
        let reason = error.to_string();
        failed(rusqlite::Error::ToSqlConversionFailure(reason.into()))
    };
    write_copy(connection, &partial).map_err(failed)?;
    std::fs::rename(&partial, &backup).map_err(io)
}

/// Writes a copy of the library, as it is at this moment, to `to`, replacing what an earlier
/// attempt left.
pub(super) fn write_copy(connection: &Connection, to: &Path) -> rusqlite::Result<()> {
    let other = |reason: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::ToSqlConversionFailure(reason)
    };
    // VACUUM INTO refuses a file with content.
    match std::fs::remove_file(to) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(other(error.into()));
        }
        _ => {}
    }
    let name = to.to_str();
    let name = name.ok_or_else(|| other("the name of the copy has to be UTF-8".into()))?;
    connection.execute("VACUUM INTO ?1", [name]).map(drop)
}

/// `library.sqlite` of version 1 is copied to `library.sqlite.version-1`.
pub(super) fn backup_path(path: &Path, version: i64) -> PathBuf {
    with_suffix(path, &format!(".version-{version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(path: &Path) -> i64 {
        look(&Connection::open(path).unwrap()).unwrap().version
    }

    #[test]
    fn an_older_library_is_upgraded_after_a_copy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.sqlite");
        let one = &["CREATE TABLE a(x); INSERT INTO a VALUES (7);"][..];
        let two = &[one[0], "ALTER TABLE a ADD COLUMN y DEFAULT 8;"][..];
        migrate(&path, &mut Connection::open(&path).unwrap(), one).unwrap();
        assert_eq!(version(&path), 1);
        assert!(!backup_path(&path, 1).exists());

        migrate(&path, &mut Connection::open(&path).unwrap(), two).unwrap();
        let read = |path: &Path, sql: &str| -> rusqlite::Result<i64> {
            Connection::open(path)?.query_row(sql, [], |row| row.get(0))
        };
        assert_eq!(read(&path, "SELECT x + y FROM a"), Ok(15));
        let backup = backup_path(&path, 1);
        assert_eq!(version(&backup), 1);
        assert_eq!(read(&backup, "SELECT x FROM a"), Ok(7));

        let error = migrate(&path, &mut Connection::open(&path).unwrap(), one).unwrap_err();
        assert!(matches!(
            error,
            StoreError::Newer {
                found: 2,
                known: 1,
                ..
            }
        ));
        assert_eq!(read(&path, "SELECT x + y FROM a"), Ok(15));
    }

    #[test]
    fn a_step_that_fails_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.sqlite");
        let one = &["CREATE TABLE a(x);"][..];
        let broken = &[one[0], "CREATE TABLE b(x); CREATE TABLE a(x);"][..];
        migrate(&path, &mut Connection::open(&path).unwrap(), one).unwrap();
        migrate(&path, &mut Connection::open(&path).unwrap(), broken).unwrap_err();
        let state = look(&Connection::open(&path).unwrap()).unwrap();
        assert_eq!((state.version, state.tables), (1, 1));
    }

    #[test]
    fn other_files_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("other.sqlite");
        Connection::open(&other)
            .unwrap()
            .execute_batch("CREATE TABLE theirs(x)")
            .unwrap();
        let text = folder.path().join("notes.txt");
        std::fs::write(
            &text,
            "not a database at all, but long enough to be read as one",
        )
        .unwrap();
        for path in [other, text] {
            let before = std::fs::read(&path).unwrap();
            let error = crate::store::Store::open(&path).err().unwrap();
            assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
            assert_eq!(std::fs::read(&path).unwrap(), before);
        }
    }
}
