//! The machine's tags, which re-scoring replaces label by label.

use std::collections::{BTreeSet, HashMap};

use rusqlite::params;

use crate::core::ids::{LabelId, PhotoId};
use crate::store::{Store, StoreError, Writer};

/// A label that is applied to a photo or suggested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TagRow {
    /// The label.
    pub(crate) label: LabelId,
    /// The log-odds that it is right, by which photos are ranked for a label.
    pub(crate) score: f32,
    /// The probability that it is right, 0 to 1.
    pub(crate) confidence: f32,
    /// Whether it is applied, not only suggested.
    pub(crate) accepted: bool,
}

impl Store {
    /// Returns the fingerprint of the inputs of each label's tags.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub fn scored_labels(&self) -> Result<HashMap<LabelId, [u8; 32]>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT label_id, fingerprint FROM scored")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the labels that no photo has, not even as a suggestion.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn labels_without_tags(&self) -> Result<Vec<LabelId>, StoreError> {
        let sql = "SELECT label_id FROM scored
                   WHERE NOT EXISTS (SELECT 1 FROM tags WHERE tags.label_id = scored.label_id)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the photos that were embedded while labels changed.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn unscored(&self) -> Result<Vec<PhotoId>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT photo_id FROM unscored")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the labels that the machine applies to a photo, whatever the user decided.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn given_labels(&self, photo: PhotoId) -> Result<BTreeSet<String>, StoreError> {
        given_labels(&self.connection, photo)
    }
}

fn given_labels(
    connection: &rusqlite::Connection,
    photo: PhotoId,
) -> Result<BTreeSet<String>, StoreError> {
    let sql = "SELECT labels.name FROM tags JOIN labels ON labels.id = label_id
               WHERE photo_id = ?1 AND accepted";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([photo], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

const INSERT: &str = "INSERT INTO tags (label_id, photo_id, score, confidence, accepted)
     VALUES (?1, ?2, ?3, ?4, ?5)";

impl Writer<'_> {
    /// Returns the labels that the machine applies to a photo, whatever the user decided.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn given_labels(&self, photo: PhotoId) -> Result<BTreeSet<String>, StoreError> {
        given_labels(self.connection, photo)
    }

    /// Replaces all of a photo's tags.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_tags(&self, photo: PhotoId, tags: &[TagRow]) -> Result<(), StoreError> {
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM tags WHERE photo_id = ?1")?;
        delete.execute([photo])?;
        let mut insert = self.connection.prepare_cached(INSERT)?;
        for tag in tags {
            insert.execute(params![
                tag.label,
                photo,
                tag.score,
                tag.confidence,
                tag.accepted
            ])?;
        }
        let mut scored = self
            .connection
            .prepare_cached("DELETE FROM unscored WHERE photo_id = ?1")?;
        scored.execute([photo])?;
        Ok(())
    }

    /// Marks the photo's tags as still to be computed.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_unscored(&self, photo: PhotoId) -> Result<(), StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("INSERT OR IGNORE INTO unscored (photo_id) VALUES (?1)")?;
        statement.execute([photo])?;
        Ok(())
    }

    /// Replaces all tags of a label, and stores the fingerprint of their inputs.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_label_tags(
        &self,
        label: LabelId,
        fingerprint: &[u8; 32],
        tags: impl IntoIterator<Item = (PhotoId, TagRow)>,
    ) -> Result<(), StoreError> {
        self.clear_label_tags(label)?;
        let mut insert = self.connection.prepare_cached(INSERT)?;
        for (photo, tag) in tags {
            insert.execute(params![
                label,
                photo,
                tag.score,
                tag.confidence,
                tag.accepted
            ])?;
        }
        let sql = "INSERT INTO scored (label_id, fingerprint) VALUES (?1, ?2)
                   ON CONFLICT (label_id) DO UPDATE SET fingerprint = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![label, fingerprint])?;
        Ok(())
    }

    /// Removes the tags of a label that is no longer used. Its decisions stay.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn drop_label_tags(&self, label: LabelId) -> Result<(), StoreError> {
        self.clear_label_tags(label)?;
        let mut statement = self
            .connection
            .prepare_cached("DELETE FROM scored WHERE label_id = ?1")?;
        statement.execute([label])?;
        self.keep_learned(label, None)
    }

    fn clear_label_tags(&self, label: LabelId) -> Result<(), StoreError> {
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM tags WHERE label_id = ?1")?;
        delete.execute([label])?;
        Ok(())
    }
}
