//! What is shown, and what a command does to it.

pub mod app;
mod apply;
mod deciding;
pub mod filter;
pub mod history;
pub mod settings;
mod viewing;
