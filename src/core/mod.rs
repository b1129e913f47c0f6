//! Value types: what the other rooms pass to each other. They know nothing of those rooms.

pub(crate) mod about;
pub(crate) mod capture;
pub(crate) mod count;
pub(crate) mod date;
pub mod embedding;
pub mod encoder;
pub(crate) mod interrupt;
pub(crate) mod panics;
pub mod photo;
pub mod pixels;
pub(crate) mod text;
