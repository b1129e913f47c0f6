//! What is shown, and what a command or a report does to it. Nothing here waits, reads a file or
//! starts a thread: what is to be done elsewhere comes back as effects.

mod actions;
pub mod app_state;
pub mod computing;
pub mod decisions;
pub mod effects;
mod events;
pub mod export;
pub mod filter;
pub mod history;
pub mod inspector;
pub mod labels;
pub mod library_view;
pub mod message_log;
mod pending;
pub mod selection;
pub mod settings;
pub mod window;
