//! Wanted keywords and bytes to new bytes, and what is ours in them.

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
