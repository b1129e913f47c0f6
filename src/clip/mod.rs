//! In the making.

pub mod tokenizer;
pub mod zoo;
