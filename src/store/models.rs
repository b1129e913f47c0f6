//! The models that embedded the photos.

use rusqlite::{OptionalExtension, params};

use crate::core::ids::ModelId;
use crate::store::{Store, StoreError, Writer};

impl Store {
    /// Returns the model of that fingerprint, if it was ever used here.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn model(&self, fingerprint: &[u8; 32]) -> Result<Option<ModelId>, StoreError> {
        let sql = "SELECT id FROM models WHERE fingerprint = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement
            .query_row([fingerprint], |row| row.get(0))
            .optional()?)
    }
}

impl Writer<'_> {
    /// Returns the model of that fingerprint, which covers its weights and its preprocessing, and
    /// creates it if necessary. `name` is its present name.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub fn model(&self, name: &str, fingerprint: &[u8; 32]) -> Result<ModelId, StoreError> {
        let sql = "INSERT INTO models (name, fingerprint) VALUES (?1, ?2)
                   ON CONFLICT (fingerprint) DO UPDATE SET name = ?1 RETURNING id";
        let values = params![name, fingerprint];
        Ok(self.connection.query_row(sql, values, |row| row.get(0))?)
    }
}
