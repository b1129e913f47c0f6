//! Taglens tags photographs with CLIP, on any machine, offline.
//!
//! The layers point one way (`tests/layers.rs` holds them to it): the value types, then the
//! independent parts, then the pipeline, then the command line. ARCHITECTURE.md has the map.

// Value types: no dependencies among the crate's other modules.
pub mod contained;
pub mod embedding;
pub mod encoder;
pub mod photo;
pub mod pixels;

// Independent parts: they know the value types, never each other.
pub mod clip;
pub mod compute;
pub mod decode;
pub mod library;
pub mod sidecar;
pub mod store;
pub mod tagging;

// Threads and channels.
pub mod pipeline;

// The window's state, and beside it the command line.
pub mod app;
pub mod cli;

// What draws the window.
pub mod ui;
