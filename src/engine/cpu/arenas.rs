//! Memory that is used again by whoever computes next.

use std::sync::{Mutex, PoisonError};

/// As many sets of buffers as there are threads that compute with a model at the same time.
pub(crate) struct Arenas<T>(Mutex<Vec<T>>);

impl<T> Default for Arenas<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Arenas<T> {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<T: Default> Arenas<T> {
    /// Runs `compute` with a set of buffers, of any content.
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
