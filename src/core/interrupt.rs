//! Whether the person has asked the whole process to end: what takes long looks here.

use std::sync::atomic::{AtomicBool, Ordering};

/// Set once, and never again cleared.
pub(crate) static ASKED: AtomicBool = AtomicBool::new(false);

/// Asks the process to end soon, and tells whether it was asked before.
pub(crate) fn ask() -> bool {
    ASKED.swap(true, Ordering::Relaxed)
}

/// Whether it was asked to.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
