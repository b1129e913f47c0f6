//! The vocabularies, as texts.

use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::store::{Store, StoreError, Writer};

/// A vocabulary as its author wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVocabulary {
    /// Its name.
    pub name: String,
    /// The text, in any format that `tagging` reads.
    pub text: String,
}

/// The file that a vocabulary came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VocabularyFile {
    /// The vocabulary's name.
    pub(crate) name: String,
    /// Where the file lies.
    pub(crate) path: String,
    /// The digest of the text last taken over.
    pub(crate) taken: String,
    /// The digest of the text last seen.
    pub(crate) seen: String,
}

const REVISION: &str = "vocabulary_revision";
const FILE: &str = "vocabulary_file";

impl Store {
    /// Returns the vocabulary in use; `None` for the built-in one.
    ///
    /// # Errors
    /// If the library cannot be read, or a damaged vocabulary may be the one in use: any other
    /// would change every tag.
    pub(crate) fn vocabulary(&self) -> Result<Option<StoredVocabulary>, StoreError> {
        let sql = "SELECT name, text FROM intact_vocabularies WHERE active = 1";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(StoredVocabulary {
                name: row.get(0)?,
                text: row.get(1)?,
            })
        };
        let found = self.connection.query_row(sql, [], read).optional()?;
        let sql = "SELECT name FROM vocabularies
                   WHERE id NOT IN (SELECT id FROM intact_vocabularies)";
        match found {
            Some(vocabulary) => Ok(Some(vocabulary)),
            None => match self
                .connection
                .query_row(sql, [], |row| row.get::<_, String>(0))
                .optional()?
            {
                None => Ok(None),
                Some(name) => Err(StoreError::damaged(format!(
                    "the vocabulary `{name}` has changed on the disk"
                ))),
            },
        }
    }

    /// Returns the file of the vocabulary imported last, if it is followed.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn vocabulary_file(&self) -> Result<Option<VocabularyFile>, StoreError> {
        let text = crate::store::runs::meta(&self.connection, FILE)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Returns the names of all vocabularies in the library, and which one is in use.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn vocabularies(&self) -> Result<Vec<(String, bool)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT name, active FROM intact_vocabularies ORDER BY name")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns a number that changes with everything that tags depend on.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn vocabulary_revision(&self) -> Result<i64, StoreError> {
        revision(&self.connection)
    }
}

impl Writer<'_> {
    /// Stores a vocabulary under its name and uses it.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub fn set_vocabulary(&self, vocabulary: &StoredVocabulary) -> Result<(), StoreError> {
        self.connection
            .execute("UPDATE vocabularies SET active = 0 WHERE active = 1", [])?;
        self.connection.execute(
            "DELETE FROM vocabularies WHERE name = ?1
             AND id NOT IN (SELECT id FROM intact_vocabularies)",
            [&vocabulary.name],
        )?;
        self.has_decided.set(true);
        self.connection.execute(
            "INSERT INTO vocabularies (name, text, active) VALUES (?1, ?2, 1)
             ON CONFLICT (name) DO UPDATE SET text = ?2, active = 1",
            params![vocabulary.name, vocabulary.text],
        )?;
        self.bump_revision()
    }

    /// Sets the file that [`Store::vocabulary_file`] returns.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_vocabulary_file(
        &self,
        file: Option<&VocabularyFile>,
    ) -> Result<(), StoreError> {
        let text = file.and_then(|file| serde_json::to_string(file).ok());
        self.set_meta(FILE, &text.unwrap_or_default())
    }

    /// Uses the vocabulary of that name; `None` for the built-in one. Returns whether it exists.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn use_vocabulary(&self, name: Option<&str>) -> Result<bool, StoreError> {
        if let Some(name) = name {
            let sql = "SELECT 1 FROM intact_vocabularies WHERE name = ?1";
            if !self.connection.prepare(sql)?.exists([name])? {
                return Ok(false);
            }
        }
        self.connection.execute(
            "UPDATE vocabularies SET active = (name IS ?1)",
            params![name],
        )?;
        self.bump_revision()?;
        Ok(true)
    }

    /// Like [`Store::vocabulary_revision`], inside the transaction.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn vocabulary_revision(&self) -> Result<i64, StoreError> {
        revision(self.connection)
    }

    /// Marks tags as possibly outdated, so that the indexer checks them.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn bump_revision(&self) -> Result<(), StoreError> {
        let next = self.vocabulary_revision()? + 1;
        self.set_meta(REVISION, &next.to_string())
    }
}

fn revision(connection: &rusqlite::Connection) -> Result<i64, StoreError> {
    let text = crate::store::runs::meta(connection, REVISION)?;
    Ok(text.and_then(|t| t.parse().ok()).unwrap_or(0))
}
