//! The last run, and other single values.

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use crate::core::ids::FolderId;
use crate::store::{Store, StoreError, Writer};

/// One run of the pipeline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// Its end, in milliseconds since 1970-01-01 UTC.
    pub(crate) ended_ms: i64,
    /// Its duration.
    pub(crate) elapsed_ms: u64,
    /// The part of it in which the model computed.
    #[serde(default)]
    pub(crate) computing_ms: u64,
    /// Files that were read.
    pub(crate) read: u64,
    /// Photos that were embedded.
    pub(crate) embedded: usize,
    /// Photos embedded per second, while there were any to embed.
    pub(crate) photos_per_second: f64,
    /// The model.
    pub(crate) model: String,
    /// The device.
    pub(crate) device: String,
}

const LAST_RUN: &str = "last_run";

impl Store {
    /// Returns the last run, if there was one.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn last_run(&self) -> Result<Option<Run>, StoreError> {
        let text = meta(&self.connection, LAST_RUN)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }
}

impl Store {
    /// Returns the counts of what the last full scan of a folder skipped, as passed to
    /// [`Writer::set_passed_over`].
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn passed_over(&self, folder_id: FolderId) -> Result<Option<String>, StoreError> {
        meta(&self.connection, &format!("passed_over:{folder_id}"))
    }
}

impl Writer<'_> {
    /// Stores the counts of what a scan of a folder skipped.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_passed_over(
        &self,
        folder_id: FolderId,
        counts: &str,
    ) -> Result<(), StoreError> {
        self.set_meta(&format!("passed_over:{folder_id}"), counts)
    }

    /// Stores a report of a run.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_last_run(&self, run: &Run) -> Result<(), StoreError> {
        let ended_ms = crate::store::now_ms();
        let run = Run {
            ended_ms,
            ..run.clone()
        };
        let text = serde_json::to_string(&run).map_err(|e| StoreError::damaged(e.to_string()))?;
        self.set_meta(LAST_RUN, &text)
    }

    pub(super) fn set_meta(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2)
                   ON CONFLICT (key) DO UPDATE SET value = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute([key, value])?;
        Ok(())
    }
}

pub(super) fn meta(connection: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?)
}
