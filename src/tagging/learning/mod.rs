//! How a label learns from decisions.

pub(crate) mod learn;
pub(crate) mod learned;
