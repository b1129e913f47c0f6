//! What the window is at, and what it has to do itself.

use crate::app::commands::choices::ScreenId;

/// What only the window can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WindowRequest {
    /// Ask which folders to take in.
    ChooseFolders,
    /// Ask which file to read a vocabulary from.
    ChooseImport,
    /// Ask which file to write the vocabulary to.
    ChooseExport,
    /// Have the field for a new tag take the keyboard.
    FocusTag,
    /// Have the search box take the keyboard.
    FocusSearch,
    /// The other theme than the one that is seen.
    ToggleTheme,
    /// Open or close the palette.
    TogglePalette,
}

/// What the window is at.
#[derive(Debug, Default)]
pub struct WindowState {
    /// What the middle shows.
    pub screen: ScreenId,
    /// Whether the photo is shown large.
    pub large: bool,
    /// Whether the window is to close.
    pub(crate) quit: bool,
    /// What it has to do itself.
    pub(crate) requests: Vec<WindowRequest>,
}

/// What the review is at.
#[derive(Debug, Default)]
pub(crate) struct ReviewState {
    /// The label that is reviewed.
    pub(crate) label: Option<String>,
    /// Whether suggestions are reviewed photo by photo.
    pub(crate) by_photo: bool,
}
