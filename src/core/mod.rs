//! Value types that the other rooms share. They depend on no other room.

pub(crate) mod about;
pub(crate) mod capture;
pub(crate) mod count;
pub(crate) mod date;
pub mod embedding;
pub mod encoder;
pub(crate) mod file_kind;
pub mod ids;
pub(crate) mod interrupt;
pub(crate) mod item_places;
#[cfg(feature = "avif")]
pub(crate) mod last_words;
pub(crate) mod media;
pub(crate) mod on_demand;
pub(crate) mod panics;
pub mod photo;
pub mod pixels;
pub(crate) mod stack;
pub(crate) mod text;
pub(crate) mod waiting;
