//! The table that menus, shortcuts and the palette are made from: a new command without more to say
//! is a line here and a line in `state/actions.rs`.

/// Keys that ask for an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortcut {
    /// Ctrl, on a Mac ⌘.
    pub(crate) command: bool,
    /// Shift.
    pub(crate) shift: bool,
    /// The key as egui names it.
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
    ($($(#[doc = $doc:literal])* $name:ident, $group:literal, $title:literal, $shortcut:expr;)*) => {
        /// What is asked for without saying anything more.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[doc = $doc])* $name,)* }

        impl Action {
            /// All of them, in the order of menus.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The menu that it stands in.
            pub fn group(self) -> &'static str {
                match self { $(Self::$name => $group,)* }
            }

            /// What it is called.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// The keys that ask for it.
            pub fn shortcut(self) -> Option<Shortcut> {
                match self { $(Self::$name => $shortcut,)* }
            }
        }
    };
}

actions! {
    /// Opens the system's dialog for folders.
    ChooseFolder, "File", "Add folder…", ctrl("O");
    /// Takes in the photographs that come with the program.
    TrySamples, "File", "Try the sample photos", None;
    /// Looks at all folders again.
    Rescan, "File", "Look at all folders again", key("F5");
    /// Goes to the export.
    ShowExport, "File", "Export sidecars…", ctrl("E");
    /// Takes the last export back.
    UndoExport, "File", "Take the last export back", None;
    /// Closes the window.
    Quit, "File", "Quit", ctrl("Q");
    /// Takes the last step back.
    Undo, "Edit", "Undo", ctrl("Z");
    /// Does it again.
    Redo, "Edit", "Redo", ctrl_shift("Z");
    /// Selects every photo that is shown.
    SelectAll, "Edit", "Select all photos", ctrl("A");
    /// Selects none.
    SelectNone, "Edit", "Select none", key("Escape");
    /// Accepts what is suggested for the selected photos.
    Accept, "Edit", "Accept suggestions", key("A");
    /// Rejects what is suggested for the selected photos.
    Reject, "Edit", "Reject suggestions", key("X");
    /// Goes to the field for a new tag.
    AddTag, "Edit", "Add a tag…", key("T");
    /// Shows photos like the selected one.
    FindSimilar, "Edit", "Find similar photos", ctrl_shift("F");
    /// Goes to the search box.
    Search, "View", "Search", ctrl("F");
    /// Forgets every filter.
    ClearFilters, "View", "Show all photos", ctrl_shift("A");
    /// The photos.
    ShowPhotos, "View", "Photos", ctrl("1");
    /// The suggestions.
    ShowReview, "View", "Review", ctrl("2");
    /// The labels.
    ShowLabels, "View", "Labels", ctrl("3");
    /// Labels that match nothing, or too much alike.
    CheckLabels, "View", "Check the labels", None;
    /// What went wrong and what happened.
    ShowActivity, "View", "Activity", ctrl("5");
    /// The settings.
    ShowSettings, "View", "Settings", ctrl("Comma");
    /// The photo large.
    Preview, "View", "Large preview", key("Space");
    /// Shows or hides the side bar.
    ToggleSidebar, "View", "Side bar", ctrl("B");
    /// Shows or hides the inspector.
    ToggleInspector, "View", "Inspector", ctrl("I");
    /// Larger tiles.
    LargerTiles, "View", "Larger thumbnails", ctrl("Plus");
    /// Smaller tiles.
    SmallerTiles, "View", "Smaller thumbnails", ctrl("Minus");
    /// Light or dark.
    ToggleTheme, "View", "Light or dark", None;
    /// Holds the worker, or lets it go on.
    TogglePause, "Worker", "Pause or resume", ctrl("P");
    /// The palette.
    Palette, "Help", "All commands…", ctrl_shift("P");
}
