//! Buffers for reuse.

use std::sync::{Mutex, PoisonError};

/// One set of buffers for each thread that computes with a model at the same time.
pub(crate) struct Arenas<T>(Mutex<Vec<T>>);

impl<T> Default for Arenas<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Arenas<T> {
    /// Creates an empty pool.
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<T: Default> Arenas<T> {
    /// Runs `compute` with a set of buffers of undefined content.
    pub(crate) fn with<R>(&self, compute: impl FnOnce(&mut T) -> R) -> R {
        let free = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut arena = free.unwrap_or_default();
        let result = compute(&mut arena);
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(arena);
        result
    }
}
