//! What the state and the threads tell each other.

pub mod answers;
pub mod decision;
pub mod download;
pub mod event;
pub mod export;
pub mod label_scores;
pub mod message;
pub mod model;
pub mod picture;
pub mod question;
pub mod request;
