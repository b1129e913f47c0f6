//! Chooses a photo's sidecar, and writes it.

pub(crate) mod diff;
pub(crate) mod file;
pub(crate) mod naming;
pub(crate) mod plan;
