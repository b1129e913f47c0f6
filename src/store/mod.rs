//! What is kept between runs: photos, embeddings, labels, tags, decisions.
//!
//! One SQLite file in WAL mode. A *file* is a path below one of the person's folders; a *photo* is
//! a content, told by its hash. Embeddings, tags and decisions belong to photos, so that a file
//! that is moved, renamed or copied keeps them and is never embedded twice. Embeddings are keyed
//! by photo and model (which counts its preprocessing in), so that changing the model back is free.
//!
//! Everything but folders, vocabularies and decisions is derived, and can be made again from the
//! photos. What the machine says (`tags`) and what a person says (`decisions`) lie in tables of
//! their own, so that no re-scoring can touch a decision.
//!
//! One connection writes at a time: [`Store::write`] runs a closure in a transaction that is
//! committed whole or not at all. Other processes wait their turn for some seconds.

mod decisions;
mod embeddings;
mod error;
mod exports;
mod files;
mod folders;
mod labels;
mod learning;
mod limits;
mod lock;
mod models;
mod nearness;
mod outcome;
mod overview;
mod paths;
mod query;
mod runs;
mod schema;
mod tags;
mod texts;
mod thumbnails;
mod vocabulary;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

pub use decisions::{Decision, DecisionRow, Origin, Verdict};
pub use embeddings::EmbeddingMatrix;
pub use error::StoreError;
pub use exports::ExportWrite;
pub use folders::{Folder, FolderState};
pub use labels::LabelId;
pub use learning::{LearnedRow, LearningSetting};
pub use lock::IndexLock;
pub use models::ModelId;
pub use outcome::{Content, Outcome, Recorded};
pub use overview::{OverviewFile, OverviewTag};
pub use query::{Failure, Summary, TagState, TaggedFile, TaggedLabel};
pub use runs::Run;
pub use tags::TagRow;
pub use thumbnails::{DEFAULT_BOUND_BYTES, Thumbnails};
pub use vocabulary::{StoredVocabulary, VocabularyFile};

/// How long a writer waits for another process to finish its transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);

/// An open library file.
pub struct Store {
    path: PathBuf,
    connection: Connection,
}

impl Store {
    /// Opens the library at `path`, and makes it where there is none. An older one is upgraded
    /// after a copy was put beside it.
    ///
    /// # Errors
    /// Where the file is not a library, was written by a newer Taglens, or cannot be written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|source| StoreError::Folder {
                path: folder.to_path_buf(),
                source,
            })?;
        }
        let wrong = |source| StoreError::open(path, source);
        let mut connection = Connection::open(path).map_err(wrong)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(wrong)?;
        schema::prepare(path, &mut connection)?;
        tune(&connection).map_err(wrong)?;
        Ok(Self {
            path: path.to_path_buf(),
            connection,
        })
    }

    /// Opens an existing library to read from it, beside whoever writes.
    ///
    /// # Errors
    /// As [`Store::open`], and where there is none.
    pub fn open_existing(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing {
                path: path.to_path_buf(),
            });
        }
        Self::open(path)
    }

    /// Another connection to the same library, for another thread.
    ///
    /// # Errors
    /// Where the file has become unreadable since.
    pub fn reader(&self) -> Result<Self, StoreError> {
        let wrong = |source| StoreError::open(&self.path, source);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(wrong)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(wrong)?;
        tune(&connection).map_err(wrong)?;
        Ok(Self {
            path: self.path.clone(),
            connection,
        })
    }

    /// Where the library lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` in one transaction: all of it is kept, or nothing.
    ///
    /// # Errors
    /// What `work` gives, or why the transaction could not be kept.
    pub fn write<T>(
        &mut self,
        work: impl FnOnce(&Writer<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        // Taking the lock at the start: a transaction that reads first and writes later would
        // fail when another process has written in between.
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = work(&Writer {
            connection: &transaction,
        })?;
        transaction.commit()?;
        Ok(result)
    }

    /// A number that changes whenever another connection has written.
    ///
    /// # Errors
    /// Where the library cannot be read.
    pub fn data_version(&self) -> Result<i64, StoreError> {
        Ok(self
            .connection
            .query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }
}

/// The inside of a transaction.
pub struct Writer<'a> {
    connection: &'a Connection,
}

impl Writer<'_> {
    /// Runs `work` inside the transaction: where it fails, what it did is taken back, and the
    /// rest of the transaction goes on.
    ///
    /// # Errors
    /// What `work` gives.
    pub fn attempt<T>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.connection.execute_batch("SAVEPOINT attempt")?;
        let result = work(self);
        let end = match &result {
            Ok(_) => "RELEASE attempt",
            Err(_) => "ROLLBACK TO attempt; RELEASE attempt",
        };
        self.connection.execute_batch(end)?;
        result
    }
}

fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(64);
    // FULL keeps a committed decision through a power cut; commits are grouped, so it is cheap.
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -32768;",
    )
}

/// Milliseconds since 1970-01-01 UTC.
fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
