//! Turns a sidecar's bytes and the wanted keywords into new bytes, and records our part of them.

pub(crate) mod base;
pub(crate) mod bytes;
pub(crate) mod categories;
pub(crate) mod insert;
pub(crate) mod layout;
pub(crate) mod ours;
pub(crate) mod record;
pub(crate) mod remove;
pub(crate) mod request;
pub(crate) mod splice;
