//! How a label learns from decisions.

pub mod learn;
