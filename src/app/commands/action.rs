//! The table behind menus, shortcuts and the palette. A new command without parameters needs a line
//! here and a line in `state/actions.rs`.

use crate::app::commands::choices::ScreenId;

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
            (Self::Pictures, _) => Some("Available on the Photos and Review screens."),
            (Self::Photos, _) => Some("Available on the Photos screen."),
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

macro_rules! actions {
    ($($(#[doc = $doc:literal])* $name:ident, $group:literal, $title:literal, $scope:ident, $shortcut:expr;)*) => {
        /// A command without parameters.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[doc = $doc])* $name,)* }

        impl Action {
            /// All of them, in the order of menus.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The menu that it is in.
            pub fn group(self) -> &'static str {
                match self { $(Self::$name => $group,)* }
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
    ChooseFolder, "File", "Add folder…", Everywhere, ctrl("O");
    /// Asks for a folder inside the window.
    TypeFolder, "File", "Add folder by path…", Everywhere, ctrl_shift("O");
    /// Adds the photographs that come with the program.
    TrySamples, "File", "Try the sample photos", Everywhere, None;
    /// Scans all folders again.
    Rescan, "Library", "Rescan all folders", Everywhere, key("F5");
    /// Tries to read the failed photos again.
    RetryFailed, "Library", "Retry failed photos", Everywhere, None;
    /// Shows the selected photo's file in the system's file manager.
    Reveal, "File", "Show in file manager", Photos, ctrl("R");
    /// Goes to the export and previews it.
    PreviewExport, "File", "Export sidecars…", Everywhere, ctrl("E");
    /// Undoes the last export.
    UndoExport, "File", "Undo last export", Everywhere, None;
    /// Closes the window.
    Quit, "File", "Quit", Everywhere, ctrl("Q");
    /// Undoes the last step.
    Undo, "Edit", "Undo", Everywhere, ctrl("Z");
    /// Redoes it.
    Redo, "Edit", "Redo", Everywhere, ctrl_shift("Z");
    /// Selects every photo that is shown.
    SelectAll, "Edit", "Select all photos", Pictures, ctrl("A");
    /// Selects none.
    SelectNone, "Edit", "Select none", Pictures, key("Escape");
    /// Accepts the suggestions for the selected photos.
    Accept, "Edit", "Accept suggestions", Pictures, key("A");
    /// Rejects the suggestions for the selected photos.
    Reject, "Edit", "Reject suggestions", Pictures, key("X");
    /// Goes to the field for a new tag.
    AddTag, "Edit", "Add a tag…", Photos, key("T");
    /// Copies the selected photo's tags.
    CopyTags, "Edit", "Copy tags", Photos, ctrl_shift("C");
    /// Gives the copied tags to the selected photos.
    PasteTags, "Edit", "Paste tags", Photos, ctrl_shift("V");
    /// Copies the paths of the selected photos.
    CopyPath, "Edit", "Copy path", Photos, None;
    /// Shows photos like the selected one.
    FindSimilar, "Edit", "Find similar photos", Photos, ctrl_shift("F");
    /// Goes to the search box.
    Search, "View", "Search", Everywhere, ctrl("F");
    /// Clears every filter.
    ClearFilters, "View", "Show all photos", Everywhere, ctrl_shift("A");
    /// The photos.
    ShowPhotos, "View", "Photos", Everywhere, ctrl("1");
    /// The suggestions.
    ShowReview, "View", "Review", Everywhere, ctrl("2");
    /// The labels.
    ShowLabels, "View", "Labels", Everywhere, ctrl("3");
    /// Finds labels that match nothing, or too much alike.
    CheckLabels, "View", "Check labels", Everywhere, None;
    /// The export.
    ShowExport, "View", "Export", Everywhere, ctrl("4");
    /// Errors and messages.
    ShowActivity, "View", "Activity", Everywhere, ctrl("5");
    /// The settings.
    ShowSettings, "View", "Settings", Everywhere, ctrl("Comma");
    /// The photo large.
    Preview, "View", "Large preview", Pictures, key("Space");
    /// Nothing but the photo, on the whole screen.
    FullScreen, "View", "Full screen", Photos, key("F11");
    /// Shows or hides the side bar.
    ToggleSidebar, "View", "Side bar", Photos, ctrl("B");
    /// Shows or hides the inspector.
    ToggleInspector, "View", "Inspector", Photos, ctrl("I");
    /// Larger tiles.
    LargerTiles, "View", "Larger thumbnails", Pictures, ctrl("Plus");
    /// Smaller tiles.
    SmallerTiles, "View", "Smaller thumbnails", Pictures, ctrl("Minus");
    /// Switches between light and dark.
    ToggleTheme, "View", "Light or dark", Everywhere, None;
    /// Pauses the indexer or resumes it.
    TogglePause, "Library", "Pause or resume", Everywhere, ctrl("P");
    /// The palette.
    Palette, "Help", "All commands…", Everywhere, ctrl_shift("P");
}
