//! The table behind menus, shortcuts and the palette. A new command without parameters needs a line
//! here and a line in `state/actions.rs`.

use crate::app::commands::choices::ScreenId;
use crate::words::tr;

/// The screens that an action works on. It does nothing on the others, where its photos are not
/// visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Every screen.
    Everywhere,
    /// The screens of photos: Photos and Review.
    Pictures,
    /// The Photos screen.
    Photos,
}

impl Scope {
    /// Why an action of that scope does not work on `screen`; `None` if it does.
    pub(crate) fn refusal(self, screen: ScreenId) -> Option<&'static str> {
        match (self, screen) {
            (Self::Everywhere, _)
            | (Self::Pictures, ScreenId::Photos | ScreenId::Review)
            | (Self::Photos, ScreenId::Photos) => None,
            (Self::Pictures, _) => Some(tr!("refusal-pictures")),
            (Self::Photos, _) => Some(tr!("refusal-photos")),
        }
    }
}

/// The keys of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortcut {
    /// Ctrl, on a Mac ⌘.
    pub(crate) command: bool,
    /// Shift.
    pub(crate) shift: bool,
    /// The key, as egui names it.
    pub(crate) key: &'static str,
}

const fn keys(command: bool, shift: bool, key: &'static str) -> Option<Shortcut> {
    Some(Shortcut {
        command,
        shift,
        key,
    })
}

const fn key(key: &'static str) -> Option<Shortcut> {
    keys(false, false, key)
}

const fn ctrl(key: &'static str) -> Option<Shortcut> {
    keys(true, false, key)
}

const fn ctrl_shift(key: &'static str) -> Option<Shortcut> {
    keys(true, true, key)
}

/// A menu at the top of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Menu {
    /// Folders, export and the end.
    File,
    /// Decisions and the selection.
    Edit,
    /// What is on show.
    View,
    /// The work on the library.
    Library,
    /// The list of all commands.
    Help,
}

impl Menu {
    /// All of them, from the left.
    pub(crate) const ALL: [Self; 5] = [
        Self::File,
        Self::Edit,
        Self::View,
        Self::Library,
        Self::Help,
    ];

    /// Its name.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::File => tr!("menu-file"),
            Self::Edit => tr!("menu-edit"),
            Self::View => tr!("menu-view"),
            Self::Library => tr!("menu-library"),
            Self::Help => tr!("menu-help"),
        }
    }
}

macro_rules! actions {
    ($($(#[doc = $doc:literal])* $name:ident, $group:ident, $title:expr, $scope:ident, $shortcut:expr;)*) => {
        /// A command without parameters.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[doc = $doc])* $name,)* }

        impl Action {
            /// All of them, in the order of menus.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The menu that it is in.
            pub(crate) fn group(self) -> Menu {
                match self { $(Self::$name => Menu::$group,)* }
            }

            /// Its name.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// The screens that it works on.
            pub(crate) fn scope(self) -> Scope {
                match self { $(Self::$name => Scope::$scope,)* }
            }

            /// Its keys.
            pub fn shortcut(self) -> Option<Shortcut> {
                match self { $(Self::$name => $shortcut,)* }
            }
        }
    };
}

actions! {
    /// Opens the system's dialog for folders.
    ChooseFolder, File, tr!("action-add-folder"), Everywhere, ctrl("O");
    /// Asks for a folder inside the window.
    TypeFolder, File, tr!("action-type-folder"), Everywhere, ctrl_shift("O");
    /// Adds the photographs that come with the program.
    TrySamples, File, tr!("action-try-samples"), Everywhere, None;
    /// Scans all folders again.
    Rescan, Library, tr!("action-rescan"), Everywhere, key("F5");
    /// Tries to read the failed photos again.
    RetryFailed, Library, tr!("action-retry-failed"), Everywhere, None;
    /// Shows the selected photo's file in the system's file manager.
    Reveal, File, tr!("action-reveal"), Photos, ctrl("R");
    /// Goes to the export and previews it.
    PreviewExport, File, tr!("action-preview-export"), Everywhere, ctrl("E");
    /// Undoes the last export.
    UndoExport, File, tr!("action-undo-export"), Everywhere, None;
    /// Closes the window.
    Quit, File, tr!("action-quit"), Everywhere, ctrl("Q");
    /// Undoes the last step.
    Undo, Edit, tr!("action-undo"), Everywhere, ctrl("Z");
    /// Redoes it.
    Redo, Edit, tr!("action-redo"), Everywhere, ctrl_shift("Z");
    /// Selects every photo that is shown.
    SelectAll, Edit, tr!("action-select-all"), Pictures, ctrl("A");
    /// Selects none.
    SelectNone, Edit, tr!("action-select-none"), Pictures, key("Escape");
    /// Accepts the suggestions for the selected photos.
    Accept, Edit, tr!("action-accept"), Pictures, key("A");
    /// Rejects the suggestions for the selected photos.
    Reject, Edit, tr!("action-reject"), Pictures, key("X");
    /// Goes to the field for a new tag.
    AddTag, Edit, tr!("action-add-tag"), Photos, key("T");
    /// Copies the selected photo's tags.
    CopyTags, Edit, tr!("action-copy-tags"), Photos, ctrl_shift("C");
    /// Gives the copied tags to the selected photos.
    PasteTags, Edit, tr!("action-paste-tags"), Photos, ctrl_shift("V");
    /// Copies the paths of the selected photos.
    CopyPath, Edit, tr!("action-copy-path"), Photos, None;
    /// Shows photos like the selected one.
    FindSimilar, Edit, tr!("action-find-similar"), Photos, ctrl_shift("F");
    /// Goes to the search box.
    Search, View, tr!("action-search"), Everywhere, ctrl("F");
    /// Clears every filter.
    ClearFilters, View, tr!("action-clear-filters"), Everywhere, ctrl_shift("A");
    /// The photos.
    ShowPhotos, View, tr!("action-show-photos"), Everywhere, ctrl("1");
    /// The suggestions.
    ShowReview, View, tr!("action-show-review"), Everywhere, ctrl("2");
    /// The labels.
    ShowLabels, View, tr!("action-show-labels"), Everywhere, ctrl("3");
    /// Finds labels that match nothing, or too much alike.
    CheckLabels, View, tr!("action-check-labels"), Everywhere, None;
    /// The export.
    ShowExport, View, tr!("action-show-export"), Everywhere, ctrl("4");
    /// Errors and messages.
    ShowActivity, View, tr!("action-show-activity"), Everywhere, ctrl("5");
    /// The settings.
    ShowSettings, View, tr!("action-show-settings"), Everywhere, ctrl("Comma");
    /// The photo large.
    Preview, View, tr!("action-preview"), Pictures, key("Space");
    /// Nothing but the photo, on the whole screen.
    FullScreen, View, tr!("action-full-screen"), Photos, key("F11");
    /// Shows or hides the side bar.
    ToggleSidebar, View, tr!("action-toggle-sidebar"), Photos, ctrl("B");
    /// Shows or hides the inspector.
    ToggleInspector, View, tr!("action-toggle-inspector"), Photos, ctrl("I");
    /// Larger tiles.
    LargerTiles, View, tr!("action-larger-tiles"), Pictures, ctrl("Plus");
    /// Smaller tiles.
    SmallerTiles, View, tr!("action-smaller-tiles"), Pictures, ctrl("Minus");
    /// Switches between light and dark.
    ToggleTheme, View, tr!("action-toggle-theme"), Everywhere, None;
    /// Pauses the indexer or resumes it.
    TogglePause, Library, tr!("action-toggle-pause"), Everywhere, ctrl("P");
    /// The sheet of all shortcuts.
    Shortcuts, Help, tr!("shortcuts"), Everywhere, key("Questionmark");
    /// The palette.
    Palette, Help, tr!("action-palette"), Everywhere, ctrl_shift("P");
}
