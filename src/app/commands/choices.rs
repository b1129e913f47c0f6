//! What a person chooses between.

use serde::{Deserialize, Serialize};

/// What the middle of the window shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ScreenId {
    /// The photos.
    #[default]
    Photos,
    /// The suggestions.
    Review,
    /// The vocabulary.
    Labels,
    /// Sidecars.
    Export,
    /// What happened and what failed.
    Activity,
    /// The settings.
    Settings,
}

impl ScreenId {
    /// All of them, each with what it is called.
    pub(crate) const ALL: [(Self, &str); 6] = [
        (Self::Photos, "Photos"),
        (Self::Review, "Review"),
        (Self::Labels, "Labels"),
        (Self::Export, "Export"),
        (Self::Activity, "Activity"),
        (Self::Settings, "Settings"),
    ];
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ThemeChoice {
    /// As the system.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How new sidecars are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum NamingChoice {
    /// `IMG.JPG.xmp`.
    #[default]
    Full,
    /// `IMG.xmp` for raw files.
    Stem,
}

/// How a label learns from decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learn {
    /// Whether it does at all.
    Active(bool),
    /// Forget what was learned: decisions until now teach it nothing more.
    Reset,
}
