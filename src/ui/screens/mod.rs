//! What the middle of the window shows, a file a screen.

pub mod export;
pub mod grid;
pub mod inspector;
pub mod label_scores;
pub mod labels;
pub mod models;
pub mod pages;
pub mod review;
pub mod review_photo;
pub mod settings;
pub mod sidebar;
