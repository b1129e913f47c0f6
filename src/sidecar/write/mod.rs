//! Chooses a photo's sidecar, and writes it.

pub(crate) mod diff;
mod exchange;
pub(crate) mod file;
pub(crate) mod naming;
pub(crate) mod plan;
