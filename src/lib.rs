//! Taglens tags photographs with CLIP, on any machine, offline.
//!
//! The layers point one way, which `tests/layers` enforces: the value types, then the independent
//! parts, the pipeline, the services, and the window and the command line. ARCHITECTURE.md has the
//! map.

// `pub` is for main, tests, benches and examples, so the compiler finds unused code.
#![warn(unreachable_pub)]
// These panic if the reader has gone: `cli::terminal` and `cli::output` do not.
#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))]

// Value types.
pub mod core;

// Independent parts: they use the value types, never each other.
pub mod clip;
pub mod decode;
pub mod folders;
pub(crate) mod keywords;
pub mod sidecar;
pub mod store;
pub mod tagging;
pub mod words;

// The models folder, and the engines that run models.
pub mod engine;
pub mod model_store;

// Threads and channels.
pub mod indexer;

// What the window and the command line share.
pub mod services;

// The window's state, and the command line.
pub mod app;
pub mod cli;

// What draws the window.
pub mod ui;

// Readers of untrusted bytes, for the targets in fuzz/ and for tests.
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
