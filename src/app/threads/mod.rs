//! The threads that do what takes time, and the way they report.

pub(crate) mod crash;
pub(crate) mod download;
pub(crate) mod export;
pub(crate) mod jobs;
pub(crate) mod library;
mod library_requests;
pub(crate) mod models;
pub(crate) mod outbox;
pub(crate) mod pictures;
mod samples;
pub(crate) mod search;
