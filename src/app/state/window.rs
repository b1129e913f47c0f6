//! The state of the window itself, and requests that only it can carry out.

use crate::app::commands::choices::{LabelField, ScreenId};
use crate::app::state::path_dialog::PathDialog;
use crate::app::state::toasts::Toasts;
use crate::words::Language;

/// A request that only the window can carry out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WindowRequest {
    /// Asks for folders to add.
    ChooseFolders,
    /// Asks for a vocabulary file to import.
    ChooseImport,
    /// Asks for a file to export the vocabulary to.
    ChooseExport,
    /// Moves the keyboard to the field for a new tag.
    FocusTag,
    /// Moves the keyboard to the search box.
    FocusSearch,
    /// Moves the keyboard to a field of the open label.
    FocusLabel(LabelField),
    /// Puts a text on the clipboard.
    CopyText(String),
    /// Fills the screen with the window, or no longer.
    FillScreen(bool),
    /// Switches to the theme that is not on the screen.
    ToggleTheme,
    /// Opens or closes the palette.
    TogglePalette,
    /// Opens or closes the sheet of shortcuts.
    ToggleShortcuts,
}

/// The state of the window itself.
#[derive(Debug, Default)]
pub struct WindowState {
    /// The screen in the middle.
    pub screen: ScreenId,
    /// Whether the photo is shown large.
    pub large: bool,
    /// Whether that photo fills the screen.
    pub full_screen: bool,
    /// Whether to close the window.
    pub quit: bool,
    /// Requests for the window.
    pub(crate) requests: Vec<WindowRequest>,
    /// The copied tags, as names of labels.
    pub(crate) copied_tags: Vec<String>,
    /// The messages over the screens.
    pub(crate) toasts: Toasts,
    /// The system's language.
    pub(crate) system_language: Language,
    /// The open path dialog.
    pub(crate) path_dialog: Option<PathDialog>,
}

impl WindowState {
    /// Shows a screen, with photos side by side.
    pub(crate) fn go(&mut self, screen: ScreenId) {
        self.screen = screen;
        self.show_grid();
    }

    /// Shows the current photo large, or photos side by side.
    pub(crate) fn toggle_large(&mut self) {
        match self.large {
            true => self.show_grid(),
            false => self.large = true,
        }
    }

    /// Lets the photo shown large fill the screen, or no longer.
    pub(crate) fn toggle_full_screen(&mut self) {
        self.fill_screen(!self.full_screen);
        self.large |= self.full_screen;
    }

    /// Shows photos side by side.
    pub(crate) fn show_grid(&mut self) {
        self.large = false;
        self.fill_screen(false);
    }

    /// Lets the photo fill the screen, or shows the rest of the window beside it.
    pub(crate) fn fill_screen(&mut self, fill: bool) {
        if self.full_screen != fill {
            self.full_screen = fill;
            self.requests.push(WindowRequest::FillScreen(fill));
        }
    }
}

/// The state of the review.
#[derive(Debug, Default)]
pub(crate) struct ReviewState {
    /// The label under review.
    pub(crate) label: Option<String>,
    /// Whether suggestions are reviewed photo by photo.
    pub(crate) by_photo: bool,
    /// The labels of this session, in their order.
    pub(crate) session: Vec<String>,
}
