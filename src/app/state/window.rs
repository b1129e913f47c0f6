//! What the window is at, and what it has to do itself.

use crate::app::commands::choices::ScreenId;
use crate::app::state::path_dialog::PathDialog;
use crate::app::state::toasts::Toasts;

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
    /// What it tells over its screens.
    pub(crate) toasts: Toasts,
    /// The path that it asks for.
    pub(crate) path_dialog: Option<PathDialog>,
}

impl WindowState {
    /// Goes to a screen, where photos stand side by side.
    pub(crate) fn go(&mut self, screen: ScreenId) {
        self.screen = screen;
        self.large = false;
    }
}

/// What the review is at.
#[derive(Debug, Default)]
pub(crate) struct ReviewState {
    /// The label that is reviewed.
    pub(crate) label: Option<String>,
    /// Whether suggestions are reviewed photo by photo.
    pub(crate) by_photo: bool,
}
