//! The threads that do what takes time, and the way they report.

pub mod crash;
pub mod download;
pub mod export;
pub mod jobs;
pub mod library;
mod library_requests;
pub mod models;
pub mod outbox;
pub mod pictures;
mod samples;
pub mod search;
