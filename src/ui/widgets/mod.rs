//! Parts that several screens draw.

pub mod bidi;
pub mod chip;
pub mod icon;
pub mod palette;
pub mod textures;
pub mod wall;
