//! Everything that a person can ask for.

pub mod command;
