//! The orders and groups of photos.

use serde::{Deserialize, Serialize};

/// The order of photos.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// By path.
    #[default]
    Name,
    /// The latest first.
    Newest,
    /// The earliest first.
    Oldest,
    /// The most certain tags first.
    Confidence,
}

impl Order {
    /// All of them, each with its name.
    pub(crate) const ALL: [(Self, &str); 4] = [
        (Self::Name, "Name"),
        (Self::Newest, "Newest first"),
        (Self::Oldest, "Oldest first"),
        (Self::Confidence, "Confidence"),
    ];
}

/// How photos are grouped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grouping {
    /// Not at all.
    #[default]
    None,
    /// By folder.
    Folder,
    /// By the day of their capture.
    Day,
}

impl Grouping {
    /// All of them, each with its name.
    pub(crate) const ALL: [(Self, &str); 3] = [
        (Self::None, "No groups"),
        (Self::Folder, "By folder"),
        (Self::Day, "By day"),
    ];
}
