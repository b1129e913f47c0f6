//! The state of the window, and how commands and reports change it. Nothing here waits, reads a
//! file or starts a thread: work for other threads is returned as effects.

mod actions;
pub(crate) mod app_state;
mod choosing_path;
pub(crate) mod computing;
mod decide_commands;
pub(crate) mod decisions;
pub(crate) mod effects;
mod events;
pub(crate) mod export;
mod export_commands;
mod file_set;
mod files;
pub(crate) mod filter;
pub(crate) mod history;
pub(crate) mod inspector;
pub(crate) mod labels;
mod learned;
pub(crate) mod library_view;
pub(crate) mod message_log;
pub(crate) mod path_dialog;
mod pending;
mod refusal;
pub(crate) mod review_session;
#[cfg(test)]
pub(crate) mod samples;
mod saved_searches;
mod saving;
pub(crate) mod selected_tags;
pub(crate) mod selection;
pub(crate) mod settings;
mod suggestions;
pub(crate) mod toasts;
pub(crate) mod typed_path;
pub(crate) mod window;
