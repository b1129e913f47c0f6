//! Restores the user's data from a backup.

use crate::store::backup::Backup;
use crate::store::guard::{self, GUARDED};
use crate::store::{Store, StoreError, rows};

impl Store {
    /// Resets decisions, vocabularies and the journal of exports to the backup, and adds its
    /// folders. Photos and their embeddings stay. Returns the number of decisions.
    ///
    /// # Errors
    /// If the library cannot be written; then nothing has changed.
    pub(crate) fn restore(&mut self, backup: &Backup) -> Result<usize, StoreError> {
        let from = backup.connection();
        self.back_up_before("restore")?;
        self.write(|w| {
            w.connection
                .execute_batch("PRAGMA defer_foreign_keys = ON")?;
            // Tags refer to labels.
            for guarded in GUARDED.iter().filter(|g| g.table != "labels").rev() {
                w.connection
                    .execute(&format!("DELETE FROM {}", guarded.table), [])?;
            }
            rows::add_folders(from, w.connection)?;
            for guarded in GUARDED {
                rows::bring_back(from, w.connection, &guarded, None)?;
                guard::recount(w.connection, &guarded)?;
            }
            w.has_decided.set(true);
            w.bump_revision()?;
            let sql = "SELECT count(*) FROM intact_decisions";
            let count: i64 = w.connection.query_row(sql, [], |row| row.get(0))?;
            Ok(usize::try_from(count).unwrap_or_default())
        })
    }
}
