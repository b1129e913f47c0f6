//! The threads that do slow work, and how they report.

pub(crate) mod crash;
pub(crate) mod download;
pub(crate) mod export;
pub(crate) mod file_manager;
pub(crate) mod jobs;
pub(crate) mod library;
mod library_requests;
pub(crate) mod listing;
pub(crate) mod models;
pub(crate) mod outbox;
pub(crate) mod pictures;
mod samples;
mod saving;
mod scale;
pub(crate) mod search;
pub(crate) mod shared_scoring;
mod unsaved;
