//! Parts that several screens draw.

pub(crate) mod bidi;
pub(crate) mod chip;
pub(crate) mod icon;
pub(crate) mod palette;
pub(crate) mod textures;
pub(crate) mod wall;
