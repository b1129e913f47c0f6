//! From an embedding to a tag: scores, confidences and bands.

pub(crate) mod byte_rows;
pub(crate) mod calibration;
pub(crate) mod cohort;
pub(crate) mod constants;
pub(crate) mod explain;
pub(crate) mod factors;
pub(crate) mod judge;
pub(crate) mod label_batch;
pub(crate) mod label_model;
pub(crate) mod matrix;
mod nearest;
pub(crate) mod product;
pub(crate) mod reference;
pub(crate) mod rule;
pub(crate) mod usual;
