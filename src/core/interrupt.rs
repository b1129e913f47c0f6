//! Whether the person has asked the whole process to end: waits that nobody else can cut short
//! look here.

use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// Asks the process to end soon.
pub(crate) fn ask() {
    ASKED.store(true, Ordering::Relaxed);
}

/// Whether it was asked to.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
