//! The memory that all threads together may use for files and pictures.
//!
//! There are two budgets, so that waits never form a cycle: the holder of a file may wait for a
//! picture, but the holder of a picture never waits for a file.

use std::sync::{Condvar, Mutex, PoisonError};

/// Pictures are decoded in parallel, and each alone may take nearly all that
/// [`Limits::max_bytes`](crate::decode::Limits::max_bytes) allows, so they share this budget.
pub(super) static PICTURES: Budget = Budget::new();

/// Files in memory, to [`MOST_FILE_BYTES`].
pub(super) static FILES: Budget = Budget::new();

/// The most bytes of files that threads together hold; a larger file is held alone.
pub(super) const MOST_FILE_BYTES: u64 = 192 << 20;

/// A budget. Requests are served in order, so that small pictures do not overtake a large one for
/// ever.
pub(super) struct Budget {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    used: u64,
    next_ticket: u64,
    serving: u64,
}

/// Reserved bytes, returned when dropped.
pub(super) struct Share<'a> {
    budget: &'a Budget,
    bytes: u64,
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self {
            state: Mutex::new(State {
                used: 0,
                next_ticket: 0,
                serving: 0,
            }),
            changed: Condvar::new(),
        }
    }

    /// Waits until `bytes` fit under `limit`. A single picture always fits, so this ends if every
    /// holder ends: never take a second share of a budget while holding one.
    pub(super) fn take(&self, bytes: u64, limit: u64) -> Share<'_> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        let mut state = self
            .changed
            .wait_while(state, |s| {
                s.serving != ticket || (s.used > 0 && s.used.saturating_add(bytes) > limit)
            })
            .unwrap_or_else(PoisonError::into_inner);
        state.used = state.used.saturating_add(bytes);
        state.serving += 1;
        drop(state);
        self.changed.notify_all();
        Share {
            budget: self,
            bytes,
        }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut state = self
            .budget
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        state.used = state.used.saturating_sub(self.bytes);
        drop(state);
        self.budget.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn threads_together_stay_under_the_limit() {
        let budget = Budget::new();
        let (held, most) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for thread in 0..6_u64 {
                let (budget, held, most) = (&budget, &held, &most);
                scope.spawn(move || {
                    for round in 0..50 {
                        let bytes = 10 + (thread * 31 + round * 17) % 60;
                        let share = budget.take(bytes, 100);
                        let now = held.fetch_add(bytes, Ordering::SeqCst) + bytes;
                        most.fetch_max(now, Ordering::SeqCst);
                        std::thread::yield_now();
                        held.fetch_sub(bytes, Ordering::SeqCst);
                        drop(share);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 100);
        // More than the limit fits if nobody else holds anything.
        drop(budget.take(1000, 100));
    }
}
