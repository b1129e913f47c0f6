//! The window's state, and what can be done to it; without a word about how it looks.
//!
//! [`App`] holds what is shown, [`Command`] is everything a person can ask for, and the services
//! do what takes time on threads of their own: `service` keeps the library, `seek` computes
//! similarities, `exporting` writes sidecars, `thumbs` decodes pictures. They report by [`Event`]s
//! through a bounded channel, which [`App::drain`] empties for a few milliseconds a frame. Nothing
//! here waits, reads a file or takes a lock on the thread that draws.

mod catalogue;
mod commands;
mod messages;
mod state;
mod threads;

pub use crate::services::query::{Query, day};
pub use catalogue::{Catalogue, FolderInfo, LabelInfo, Row, Tag};
pub use commands::command::{Action, Command, Shortcut};
pub use messages::event::{
    DownloadPhase, DownloadState, Event, Explained, ExportState, LabelScores, Learned, Message,
    Neighbours, Severity, Wake,
};
pub use state::app::{App, AppOptions, Screen};
pub use state::filter::{Filter, Grouping, Order};
pub use state::settings::{NamingChoice, Settings, ThemeChoice};
pub use threads::library::Learn;
pub use threads::models::ModelInfo;
pub use threads::outbox::Outbox;
pub use threads::pictures::{Facts, Picture, Preview};
