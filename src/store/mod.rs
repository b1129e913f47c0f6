//! The library: photos, embeddings, labels, tags, decisions.
//!
//! It is one SQLite file in WAL mode. A *file* is a path below one of the user's folders; a *photo*
//! is what files show, whatever their metadata: it is identified by two hashes, of a file's bytes and
//! of its picture. Embeddings, tags and decisions belong to photos, so a file that is moved, renamed,
//! copied or rated keeps them and is never embedded twice. Embeddings are keyed by
//! photo and model (including its preprocessing), so switching back to a model costs nothing.
//!
//! Everything except folders, vocabularies and decisions is derived, and can be rebuilt from the
//! photos. The machine's tags (`tags`) and the user's decisions (`decisions`) are in separate
//! tables, so re-scoring cannot touch a decision.
//!
//! One connection writes at a time: [`Store::write`] runs a closure in a transaction that is
//! committed completely or not at all. Other processes wait for some seconds.

mod about;
mod backup;
mod backup_files;
mod connect;
mod copy;
mod decisions;
mod embeddings;
mod error;
mod exports;
mod files;
mod folders;
mod guard;
mod health;
mod ids;
mod labels;
mod learning;
mod limits;
mod lock;
mod models;
mod nearness;
mod outcome;
mod overview;
mod packed;
mod paths;
mod photo_indexes;
mod pictures;
mod query;
mod repair;
mod restore;
mod rows;
mod runs;
mod scale;
mod scale_change;
mod schema;
mod sidecar_lock;
mod sidecar_problems;
mod sources;
mod stacks;
mod swap;
mod tagged;
mod tags;
mod temp_folder;
mod texts;
mod thumbnails;
mod told;
mod vocabulary;

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

pub(crate) use about::FileAbout;
pub(crate) use backup::Backup;
pub(crate) use backup_files::backups;
use connect::{FileIdentity, Frozen};
pub(crate) use decisions::{Decision, DecisionRow, Origin, Verdict};
pub use embeddings::EmbeddingMatrix;
pub(crate) use error::StoreError;
pub(crate) use exports::{ExportWrite, PastExport};
pub(crate) use folders::{Folder, FolderState};
pub(crate) use health::Depth;
pub(crate) use learning::LearnedRow;
pub(crate) use lock::IndexLock;
pub(crate) use outcome::Recorded;
pub use outcome::{Content, Outcome};
pub(crate) use overview::{OverviewFile, OverviewTag};
pub(crate) use query::{Failure, Places, Summary};
pub(crate) use repair::{damage_of, repair};
pub(crate) use runs::Run;
pub(crate) use scale::{ScaleConstants, ScalePhotos};
pub use scale_change::NamedChange;
pub(crate) use scale_change::{LabelChange, ScaleChange};
pub(crate) use sources::{ReadFile, Role, SourceRow, SourceState};
pub(crate) use stacks::{Stacks, join};
pub use tagged::TagState;
pub(crate) use tagged::{StackedFile, TaggedFile, TaggedLabel};
pub(crate) use tags::TagRow;
pub use thumbnails::{DEFAULT_BOUND_BYTES, Thumbnails};
pub(crate) use told::ToldOnce;
pub use vocabulary::StoredVocabulary;
pub(crate) use vocabulary::VocabularyFile;

/// An open library file.
pub struct Store {
    path: PathBuf,
    connection: Connection,
    identity: Option<FileIdentity>,
    /// Set if it can only be read.
    frozen: Option<Frozen>,
    /// When the backups were last checked.
    backed_up: Cell<Option<Instant>>,
}

impl Store {
    /// Opens the library at `path`, and creates it if there is none. An older one is copied beside
    /// itself and then upgraded. One that cannot be written, or is on a full disk, is opened
    /// read-only; writing returns [`StoreError::Frozen`].
    ///
    /// # Errors
    /// If the file is not a library, was written by a newer Taglens, or cannot be read.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let path = &connect::absolute(path)?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| StoreError::Folder {
                path: folder.to_path_buf(),
                source,
            })?;
        }
        match Self::open_to_write(path) {
            Err(StoreError::Open { path, source })
                if path.exists() && connect::may_be_readable(&source) =>
            {
                // If reading fails too, the first reason counts, not the second.
                Self::open_frozen(&path, source.to_string())
                    .map_err(|_| StoreError::Open { path, source })
            }
            other => other,
        }
    }

    fn open_to_write(path: &Path) -> Result<Self, StoreError> {
        let wrong = |source| StoreError::open(path, source);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut connection = connect::open(path, flags).map_err(wrong)?;
        schema::prepare(path, &mut connection)?;
        connect::tune(&connection)
            .and_then(|()| guard::add_triggers(&connection))
            .map_err(wrong)?;
        Ok(Self {
            path: path.to_path_buf(),
            connection,
            identity: FileIdentity::of(path),
            frozen: None,
            backed_up: Cell::default(),
        })
    }

    fn open_frozen(path: &Path, why: String) -> Result<Self, StoreError> {
        let frozen = Frozen::new(path, why).map_err(|source| StoreError::Folder {
            path: path.to_path_buf(),
            source,
        })?;
        let wrong = |source| StoreError::open(path, source);
        let connection = frozen.connect().map_err(wrong)?;
        schema::check_current(path, &connection)?;
        Ok(Self {
            path: path.to_path_buf(),
            connection,
            identity: FileIdentity::of(path),
            frozen: Some(frozen),
            backed_up: Cell::default(),
        })
    }

    /// Opens a library for writing that could only be read before, if that is possible now.
    pub(crate) fn thaw(&mut self) {
        if self.frozen.is_some()
            && self.check_place().is_ok()
            && let Ok(store) = Self::open_to_write(&self.path)
        {
            *self = store;
        }
    }

    /// Opens an existing library.
    ///
    /// # Errors
    /// As [`Store::open`], and if there is none.
    pub(crate) fn open_existing(path: &Path) -> Result<Self, StoreError> {
        // One that cannot be looked at is not missing; opening it says why.
        if matches!(path.try_exists(), Ok(false)) {
            return Err(StoreError::Missing {
                path: path.to_path_buf(),
            });
        }
        Self::open(path)
    }

    /// Opens another connection to the same library, for another thread.
    ///
    /// # Errors
    /// If the file has become unreadable.
    pub(crate) fn reader(&self) -> Result<Self, StoreError> {
        let wrong = |source| StoreError::open(&self.path, source);
        let connection = match &self.frozen {
            Some(frozen) => frozen.connect().map_err(wrong)?,
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
                let connection = connect::open(&self.path, flags).map_err(wrong)?;
                connect::tune(&connection).map_err(wrong)?;
                connection
            }
        };
        Ok(Self {
            path: self.path.clone(),
            connection,
            identity: self.identity,
            frozen: self.frozen.clone(),
            backed_up: Cell::default(),
        })
    }

    /// Checks that the library is still at its path, because writes to a deleted file are lost.
    ///
    /// # Errors
    /// [`StoreError::Gone`] and [`StoreError::Replaced`].
    pub(crate) fn check_place(&self) -> Result<(), StoreError> {
        let Some(identity) = self.identity else {
            return Ok(());
        };
        let path = self.path.clone();
        match FileIdentity::of(&self.path) {
            Some(now) if now == identity => Ok(()),
            Some(_) => Err(StoreError::Replaced { path }),
            None => Err(StoreError::Gone { path }),
        }
    }

    /// Runs `work` in one transaction, which is committed completely or not at all.
    ///
    /// # Errors
    /// The error of `work`, or of the commit.
    pub fn write<T>(
        &mut self,
        work: impl FnOnce(&Writer<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if let Some(frozen) = &self.frozen {
            return Err(StoreError::Frozen {
                path: self.path.clone(),
                why: frozen.why.clone(),
            });
        }
        self.check_place()?;
        self.back_up_now_and_then();
        // Takes the lock at the start: a transaction that reads first and writes later fails if
        // another process has written in between.
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let writer = Writer {
            connection: &transaction,
            has_decided: Cell::new(false),
        };
        let result = work(&writer)?;
        if writer.is_over() {
            return Err(StoreError::GivenUp);
        }
        let has_decided = writer.has_decided.get();
        transaction.commit()?;
        if has_decided {
            // So that a copy of this one file is complete. If a reader prevents it, the next write
            // does it.
            let _ = self
                .connection
                .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        }
        Ok(result)
    }

    /// Returns a number that changes whenever another connection writes.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn data_version(&self) -> Result<i64, StoreError> {
        Ok(self
            .connection
            .query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }
}

/// Access inside a transaction.
pub struct Writer<'a> {
    connection: &'a Connection,
    /// Whether it changes anything that cannot be rebuilt from photos.
    has_decided: Cell<bool>,
}

impl Writer<'_> {
    /// Runs `work` inside the transaction. If it fails, its changes are rolled back, and the rest
    /// of the transaction continues.
    ///
    /// # Errors
    /// The error of `work`.
    pub(crate) fn attempt<T>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.connection.execute_batch("SAVEPOINT attempt")?;
        match work(self) {
            Ok(done) => {
                self.connection.execute_batch("RELEASE attempt")?;
                Ok(done)
            }
            Err(error) => {
                // If SQLite rolled back the transaction, there is nothing left to roll back.
                if !self.is_over() {
                    self.connection
                        .execute_batch("ROLLBACK TO attempt; RELEASE attempt")?;
                }
                Err(error)
            }
        }
    }

    /// Whether SQLite has rolled back the whole transaction, as it may on a full disk. Later writes
    /// would be stored without the rest.
    pub(crate) fn is_over(&self) -> bool {
        self.connection.is_autocommit()
    }
}

/// Milliseconds since 1970-01-01 UTC.
fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod flip_tests;
#[cfg(test)]
mod repair_tests;
#[cfg(test)]
mod stack_tests;
#[cfg(test)]
mod tests;
