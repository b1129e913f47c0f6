//! Both Transformers: their shared block, the Vision Transformer and the text Transformer.

pub(crate) mod attention;
pub(crate) mod block;
pub(crate) mod norm;
mod patch_stem;
pub(crate) mod patches;
pub(crate) mod pool;
pub(crate) mod prefix;
pub(crate) mod rotation;
pub(crate) mod text;
pub(crate) mod vit;
