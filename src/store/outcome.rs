//! The outcome of reading a file.

use rusqlite::{OptionalExtension, params};

use crate::core::embedding::Embedding;
use crate::core::ids::{FileId, ModelId, PhotoId};
use crate::core::photo::{ContentHash, FileStamp};
use crate::store::embeddings::to_bytes;
use crate::store::{StoreError, Writer};

/// The outcome for a file.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The file.
    pub file_id: FileId,
    /// The file system's stamp when it was read.
    pub stamp: FileStamp,
    /// The content's hash and its result, or why the file could not be read.
    pub result: Result<(ContentHash, Content), String>,
}

/// The result for a content.
#[derive(Clone, Debug)]
pub enum Content {
    /// It is already known, or another file with it is being processed.
    Known,
    /// It was decoded and embedded.
    Embedded {
        /// Width and height, upright, in pixels.
        size: (u32, u32),
        /// Whether the file has the whole picture; missing parts are grey.
        complete: bool,
        /// The model's embedding.
        embedding: Embedding,
    },
    /// It cannot be decoded, and will not be before the decoder changes.
    Undecodable {
        /// The reason, without the file's name.
        reason: String,
    },
}

/// The effect of an [`Outcome`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// The file has disappeared or changed since it was read; nothing was stored.
    Stale,
    /// The file could not be read, which was recorded.
    Unreadable,
    /// It is a file of this photo.
    Photo(PhotoId),
}

impl Writer<'_> {
    /// Stores an outcome. If the new content shows much the same as the file's previous one, it
    /// inherits the decisions. Entries of missing files with the same content are removed, because
    /// it is here now.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub fn record(
        &self,
        model: ModelId,
        decoder_version: i64,
        outcome: &Outcome,
    ) -> Result<Recorded, StoreError> {
        let Some(previous) = self.unchanged(outcome.file_id, outcome.stamp)? else {
            return Ok(Recorded::Stale);
        };
        let (hash, content) = match &outcome.result {
            Ok(found) => found,
            Err(reason) => {
                let sql = "UPDATE files SET error = ?2 WHERE id = ?1";
                let mut statement = self.connection.prepare_cached(sql)?;
                statement.execute(params![outcome.file_id, reason])?;
                return Ok(Recorded::Unreadable);
            }
        };
        let (photo, is_new) = self.photo(hash)?;
        match content {
            Content::Known => {}
            Content::Embedded {
                size,
                complete,
                embedding,
            } => {
                let sql = "UPDATE photos SET width = ?2, height = ?3, incomplete = ?4,
                               error = NULL, error_version = NULL WHERE id = ?1";
                let mut statement = self.connection.prepare_cached(sql)?;
                statement.execute(params![photo, size.0, size.1, !complete])?;
                let sql = "INSERT INTO embeddings (model_id, photo_id, vector) VALUES (?1, ?2, ?3)
                           ON CONFLICT (photo_id, model_id) DO UPDATE SET vector = ?3";
                let mut statement = self.connection.prepare_cached(sql)?;
                statement.execute(params![model, photo, to_bytes(embedding.values())])?;
            }
            Content::Undecodable { reason } => {
                let sql = "UPDATE photos SET error = ?2, error_version = ?3 WHERE id = ?1";
                let mut statement = self.connection.prepare_cached(sql)?;
                statement.execute(params![photo, reason, decoder_version])?;
            }
        }
        let previous = previous.filter(|p| *p != photo);
        if let Some(previous) = previous
            && (is_new || self.was_edited(outcome.file_id, previous, photo)?)
            && self.has_decisions(previous)?
            && self.is_near(model, previous, photo)?
        {
            self.pass_on(previous, photo)?;
            self.pass_on_sources(outcome.file_id, previous, photo)?;
        }
        self.connect(outcome.file_id, photo)?;
        // A half-written photo says nothing about the final one.
        if let (Some(previous), Content::Undecodable { .. }) = (previous, content) {
            let sql = "UPDATE files SET previous_id = ?2 WHERE id = ?1";
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.execute(params![outcome.file_id, previous])?;
        }
        Ok(Recorded::Photo(photo))
    }

    /// Returns the fault of a photo that the decoder of `decoder_version` could not read.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn fault_of(
        &self,
        photo: PhotoId,
        decoder_version: i64,
    ) -> Result<Option<String>, StoreError> {
        let sql = "SELECT error FROM photos WHERE id = ?1 AND error_version = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let fault = statement.query_row(params![photo, decoder_version], |row| row.get(0));
        Ok(fault.optional()?.flatten())
    }

    /// Returns the file's previous photo; the outer `None` if the file is no longer what was read.
    fn unchanged(
        &self,
        id: FileId,
        stamp: FileStamp,
    ) -> Result<Option<Option<PhotoId>>, StoreError> {
        let sql = "SELECT previous_id FROM files
                   WHERE id = ?1 AND size_bytes = ?2 AND modified_ns = ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let values = params![id, stamp.size_bytes as i64, stamp.modified_ns];
        Ok(statement.query_row(values, |row| row.get(0)).optional()?)
    }

    /// Returns the photo with that content, and whether it is new.
    pub(super) fn photo(&self, hash: &ContentHash) -> Result<(PhotoId, bool), StoreError> {
        let sql = "SELECT id FROM photos WHERE hash = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement
            .query_row([hash.bytes()], |row| row.get(0))
            .optional()?;
        if let Some(id) = found {
            return Ok((id, false));
        }
        let mut statement = self
            .connection
            .prepare_cached("INSERT INTO photos (hash) VALUES (?1)")?;
        Ok((PhotoId::new(statement.insert([hash.bytes()])?), true))
    }

    /// Whether a known content came to this path by an edit. If it or the previous content also has
    /// another path, photos were moved, and each keeps its own decisions.
    fn was_edited(
        &self,
        file: FileId,
        previous: PhotoId,
        photo: PhotoId,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM files WHERE id != ?1
                       AND (photo_id IN (?2, ?3) OR previous_id = ?3))";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(params![file, previous, photo], |row| row.get(0))?)
    }

    fn pass_on(&self, previous: PhotoId, photo: PhotoId) -> Result<(), StoreError> {
        // Of two decisions on the same label, the later counts.
        let sql = "INSERT INTO decisions (photo_id, label_id, accepted, origin, decided_ms)
                   SELECT ?2, label_id, accepted, origin, decided_ms FROM intact_decisions
                   WHERE photo_id = ?1
                   ON CONFLICT DO UPDATE SET accepted = excluded.accepted,
                       origin = excluded.origin, decided_ms = excluded.decided_ms
                       WHERE excluded.decided_ms > decisions.decided_ms";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute([previous, photo])?;
        Ok(())
    }

    fn has_decisions(&self, photo: PhotoId) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM intact_decisions WHERE photo_id = ?1)";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([photo], |row| row.get(0))?)
    }

    fn connect(&self, file: FileId, photo: PhotoId) -> Result<(), StoreError> {
        let sql = "UPDATE files SET photo_id = ?2, previous_id = NULL, error = NULL WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![file, photo])?;
        let sql = "DELETE FROM files WHERE photo_id = ?1 AND presence = 1 AND id != ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![photo, file])?;
        Ok(())
    }
}
