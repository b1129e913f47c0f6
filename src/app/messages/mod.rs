//! Messages between the state and the threads.

pub(crate) mod answers;
pub(crate) mod decision;
pub(crate) mod download;
pub(crate) mod event;
pub(crate) mod export;
pub(crate) mod label_scores;
pub(crate) mod listing;
pub(crate) mod message;
pub(crate) mod model;
pub(crate) mod picture;
pub(crate) mod question;
pub(crate) mod request;
pub(crate) mod saving;
pub(crate) mod scale_report;
