//! What the user is told once per library, and has allowed for it.

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

/// The library's key for [`Store::may_embed`].
const MAY_EMBED: &str = "may_embed";

impl Store {
    /// Whether the user has switched on that exports of this library may write into photos.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn may_embed(&self) -> Result<bool, StoreError> {
        Ok(meta(&self.connection, MAY_EMBED)?.as_deref() == Some("1"))
    }
}

impl Writer<'_> {
    /// Notes whether exports of this library may write into photos. Who says yes has read the warning.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_may_embed(&self, allowed: bool) -> Result<(), StoreError> {
        if allowed {
            self.set_told(ToldOnce::Embedding)?;
        }
        self.set_meta(MAY_EMBED, if allowed { "1" } else { "0" })
    }

    /// Notes that the user was told this.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn set_told(&self, what: ToldOnce) -> Result<(), StoreError> {
        self.set_meta(what.key(), &now_ms().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_may_be_written_into_photos_until_somebody_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("library.sqlite")).unwrap();
        assert!(!store.may_embed().unwrap());
        store.write(|w| w.set_may_embed(false)).unwrap();
        assert!(!store.may_embed().unwrap());
        assert!(!store.was_told(ToldOnce::Embedding).unwrap());
        store.write(|w| w.set_may_embed(true)).unwrap();
        assert!(store.may_embed().unwrap() && store.was_told(ToldOnce::Embedding).unwrap());
        store.write(|w| w.set_may_embed(false)).unwrap();
        // The warning comes once, whatever is switched later.
        assert!(!store.may_embed().unwrap() && store.was_told(ToldOnce::Embedding).unwrap());
    }
}
