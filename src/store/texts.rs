//! Stores embeddings of texts, so that the text encoder computes each label only once.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, params};

use crate::core::embedding::Embedding;
use crate::core::ids::ModelId;
use crate::store::{Store, StoreError, Writer};

impl Store {
    /// Returns those of `texts` that have a stored embedding by `model`.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn texts<'a>(
        &self,
        model: ModelId,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<HashMap<String, Embedding>, StoreError> {
        let sql = "SELECT vector FROM texts WHERE model_id = ?1 AND text = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut found = HashMap::new();
        for text in texts {
            let bytes: Option<Vec<u8>> = statement
                .query_row(params![model, text], |row| row.get(0))
                .optional()?;
            if let Some(embedding) = bytes.and_then(|b| from_bytes(&b)) {
                found.insert(text.to_owned(), embedding);
            }
        }
        Ok(found)
    }
}

impl Writer<'_> {
    /// Stores embeddings of texts.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn keep_texts<'a>(
        &self,
        model: ModelId,
        texts: impl IntoIterator<Item = (&'a str, &'a Embedding)>,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO texts (model_id, text, vector) VALUES (?1, ?2, ?3)
                   ON CONFLICT DO UPDATE SET vector = ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (text, embedding) in texts {
            let values = embedding.values().iter();
            let bytes: Vec<u8> = values.flat_map(|v| v.to_le_bytes()).collect();
            statement.execute(params![model, text, bytes])?;
        }
        Ok(())
    }
}

/// Parses a stored vector; `None` if it is damaged, so that it is computed again.
fn from_bytes(bytes: &[u8]) -> Option<Embedding> {
    let (values, rest) = bytes.as_chunks::<4>();
    let values = values.iter().map(|b| f32::from_le_bytes(*b)).collect();
    Embedding::normalised(values).filter(|_| rest.is_empty())
}
