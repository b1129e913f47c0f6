//! CLIP.

pub(crate) mod depthwise;
pub mod efficientnet;
pub mod torch_legacy;
