//! Which file is a photo's sidecar, and the way onto the disk.

pub(crate) mod diff;
pub(crate) mod file;
pub(crate) mod naming;
pub(crate) mod plan;
