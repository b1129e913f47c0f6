//! The convolutional image towers, and their shared parts.

pub(crate) mod depthwise;
pub(crate) mod efficientnet;
pub(crate) mod fastvit;
pub(crate) mod pointwise;
pub(crate) mod resnet;
pub(crate) mod size;
pub(crate) mod stem;
