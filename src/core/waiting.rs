//! Lets deep code say why the process stands still, without knowing who shows it.

use std::sync::OnceLock;

static TELLER: OnceLock<fn(&str)> = OnceLock::new();

/// Sets who shows such sentences. Only the first call counts.
pub(crate) fn set_teller(teller: fn(&str)) {
    let _ = TELLER.set(teller);
}

/// Says what the process waits for.
pub(crate) fn tell(sentence: &str) {
    if let Some(teller) = TELLER.get() {
        teller(sentence);
    }
}
