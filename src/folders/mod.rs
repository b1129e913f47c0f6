//! The folders that a person keeps photos in: what lies in them, and what has changed since.
//!
//! A file system is full of half-truths. Events get lost, drives vanish, files are seen while they
//! are still being written. So this part is built around one idea: *looking* is the only source of
//! facts, and everything else is a reason to look.
//!
//! - [`roots`] decides which folders may stand side by side and which of them owns a path.
//! - [`scan`] looks. It lists the pictures below a folder with their stamps, and says as carefully
//!   what it could not see.
//! - [`reconcile`] compares what was known with what was found. It is a pure function from two
//!   lists to a list of changes, so that every awkward case can be written down as a test.
//! - [`watch`] gives hints where to look again, never facts. Where the system cannot watch it says
//!   so and asks for a look at intervals.
//! - [`settle`] holds back files that are still being written.
//!
//! Nothing here reads a picture, computes a hash or writes to a disk: the pipeline does, and only
//! it can tell a move from a coincidence, by content.

pub mod reconcile;
pub(crate) mod roots;
pub mod scan;
pub(crate) mod settle;
pub(crate) mod watch;

mod rules;

pub(crate) use reconcile::{Change, reconcile};
pub(crate) use scan::{PassedOver, RootState, Scan, ScanOptions, Scope, scan, scan_folder};
pub(crate) use settle::{Now, SettleOptions, Settler};
pub(crate) use watch::{Hint, WatchError, WatchEvent, WatchOptions, WatchState, Watcher};
