//! Opens the library's file, hardened against foreign files, and read-only if it cannot be written.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tempfile::TempDir;

use crate::core::{interrupt, waiting};
use crate::store::paths::with_suffix;
use crate::store::temp_folder::temp_folder_in;
use crate::store::{StoreError, guard};

/// How long a writer waits for another process to finish its transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);
/// How long it waits before it says so.
const BUSY_TOLD_AFTER: Duration = Duration::from_secs(1);
/// The interval between two attempts.
const BUSY_TICK: Duration = Duration::from_millis(10);

/// Makes the path absolute, so that SQLite takes `:memory:` and `file:a?b` as names of files.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, StoreError> {
    std::path::absolute(path).map_err(|source| StoreError::Folder {
        path: path.to_path_buf(),
        source,
    })
}

/// Opens an absolute path.
pub(super) fn open(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let mut connection =
        Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let (mut since, mut told) = (Instant::now(), false);
    let sentence = format!(
        "{}: another program keeps the library locked; waiting for it, {} s at most",
        path.display(),
        BUSY_TIMEOUT.as_secs()
    );
    connection.busy_handler(Some(move |tries: i32| {
        if tries == 0 {
            (since, told) = (Instant::now(), false);
        }
        if !told && since.elapsed() >= BUSY_TOLD_AFTER {
            told = true;
            waiting::tell(&sentence);
        }
        std::thread::sleep(BUSY_TICK);
        !interrupt::asked() && since.elapsed() < BUSY_TIMEOUT
    }))?;
    // A library may come from anybody: its schema must not call functions with side effects, and
    // SQL must not write past the file format.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // Else SQLite plans a prepared statement anew for each value, once the library has statistics.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    guard::add_function(&connection)?;
    Ok(connection)
}

/// Configures a connection once the file is known to be a library.
pub(super) fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(64);
    // FULL makes a committed decision survive a power cut; commits are grouped, so it is cheap.
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cell_size_check = ON;
         PRAGMA cache_size = -32768;",
    )?;
    guard::add_views(connection)
}

/// Whether a library that fails to open like this may still be readable. In a read-only folder or
/// on a full disk, SQLite cannot create the files that it needs beside it.
pub(super) fn may_be_readable(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::DiskFull
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure
        )
    )
}

/// A library that is only read and that nobody else changes; SQLite calls this immutable.
#[derive(Clone, Debug)]
pub(super) struct Frozen {
    /// Why it cannot be written.
    pub(crate) why: String,
    uri: String,
    /// Holds the copies of both files.
    copied: Option<Arc<TempDir>>,
}

impl Frozen {
    /// If the last program left changes beside the file, both are copied first, because SQLite
    /// needs write access to apply them.
    pub(crate) fn new(path: &Path, why: String) -> std::io::Result<Self> {
        let changes = with_suffix(path, "-wal");
        let has_changes = std::fs::metadata(&changes).is_ok_and(|m| m.len() > 0);
        if !has_changes {
            return Ok(Self {
                why,
                uri: uri(path, "?immutable=1"),
                copied: None,
            });
        }
        let folder = temp_folder_in(&std::env::temp_dir())?;
        let copy = folder.path().join("library");
        std::fs::copy(path, &copy)?;
        std::fs::copy(changes, with_suffix(&copy, "-wal"))?;
        Ok(Self {
            why,
            uri: uri(&copy, ""),
            copied: Some(Arc::new(folder)),
        })
    }

    pub(crate) fn connect(&self) -> rusqlite::Result<Connection> {
        let flags = match self.copied {
            Some(_) => OpenFlags::SQLITE_OPEN_READ_WRITE,
            None => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        let connection = open(Path::new(&self.uri), flags | OpenFlags::SQLITE_OPEN_URI)?;
        tune(&connection)?;
        connection.execute_batch("PRAGMA query_only = ON")?;
        Ok(connection)
    }
}

/// Returns SQLite's URI for the file.
fn uri(path: &Path, options: &str) -> String {
    let mut uri = String::from("file://");
    #[cfg(unix)]
    let bytes = crate::store::paths::to_bytes(path);
    #[cfg(not(unix))]
    let bytes = {
        uri.push('/');
        path.to_string_lossy().replace('\\', "/").into_bytes()
    };
    for byte in bytes.iter() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b':' => {
                uri.push(char::from(*byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri + options
}

/// Identifies the file at a path, to notice when another replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileIdentity(u64, u64);

impl FileIdentity {
    /// `None` if there is no file, or the system cannot identify it. On Windows an open file can be
    /// neither deleted nor replaced.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let metadata = std::fs::metadata(path).ok()?;
            Some(Self(metadata.dev(), metadata.ino()))
        }
        #[cfg(not(unix))]
        {
            let _ = path;
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, Thumbnails};

    #[test]
    fn what_sqlite_takes_for_other_than_files_are_names_of_files() {
        let folder = tempfile::tempdir().unwrap();
        for name in [":memory:", "file:a?mode=memory&b#c%41d", "file::memory:"] {
            let path = folder.path().join(name);
            let mut store = Store::open(&path).unwrap();
            let dog = store.write(|w| w.label("dog")).unwrap();
            assert_eq!(store.reader().unwrap().label("dog").unwrap(), Some(dog));
            drop(store);
            assert!(path.metadata().unwrap().len() > 0, "{name}");
            let again = Store::open_existing(&path).unwrap();
            assert_eq!(again.label("dog").unwrap(), Some(dog), "{name}");
            let frozen = Store::open_frozen(&path, "as a test".into()).unwrap();
            assert_eq!(frozen.label("dog").unwrap(), Some(dog), "{name}");
            Thumbnails::open(&path, 1000).unwrap();
            assert!(Thumbnails::path(&path).exists(), "{name}");
        }
        let relative = absolute(Path::new(":memory:")).unwrap();
        assert!(relative.is_absolute() && relative.ends_with(":memory:"));
    }

    #[test]
    fn no_connection_trusts_the_schema_of_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.sqlite");
        let store = Store::open(&path).unwrap();
        let reader = store.reader().unwrap();
        let frozen = Store::open_frozen(&path, "as a test".into()).unwrap();
        for connection in [
            &store.connection,
            &reader.connection,
            &frozen.connection,
            Thumbnails::open(&path, 1000).unwrap().connection(),
        ] {
            let is = |setting| connection.db_config(setting).unwrap();
            assert!(is(DbConfig::SQLITE_DBCONFIG_DEFENSIVE));
            assert!(!is(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA));
        }
        // In defensive mode not even this may write past the file format.
        let sql = "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema;";
        store.connection.execute_batch(sql).unwrap_err();
    }
}
