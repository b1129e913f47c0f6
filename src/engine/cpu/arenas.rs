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

    /// Computes with `most` items at a time at most. Batches are as even as possible, because a short last
    /// one is slow.
    pub(crate) fn in_batches<I, R>(
        &self,
        items: &[I],
        most: usize,
        mut batch: impl FnMut(&[I], &mut T) -> Vec<R>,
    ) -> Vec<R> {
        let batches = items.len().div_ceil(most).max(1);
        let at_once = items.len().div_ceil(batches).max(1);
        self.with(|arena| {
            items
                .chunks(at_once)
                .flat_map(|items| batch(items, arena))
                .collect()
        })
    }
}
