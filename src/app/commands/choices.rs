//! The choices that the user has.

use crate::words::tr;
use serde::{Deserialize, Serialize};

/// The screens in the middle of the window.
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
    /// Messages and failures.
    Activity,
    /// The settings.
    Settings,
}

impl ScreenId {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Photos,
        Self::Review,
        Self::Labels,
        Self::Export,
        Self::Activity,
        Self::Settings,
    ];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Photos => tr!("screen-photos"),
            Self::Review => tr!("screen-review"),
            Self::Labels => tr!("screen-labels"),
            Self::Export => tr!("screen-export"),
            Self::Activity => tr!("screen-activity"),
            Self::Settings => tr!("screen-settings"),
        }
    }
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ThemeChoice {
    /// Like the system.
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

/// The photos that an export is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExportScope {
    /// All photos.
    #[default]
    All,
    /// Those in the folder that the photos are filtered by.
    Folder,
    /// The selected ones.
    Selected,
}

/// The purpose of asking for a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathPurpose {
    /// Adds a folder.
    AddFolder,
    /// Reads labels from a file.
    ImportLabels,
    /// Writes the labels to a file.
    ExportLabels,
}

/// A field of a label's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelField {
    /// Its name.
    Name,
    /// The label to merge it into.
    Merge,
}

/// How a label learns from decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learn {
    /// Whether it learns at all.
    Active(bool),
    /// Forgets what was learned: it ignores the decisions made so far.
    Reset,
}
