//! From an embedding to a tag: scores, confidences and bands.

pub(crate) mod crowd;
pub(crate) mod explain;
pub(crate) mod judge;
pub(crate) mod label_model;
pub(crate) mod matrix;
pub(crate) mod panel;
pub(crate) mod reference;
pub(crate) mod rule;
pub(crate) mod usual;
