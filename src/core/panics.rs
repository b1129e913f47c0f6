//! Contains panics of third-party decoders, so that they become errors.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// Whether this thread is inside [`contained`].
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread would now become an error, for a panic hook.
pub(crate) fn contains_panics() -> bool {
    CONTAINED.try_with(Cell::get).unwrap_or(false)
}

/// Runs work that may panic. Nothing but the result should outlive the closure, so that no
/// half-changed value is visible afterwards.
///
/// # Errors
/// The panic's message.
pub(crate) fn contained<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let outer = CONTAINED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    CONTAINED.set(outer);
    done.map_err(|payload| {
        let reason = payload.downcast_ref::<String>().map(String::as_str);
        let reason = reason.or_else(|| payload.downcast_ref::<&str>().copied());
        reason.unwrap_or("no reason given").to_owned()
    })
}
