//! Wanted keywords and bytes to new bytes, and what is ours in them.

pub mod base;
pub mod bytes;
pub mod categories;
pub mod insert;
pub mod layout;
pub mod ours;
pub mod record;
pub mod remove;
pub mod request;
pub mod splice;
