//! CLIP (Radford et al. 2021, <https://arxiv.org/abs/2103.00020>) and the families since, as the
//! papers define them.
//!
//! `spec` describes a model, `tower` computes it with candle, `checkpoint` reads it from files,
//! `folding` simplifies what only training needs, and `starter` has the built-in model. Nothing here knows which engine runs a model.
//!
//! The towers work over any `VarBuilder`: for training it has variables, and the towers then use
//! only differentiable operations.

pub(crate) mod checkpoint;
pub(crate) mod error;
pub(crate) mod folding;
pub mod loss;
pub(crate) mod model;
pub mod spec;
pub mod starter;
pub(crate) mod token_table;
pub mod tokenizer;
pub mod tower;
pub(crate) mod weights;
pub(crate) mod zero_shot;

pub(crate) use checkpoint::fingerprint;
pub use checkpoint::read_tensors;
pub use error::ModelError;
pub use model::{Model, ReadOptions};
