//! The window's state, and what can be done to it; without a word about how it looks.
//!
//! [`App`] holds what is shown, [`Command`] is everything a person can ask for, and the services
//! do what takes time on threads of their own: `service` keeps the library, `seek` computes
//! similarities, `exporting` writes sidecars, `thumbs` decodes pictures. They report by [`Event`]s
//! through a bounded channel, which [`App::drain`] empties for a few milliseconds a frame. Nothing
//! here waits, reads a file or takes a lock on the thread that draws.

mod apply;
mod catalogue;
mod command;
mod crash;
mod deciding;
mod download;
mod event;
mod exporting;
mod filter;
mod index;
mod models;
mod outbox;
mod samples;
mod seek;
mod service;
mod settings;
mod state;
mod thumbs;
mod undo;
mod viewing;

pub use catalogue::{Catalogue, FolderInfo, LabelInfo, Row, Tag};
pub use command::{Action, Command, Shortcut};
pub use event::{
    DownloadPhase, DownloadState, Event, Explained, ExportState, LabelScores, Learned, Message,
    Neighbours, Severity, Wake,
};
pub use filter::{Filter, Grouping, Order, Query, day};
pub use models::ModelInfo;
pub use outbox::Outbox;
pub use service::Learn;
pub use settings::{NamingChoice, Settings, ThemeChoice};
pub use state::{App, AppOptions, Screen};
pub use thumbs::{Facts, Picture, Preview};
