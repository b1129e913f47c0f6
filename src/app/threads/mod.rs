//! The threads that do what takes time, and the way they report.

pub mod crash;
pub mod download;
pub mod export;
pub mod library;
pub mod models;
pub mod outbox;
pub mod pictures;
pub mod samples;
pub mod search;
