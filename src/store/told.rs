//! What the user is told once per library.

use crate::store::runs::meta;
use crate::store::{Store, StoreError, Writer, now_ms};

/// What the user is told once per library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToldOnce {
    /// That an export writes into photos.
    Embedding,
    /// That some programs read a JPEG's keywords only inside it.
    Inside,
}

impl ToldOnce {
    fn key(self) -> &'static str {
        match self {
            Self::Embedding => "told_embedding",
            Self::Inside => "told_inside",
        }
    }
}

impl Store {
    /// Whether the user was told this.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn was_told(&self, what: ToldOnce) -> Result<bool, StoreError> {
        Ok(meta(&self.connection, what.key())?.is_some())
    }
}

impl Writer<'_> {
    /// Notes that the user was told this.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_told(&self, what: ToldOnce) -> Result<(), StoreError> {
        self.set_meta(what.key(), &now_ms().to_string())
    }
}
