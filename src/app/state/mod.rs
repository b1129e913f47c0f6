//! What is shown, and what a command or a report does to it. Nothing here waits, reads a file or
//! starts a thread: what is to be done elsewhere comes back as effects.

mod actions;
pub(crate) mod app_state;
pub(crate) mod computing;
pub(crate) mod decisions;
pub(crate) mod effects;
mod events;
pub(crate) mod export;
pub(crate) mod filter;
pub(crate) mod history;
pub(crate) mod inspector;
pub(crate) mod labels;
pub(crate) mod library_view;
pub(crate) mod message_log;
mod pending;
pub(crate) mod selection;
pub(crate) mod settings;
pub(crate) mod window;
