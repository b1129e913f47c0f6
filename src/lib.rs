//! Taglens tags photographs with CLIP, on any machine, offline.
//!
//! The layers point one way (`tests/layers` holds them to it): the value types, then the
//! independent parts, then the pipeline, then the command line. ARCHITECTURE.md has the map.

// `pub` is for main, tests, benches and examples; the compiler finds what else nobody uses.
#![warn(unreachable_pub)]

// Value types.
pub mod core;

// Independent parts: they know the value types, never each other.
pub mod clip;
pub mod decode;
pub mod folders;
pub(crate) mod keywords;
pub mod sidecar;
pub mod store;
pub mod tagging;

// The models folder, and who computes what is in it.
pub mod engine;
pub mod model_store;

// Threads and channels.
pub mod indexer;

// What the window and the command line both do.
pub mod services;

// The window's state, and beside it the command line.
pub mod app;
pub mod cli;

// What draws the window.
pub mod ui;
