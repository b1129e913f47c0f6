//! Other people's readers, which panic on some files where an error is all that should come of it.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// Whether this thread is inside [`contained`].
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread, now, would become an error: no crash, for a panic hook.
pub(crate) fn contains_panics() -> bool {
    CONTAINED.try_with(Cell::get).unwrap_or(false)
}

/// Does work that may panic. Nothing should outlive the closure but its result, so that no
/// half-changed value can be seen afterwards.
///
/// # Errors
/// What the panic said.
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
