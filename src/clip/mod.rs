//! CLIP (Radford et al. 2021, <https://arxiv.org/abs/2103.00020>), as the papers define it.
//!
//! `spec` says what a model consists of, `tower` computes it with candle, `checkpoint` reads it
//! from files, `starter` has the model that is compiled in. Which engine computes a model is none
//! of this module's business.
//!
//! The towers work over any `VarBuilder`: training hands them variables, and they then keep to
//! differentiable operations.

pub(crate) mod checkpoint;
pub(crate) mod error;
pub mod loss;
pub(crate) mod model;
pub mod spec;
pub mod starter;
pub mod tokenizer;
pub mod tower;
pub(crate) mod weights;
pub(crate) mod zero_shot;

pub(crate) use checkpoint::fingerprint;
pub use checkpoint::read_tensors;
pub use error::ModelError;
pub use model::{Model, ReadOptions};
