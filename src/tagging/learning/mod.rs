//! How a label learns from decisions.

mod gaussian_process;
pub(crate) mod learn;
pub(crate) mod learned;
