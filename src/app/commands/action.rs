//! The table that menus, shortcuts and the palette are made from: a new command without more to say
//! is a line here and a line in `state/actions.rs`.

use crate::app::commands::choices::ScreenId;

/// The screens that an action is for. On the others it does nothing: what it would act on is not in
/// sight.
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
    /// Why an action of that scope is not for `screen`; `None` where it is.
    pub(crate) fn refusal(self, screen: ScreenId) -> Option<&'static str> {
        match (self, screen) {
            (Self::Everywhere, _)
            | (Self::Pictures, ScreenId::Photos | ScreenId::Review)
            | (Self::Photos, ScreenId::Photos) => None,
            (Self::Pictures, _) => Some("Works on the Photos and Review screens."),
            (Self::Photos, _) => Some("Works on the Photos screen."),
        }
    }
}

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
    ($($(#[doc = $doc:literal])* $name:ident, $group:literal, $title:literal, $scope:ident, $shortcut:expr;)*) => {
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

            /// The screens that it is for.
            pub(crate) fn scope(self) -> Scope {
                match self { $(Self::$name => Scope::$scope,)* }
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
    ChooseFolder, "File", "Add folder…", Everywhere, ctrl("O");
    /// Asks for a folder inside the window.
    TypeFolder, "File", "Add folder by path…", Everywhere, ctrl_shift("O");
    /// Takes in the photographs that come with the program.
    TrySamples, "File", "Try the sample photos", Everywhere, None;
    /// Looks at all folders again.
    Rescan, "File", "Rescan all folders", Everywhere, key("F5");
    /// Goes to the export.
    ShowExport, "File", "Export sidecars…", Everywhere, ctrl("E");
    /// Takes the last export back.
    UndoExport, "File", "Undo last export", Everywhere, None;
    /// Closes the window.
    Quit, "File", "Quit", Everywhere, ctrl("Q");
    /// Takes the last step back.
    Undo, "Edit", "Undo", Everywhere, ctrl("Z");
    /// Does it again.
    Redo, "Edit", "Redo", Everywhere, ctrl_shift("Z");
    /// Selects every photo that is shown.
    SelectAll, "Edit", "Select all photos", Pictures, ctrl("A");
    /// Selects none.
    SelectNone, "Edit", "Select none", Pictures, key("Escape");
    /// Accepts what is suggested for the selected photos.
    Accept, "Edit", "Accept suggestions", Pictures, key("A");
    /// Rejects what is suggested for the selected photos.
    Reject, "Edit", "Reject suggestions", Pictures, key("X");
    /// Goes to the field for a new tag.
    AddTag, "Edit", "Add a tag…", Photos, key("T");
    /// Shows photos like the selected one.
    FindSimilar, "Edit", "Find similar photos", Photos, ctrl_shift("F");
    /// Goes to the search box.
    Search, "View", "Search", Everywhere, ctrl("F");
    /// Forgets every filter.
    ClearFilters, "View", "Show all photos", Everywhere, ctrl_shift("A");
    /// The photos.
    ShowPhotos, "View", "Photos", Everywhere, ctrl("1");
    /// The suggestions.
    ShowReview, "View", "Review", Everywhere, ctrl("2");
    /// The labels.
    ShowLabels, "View", "Labels", Everywhere, ctrl("3");
    /// Labels that match nothing, or too much alike.
    CheckLabels, "View", "Check the labels", Everywhere, None;
    /// What went wrong and what happened.
    ShowActivity, "View", "Activity", Everywhere, ctrl("5");
    /// The settings.
    ShowSettings, "View", "Settings", Everywhere, ctrl("Comma");
    /// The photo large.
    Preview, "View", "Large preview", Pictures, key("Space");
    /// Shows or hides the side bar.
    ToggleSidebar, "View", "Side bar", Photos, ctrl("B");
    /// Shows or hides the inspector.
    ToggleInspector, "View", "Inspector", Photos, ctrl("I");
    /// Larger tiles.
    LargerTiles, "View", "Larger thumbnails", Pictures, ctrl("Plus");
    /// Smaller tiles.
    SmallerTiles, "View", "Smaller thumbnails", Pictures, ctrl("Minus");
    /// Light or dark.
    ToggleTheme, "View", "Light or dark", Everywhere, None;
    /// Holds the worker, or lets it go on.
    TogglePause, "Worker", "Pause or resume", Everywhere, ctrl("P");
    /// The palette.
    Palette, "Help", "All commands…", Everywhere, ctrl_shift("P");
}
