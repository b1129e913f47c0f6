//! The folders that the library watches.

use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, params};

use crate::core::ids::FolderId;
use crate::store::{Store, StoreError, Writer, now_ms, paths};

/// A folder of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Its number.
    pub id: FolderId,
    /// Its absolute path.
    pub(crate) path: PathBuf,
    /// Its state.
    pub(crate) state: FolderState,
}

/// The state of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FolderState {
    /// It is kept up to date.
    Active,
    /// The user has paused it.
    Paused,
    /// It was not available at the last check, like a drive that is not connected.
    Offline,
}

impl Store {
    /// Returns all folders, by path.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub fn folders(&self) -> Result<Vec<Folder>, StoreError> {
        let sql = "SELECT id, path, paused, offline FROM folders ORDER BY path";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            let state = match (row.get(2)?, row.get(3)?) {
                (true, _) => FolderState::Paused,
                (false, true) => FolderState::Offline,
                (false, false) => FolderState::Active,
            };
            Ok(Folder {
                id: row.get(0)?,
                path: paths::from_bytes(row.get(1)?),
                state,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Writer<'_> {
    /// Adds a folder, or returns the existing one.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub fn add_folder(&self, path: &Path) -> Result<FolderId, StoreError> {
        let bytes = paths::to_bytes(path);
        let found = self
            .connection
            .query_row("SELECT id FROM folders WHERE path = ?1", [&bytes], |r| {
                r.get(0)
            })
            .optional()?;
        if let Some(id) = found {
            return Ok(id);
        }
        self.connection.execute(
            "INSERT INTO folders (path, added_ms) VALUES (?1, ?2)",
            params![bytes, now_ms()],
        )?;
        Ok(FolderId::new(self.connection.last_insert_rowid()))
    }

    /// Removes a folder and its files. Their photos' embeddings and decisions stay, in case the
    /// folder comes back.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn remove_folder(&self, id: FolderId) -> Result<(), StoreError> {
        self.connection
            .execute("DELETE FROM folders WHERE id = ?1", [id])?;
        Ok(())
    }

    /// Pauses a folder or resumes it.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_folder_paused(&self, id: FolderId, paused: bool) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE folders SET paused = ?2 WHERE id = ?1",
            params![id, paused],
        )?;
        Ok(())
    }

    /// Sets whether a folder is available.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_folder_offline(&self, id: FolderId, offline: bool) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE folders SET offline = ?2 WHERE id = ?1 AND offline != ?2",
            params![id, offline],
        )?;
        Ok(())
    }

    /// Moves a folder's files to another folder, for example when a folder above it is added.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn merge_folder(&self, from: FolderId, into: FolderId) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE files SET folder_id = ?2 WHERE folder_id = ?1",
            [from, into],
        )?;
        self.remove_folder(from)
    }
}
