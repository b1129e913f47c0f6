//! The user's photo folders: their contents, and what has changed.
//!
//! File systems are unreliable: events get lost, drives disappear, and files are visible while they
//! are being written. So this room is built around one idea: only a *scan* gives facts, and
//! everything else is a reason to scan.
//!
//! - [`roots`] decides which folders may be in a library together and which of them owns a path.
//! - [`scan`] lists the pictures below a folder with their stamps, and reports just as carefully
//!   what it could not see.
//! - [`reconcile`] compares the known files with those found. It is a pure function from two lists
//!   to a list of changes, so every awkward case can be a test.
//! - [`watch`] gives hints where to scan again, never facts. If the system cannot watch a folder,
//!   it says so and asks for scans at intervals.
//! - [`settle`] holds back files that are still being written.
//!
//! Nothing here reads a picture, computes a hash or writes to disk. The indexer does, and only it
//! can distinguish a move from a coincidence, by content.

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
