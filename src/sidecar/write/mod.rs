//! Which file is a photo's sidecar, and the way onto the disk.

pub mod diff;
pub mod file;
pub mod naming;
pub mod plan;
