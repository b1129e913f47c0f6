//! Both Transformers: the block that they share, the Vision Transformer and the text Transformer.

pub(crate) mod attention;
pub(crate) mod block;
pub(crate) mod norm;
pub(crate) mod prefix;
pub(crate) mod text;
pub(crate) mod vit;
