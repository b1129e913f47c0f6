//! Everything that a person can ask for.

pub(crate) mod action;
pub(crate) mod choices;
pub(crate) mod command;
