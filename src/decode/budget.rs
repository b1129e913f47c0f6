//! The memory that all threads together may hold: files, and what becomes of them.
//!
//! They are two budgets, so that nobody waits in a circle: whoever holds a file may wait for a picture,
//! and nobody who holds a picture waits for a file.

use std::sync::{Condvar, Mutex, PoisonError};

/// Pictures are decoded in parallel, and each may by itself take nearly all that
/// [`Limits::max_bytes`](crate::decode::Limits::max_bytes) allows: only together can they be held to it.
pub(super) static PICTURES: Budget = Budget::new();

/// Files in memory, to [`MOST_FILE_BYTES`].
pub(super) static FILES: Budget = Budget::new();

/// Bytes of files that threads together hold; a file that is larger is held alone.
pub(super) const MOST_FILE_BYTES: u64 = 192 << 20;

/// Shares are given out in the order they were asked for, so that a large picture is not
/// overtaken by small ones for ever.
pub(super) struct Budget {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    used: u64,
    next_ticket: u64,
    serving: u64,
}

/// Bytes set aside, given back when dropped.
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

    /// Waits until `bytes` fit under `limit`. A picture alone is always let through, so that this
    /// ends as long as every holder does: never take a second share of a budget while holding one.
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
        // More than everything is let through where nobody else holds anything.
        drop(budget.take(1000, 100));
    }
}
