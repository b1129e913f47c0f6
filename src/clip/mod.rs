//! CLIP.

pub(crate) mod depthwise;
pub mod efficientnet;
