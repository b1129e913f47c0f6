//! From an embedding to a tag: scores, confidences and bands.

pub mod crowd;
pub mod explain;
pub mod judge;
pub mod label_model;
pub mod matrix;
pub mod panel;
pub mod reference;
pub mod rule;
