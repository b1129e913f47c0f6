//! The library's ids for labels, which let decisions outlive the vocabulary that they were made
//! with.

use rusqlite::OptionalExtension;

use crate::core::ids::LabelId;
use crate::store::{Store, StoreError, Writer};

impl Store {
    /// Returns the label of that name, if the library has it.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn label(&self, name: &str) -> Result<Option<LabelId>, StoreError> {
        let sql = "SELECT id FROM intact_labels WHERE name = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }

    /// Returns the keywords that stood for a label under a former name, as names with `|` between
    /// them, each with the label's present name.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub fn former_keywords(&self) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT keyword, labels.name FROM intact_former_keywords
                   JOIN intact_labels labels ON labels.id = label_id ORDER BY keyword";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Writer<'_> {
    /// Returns the label of that name, and creates it if necessary.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub fn label(&self, name: &str) -> Result<LabelId, StoreError> {
        let sql = "SELECT id FROM intact_labels WHERE name = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_row([name], |row| row.get(0)).optional()?;
        if let Some(id) = found {
            return Ok(id);
        }
        let mut statement = self
            .connection
            .prepare_cached("INSERT INTO labels (name) VALUES (?1)")?;
        match statement.insert([name]) {
            Ok(id) => Ok(LabelId::new(id)),
            // A damaged row still holds its name.
            Err(error) if is_taken(&error) => Err(StoreError::damaged(format!(
                "the label `{name}` has changed on the disk"
            ))),
            Err(error) => Err(error.into()),
        }
    }

    /// Renames labels all at once, so that in a chain or a circle of names every label gets its
    /// own. See [`Writer::rename_label`].
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn rename_labels(&self, names: &[(String, String)]) -> Result<(), StoreError> {
        // Nothing refers to a label that the library does not have.
        let mut known = Vec::new();
        for (from, into) in names {
            let sql = "SELECT 1 FROM labels WHERE name = ?1";
            if self.connection.prepare_cached(sql)?.exists([from])? {
                known.push((from, into));
            }
        }
        // No vocabulary has a label with a control character.
        let between = |i: usize| format!("\u{1}{i}");
        for (i, (from, _)) in known.iter().enumerate() {
            self.rename_label(from, &between(i))?;
        }
        for (i, (_, into)) in known.iter().enumerate() {
            self.rename_label(&between(i), into)?;
        }
        Ok(())
    }

    /// Renames a label, which keeps its decisions and keywords. If the new name already has
    /// decisions, both are merged, and the later decision on a photo counts; an inferred rejection
    /// counts only against another one.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn rename_label(&self, from: &str, into: &str) -> Result<(), StoreError> {
        if from == into {
            return Ok(());
        }
        self.has_decided.set(true);
        let (from, into) = (self.label(from)?, self.label(into)?);
        self.connection.execute(
            "INSERT INTO decisions (photo_id, label_id, accepted, origin, decided_ms)
             SELECT photo_id, ?2, accepted, origin, decided_ms FROM intact_decisions
             WHERE label_id = ?1
             ON CONFLICT DO UPDATE SET accepted = excluded.accepted, origin = excluded.origin,
                 decided_ms = excluded.decided_ms
             WHERE iif((excluded.accepted OR excluded.origin != 2) = (accepted OR origin != 2),
                       excluded.decided_ms > decided_ms, excluded.accepted OR excluded.origin != 2)",
            [from, into],
        )?;
        self.connection.execute(
            "INSERT OR IGNORE INTO learning (label_id, active, since_ms)
             SELECT ?2, active, since_ms FROM intact_learning WHERE label_id = ?1",
            [from, into],
        )?;
        for table in ["source_keywords", "export_keywords"] {
            let sql = format!(
                "INSERT INTO former_keywords (keyword, label_id)
                 SELECT DISTINCT keyword, ?2 FROM {table} WHERE label_id = ?1
                 ON CONFLICT DO UPDATE SET label_id = ?2"
            );
            self.connection.execute(&sql, [from, into])?;
        }
        for table in ["source_keywords", "export_keywords", "former_keywords"] {
            let sql = format!("UPDATE {table} SET label_id = ?2 WHERE label_id = ?1");
            self.connection.execute(&sql, [from, into])?;
        }
        for table in ["decisions", "tags", "scored", "learning", "learned"] {
            let sql = format!("DELETE FROM {table} WHERE label_id = ?1");
            self.connection.execute(&sql, [from])?;
        }
        let sql = "DELETE FROM labels WHERE id = ?1";
        self.connection.execute(sql, [from])?;
        Ok(())
    }
}

fn is_taken(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}
