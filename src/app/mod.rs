//! The window's state and commands, without drawing.
//!
//! [`App`] holds the state and the threads. A [`Command`] or a report of the threads changes the
//! state (`state`), which returns effects for the threads. The threads (`threads`) do slow work and
//! report through a bounded channel, which [`App::drain`] empties for a few milliseconds a frame.
//! The thread that draws never waits, reads a file or takes a lock.
//!
//! From the bottom up: `catalogue` (what lists show of the library), `commands` (of the user),
//! `messages` (between state and threads), then `state` and `threads`, which do not know each
//! other, and `running`, which holds both.

mod catalogue;
mod commands;
mod messages;
mod running;
mod state;
mod threads;

pub(crate) use crate::services::query::Query;
pub(crate) use catalogue::folder::FolderInfo;
pub(crate) use catalogue::folder_tree::FolderNode;
pub(crate) use catalogue::label::LabelInfo;
pub use catalogue::order::{Grouping, Order};
pub use catalogue::quick_filter::{QuickFilter, TagFilter};
pub use catalogue::row::Row;
pub(crate) use catalogue::row::Tag;
pub(crate) use catalogue::{Catalogue, VocabularyInfo};
pub use commands::action::Action;
pub(crate) use commands::action::{Menu, Shortcut};
pub(crate) use commands::choices::{ExportScope, LabelField, Learn, NamingChoice};
pub use commands::choices::{PathPurpose, ScreenId, ThemeChoice};
pub use commands::command::{
    Command, DecideCommand, FileCommand, FolderCommand, LabelCommand, PathCommand, SaveCommand,
    SelectCommand, SetCommand, ToastCommand, ViewCommand,
};
pub(crate) use commands::command::{ComputeCommand, ExportCommand, InspectCommand, ReviewCommand};
pub(crate) use messages::download::{DownloadPhase, DownloadState};
pub(crate) use messages::event::Event;
pub(crate) use messages::event::Work;
pub use messages::export::ExportState;
pub(crate) use messages::export::{FileChange, Refused};
pub(crate) use messages::label_scores::LabelScores;
pub(crate) use messages::listing::Listing;
pub(crate) use messages::message::Severity;
pub(crate) use messages::model::ModelInfo;
pub(crate) use messages::picture::Picture;
pub use running::{App, AppOptions};
pub(crate) use state::library_view::Group;
pub(crate) use state::path_dialog::PathDialog;
pub(crate) use state::review_session;
pub(crate) use state::selected_tags::{SelectedTags, SharedTag, TagCount};
pub(crate) use state::toasts::{Offer, Toast};
pub(crate) use state::typed_path;
pub(crate) use state::window::WindowRequest;
