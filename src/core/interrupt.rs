//! Whether the user has asked the whole process to end. Slow work checks this.

use std::sync::atomic::{AtomicBool, Ordering};

/// Set once, and never cleared.
pub(crate) static ASKED: AtomicBool = AtomicBool::new(false);

/// Asks the process to end soon. Returns whether it was asked before.
pub(crate) fn ask() -> bool {
    ASKED.swap(true, Ordering::Relaxed)
}

/// Whether it was asked to.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
