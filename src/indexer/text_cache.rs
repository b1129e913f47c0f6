//! Computes each text embedding once and then keeps it in the library.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::core::embedding::Embedding;
use crate::core::encoder::{EncodeError, TextEncoder};
use crate::core::ids::ModelId;
use crate::store::Store;

/// A text encoder that searches the library before it computes.
pub(crate) struct TextCache {
    encoder: Arc<dyn TextEncoder>,
    model: ModelId,
    store: Mutex<Store>,
    fresh: Mutex<HashMap<String, Embedding>>,
}

impl TextCache {
    /// Only reads `store`; [`TextCache::take_fresh`] returns what was computed.
    pub(crate) fn new(encoder: Arc<dyn TextEncoder>, model: ModelId, store: Store) -> Self {
        Self {
            encoder,
            model,
            store: Mutex::new(store),
            fresh: Mutex::default(),
        }
    }

    /// Takes the embeddings computed since the last call, for the caller to store.
    pub(crate) fn take_fresh(&self) -> HashMap<String, Embedding> {
        std::mem::take(&mut *lock(&self.fresh))
    }
}

impl TextEncoder for TextCache {
    fn dimension(&self) -> usize {
        self.encoder.dimension()
    }

    fn encode_texts(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        // A cache that cannot be read costs time, not the result.
        let mut known = lock(&self.store)
            .texts(self.model, texts.iter().copied())
            .unwrap_or_default();
        known.retain(|_, e| e.dimension() == self.encoder.dimension());
        let mut missing: Vec<&str> = texts
            .iter()
            .copied()
            .filter(|text| !known.contains_key(*text))
            .collect();
        missing.sort_unstable();
        missing.dedup();
        if !missing.is_empty() {
            let computed = self.encoder.encode_texts(&missing)?;
            let mut fresh = lock(&self.fresh);
            for (text, embedding) in missing.iter().zip(computed) {
                fresh.insert((*text).to_owned(), embedding.clone());
                known.insert((*text).to_owned(), embedding);
            }
        }
        texts
            .iter()
            .map(|text| known.get(*text).cloned().ok_or(EncodeError::Degenerate))
            .collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fallback::images::tests::Fragile;

    #[test]
    fn a_text_is_computed_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("library")).unwrap();
        let model = store.write(|w| w.model("m", &[1; 32])).unwrap();
        let encoder = Fragile::new(100);
        let cache = TextCache::new(encoder.clone(), model, store.reader().unwrap());
        let first = cache.encode_texts(&["dog", "a cat", "dog"]).unwrap();
        assert_eq!(first[0], first[2]);
        let fresh = cache.take_fresh();
        assert_eq!(fresh.len(), 2);
        store
            .write(|w| w.keep_texts(model, fresh.iter().map(|(t, e)| (t.as_str(), e))))
            .unwrap();
        let again = cache.encode_texts(&["a cat", "dog"]).unwrap();
        assert!(again[1].similarity(&first[0]) > 0.999_999);
        assert!(cache.take_fresh().is_empty());
    }
}
