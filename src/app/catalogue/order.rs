//! The orders and groups of photos.

use crate::words::tr;
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
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Name, Self::Newest, Self::Oldest, Self::Confidence];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Name => tr!("order-name"),
            Self::Newest => tr!("order-newest"),
            Self::Oldest => tr!("order-oldest"),
            Self::Confidence => tr!("order-confidence"),
        }
    }
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
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::None, Self::Folder, Self::Day];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => tr!("group-none"),
            Self::Folder => tr!("group-folder"),
            Self::Day => tr!("group-day"),
        }
    }
}
