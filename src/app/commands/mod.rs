//! Everything that a person can ask for.

pub mod action;
pub mod choices;
pub mod command;
