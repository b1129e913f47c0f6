//! The orders and groups that photos are shown in.

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
    /// The surest tags first.
    Confidence,
}

impl Order {
    /// All of them, each with what it is called.
    pub(crate) const ALL: [(Self, &str); 4] = [
        (Self::Name, "Name"),
        (Self::Newest, "Newest first"),
        (Self::Oldest, "Oldest first"),
        (Self::Confidence, "Confidence"),
    ];
}

/// What photos are put together by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grouping {
    /// Not at all.
    #[default]
    None,
    /// By the folder that they lie in.
    Folder,
    /// By the day that they were taken on.
    Day,
}

impl Grouping {
    /// All of them, each with what it is called.
    pub(crate) const ALL: [(Self, &str); 3] = [
        (Self::None, "No groups"),
        (Self::Folder, "By folder"),
        (Self::Day, "By day"),
    ];
}
