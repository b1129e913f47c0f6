//! All commands of the user.

pub(crate) mod action;
pub(crate) mod choices;
pub(crate) mod command;
