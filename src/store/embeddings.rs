//! Embeddings: blobs in the file, rows of one contiguous matrix in memory.
//!
//! Vectors are stored as 16-bit floats. Rounding a unit vector's values to 11 significant bits
//! changes a cosine by about 1e-5 (the errors of 512 values mostly cancel out), and halves both the
//! file and the memory for a million photos.

use std::collections::HashSet;

use half::f16;
use half::slice::HalfFloatSliceExt;
use rusqlite::params;

use crate::core::ids::{EmbeddingId, ModelId, PhotoId};
use crate::core::photo::{ContentHash, Identity, PictureHash};
use crate::store::{Store, StoreError};

/// The embeddings in memory at once where they are passed on: some megabytes.
const BLOCK: usize = 8192;

/// All embeddings of one model.
#[derive(Clone, Debug, Default)]
pub struct EmbeddingMatrix {
    /// The photo of each row.
    pub(crate) photo_ids: Vec<PhotoId>,
    /// `[photo_ids.len(), dimension]` in row-major order; every row has unit length.
    pub rows: Vec<f16>,
    /// Length of a row; 0 if there are none.
    pub dimension: usize,
}

impl EmbeddingMatrix {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.photo_ids.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.photo_ids.is_empty()
    }

    pub(super) fn push(&mut self, photo_id: PhotoId, bytes: &[u8]) -> Result<(), StoreError> {
        if self.dimension == 0 {
            self.dimension = bytes.len() / 2;
        }
        if bytes.len() != 2 * self.dimension || self.dimension == 0 {
            return Err(StoreError::damaged(format!(
                "the embedding of photo {photo_id} has {} bytes instead of {}",
                bytes.len(),
                2 * self.dimension
            )));
        }
        let values = bytes.as_chunks::<2>().0.iter();
        self.rows.extend(values.map(|b| f16::from_le_bytes(*b)));
        self.photo_ids.push(photo_id);
        Ok(())
    }
}

/// The stored form of a vector: rounded to the nearest 16-bit floats, little-endian.
pub(super) fn to_bytes(values: &[f32]) -> Vec<u8> {
    let mut rounded = vec![f16::ZERO; values.len()];
    rounded.convert_from_f32_slice(values);
    rounded.iter().flat_map(|v| v.to_le_bytes()).collect()
}

impl Store {
    /// Returns all embeddings of `model`, in the order in which they were made. Reading a million
    /// of 512 values takes about two seconds and a gigabyte.
    ///
    /// # Errors
    /// If the library cannot be read, or a row is not as long as the others.
    pub fn matrix(&self, model: ModelId) -> Result<EmbeddingMatrix, StoreError> {
        let mut matrix = EmbeddingMatrix::default();
        // Rows are in the order of their ids, so an index would only slow this down.
        let sql = "SELECT photo_id, vector FROM embeddings NOT INDEXED WHERE model_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([model])?;
        while let Some(row) = rows.next()? {
            let photo_id = row.get(0)?;
            let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            if matrix.is_empty() {
                let count = self.embedded(model)?;
                matrix.photo_ids.reserve_exact(count);
                matrix.rows.reserve_exact(count * bytes.len() / 2);
            }
            matrix.push(photo_id, bytes)?;
        }
        Ok(matrix)
    }

    /// Passes all embeddings of `model` to `take`, some thousands at a time, in the order in which they
    /// were made.
    ///
    /// # Errors
    /// As [`Store::matrix`], and what `take` returns.
    pub(crate) fn each_block<E: From<StoreError>>(
        &self,
        model: ModelId,
        mut take: impl FnMut(&EmbeddingMatrix) -> Result<(), E>,
    ) -> Result<(), E> {
        let wrap = |error: rusqlite::Error| E::from(StoreError::from(error));
        let sql = "SELECT photo_id, vector FROM embeddings NOT INDEXED WHERE model_id = ?1";
        let mut statement = self.connection.prepare_cached(sql).map_err(wrap)?;
        let mut rows = statement.query([model]).map_err(wrap)?;
        // Its dimension stays: a row of another length is damaged, whichever block it is in.
        let mut block = EmbeddingMatrix::default();
        while let Some(row) = rows.next().map_err(wrap)? {
            let photo = row.get(0).map_err(wrap)?;
            let bytes = row.get_ref(1).map_err(wrap)?;
            let bytes = bytes.as_blob().map_err(|error| wrap(error.into()))?;
            block.push(photo, bytes)?;
            if block.len() == BLOCK {
                take(&block)?;
                block.photo_ids.clear();
                block.rows.clear();
            }
        }
        match block.is_empty() {
            true => Ok(()),
            false => take(&block),
        }
    }

    /// Returns at most `limit` embeddings of `model` made after the one with the id `after`, in the
    /// order in which they were made, with the id of the last.
    ///
    /// # Errors
    /// As [`Store::matrix`].
    pub(crate) fn matrix_after(
        &self,
        model: ModelId,
        after: EmbeddingId,
        limit: usize,
    ) -> Result<(EmbeddingMatrix, EmbeddingId), StoreError> {
        let sql = "SELECT id, photo_id, vector FROM embeddings NOT INDEXED
                   WHERE id > ?2 AND model_id = ?1 ORDER BY id LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![model, after, limit])?;
        let mut matrix = EmbeddingMatrix::default();
        let mut last = after;
        while let Some(row) = rows.next()? {
            last = row.get(0)?;
            let bytes = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
            matrix.push(row.get(1)?, bytes)?;
        }
        Ok((matrix, last))
    }

    /// Returns how many photos are embedded with `model`.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn embedded(&self, model: ModelId) -> Result<usize, StoreError> {
        let sql = "SELECT count(*) FROM embeddings INDEXED BY embeddings_by_photo
                   WHERE model_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let count: i64 = statement.query_row([model], |row| row.get(0))?;
        Ok(count as usize)
    }

    /// Returns the embeddings of some photos, without those that have none.
    ///
    /// # Errors
    /// As [`Store::matrix`].
    pub(crate) fn matrix_of(
        &self,
        model: ModelId,
        photo_ids: &[PhotoId],
    ) -> Result<EmbeddingMatrix, StoreError> {
        let mut matrix = EmbeddingMatrix::default();
        let sql = "SELECT vector FROM embeddings WHERE model_id = ?1 AND photo_id = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        for photo_id in photo_ids {
            let mut rows = statement.query(params![model, photo_id])?;
            if let Some(row) = rows.next()? {
                let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
                matrix.push(*photo_id, bytes)?;
            }
        }
        Ok(matrix)
    }

    /// Returns the contents that need no more decoding: those embedded with `model`, and those that
    /// the decoder of `decoder_version` could not read. A photo that has no picture hash yet counts
    /// with that of all its bytes.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn settled_contents(
        &self,
        model: ModelId,
        decoder_version: i64,
    ) -> Result<HashSet<PictureHash>, StoreError> {
        let sql = "SELECT hash, picture FROM photos
                   WHERE (error IS NOT NULL AND error_version = ?2)
                      OR id IN (SELECT photo_id FROM embeddings WHERE model_id = ?1)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![model, decoder_version], |row| {
            let picture: Option<[u8; 16]> = row.get(1)?;
            match picture {
                Some(picture) => Ok(PictureHash::of_bytes(picture)),
                None => Ok(Identity::of_file(ContentHash::new(row.get(0)?)).picture),
            }
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
