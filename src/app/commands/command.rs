//! Everything that a person can ask for. Menus, shortcuts and the palette are made from one table.

use std::path::PathBuf;

use crate::app::state::app::Screen;
use crate::app::state::filter::{Grouping, Order};
use crate::app::state::settings::{NamingChoice, ThemeChoice};
use crate::app::threads::library::Learn;
use crate::tagging::Edit;

/// Keys that ask for an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortcut {
    /// Ctrl, on a Mac ⌘.
    pub command: bool,
    /// Shift.
    pub shift: bool,
    /// The key as egui names it.
    pub key: &'static str,
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

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// One of the table.
    Do(Action),
    /// Take folders in.
    AddFolders(Vec<PathBuf>),
    /// Forget a folder.
    RemoveFolder(i64),
    /// Leave a folder alone, or go on with it.
    PauseFolder(i64, bool),
    /// Show another screen.
    Show(Screen),
    /// Show only this folder's photos; `None` for all.
    FilterFolder(Option<i64>),
    /// Show only photos with this label.
    FilterLabel(Option<String>),
    /// What is in the search box counts now.
    Search(String),
    /// The order of photos.
    Sort(Order),
    /// What photos are put together by.
    Group(Grouping),
    /// The longer side of a tile, in points.
    Tile(f32),
    /// Select the photo at this place of the list alone.
    Select(usize),
    /// Select or unselect it beside others.
    ToggleSelect(usize),
    /// Select all from the last one to it.
    SelectTo(usize),
    /// Move the selection by so many places, extending it or not.
    Move(isize, bool),
    /// Decide on a label of photos: `None` takes the decision back.
    Decide {
        /// The photos.
        photos: Vec<i64>,
        /// The label's name.
        label: String,
        /// What is decided.
        accepted: Option<bool>,
    },
    /// Accept some photos for a label and reject others, as one step.
    Settle {
        /// The label's name.
        label: String,
        /// Those that have it.
        accepted: Vec<i64>,
        /// Those that do not.
        rejected: Vec<i64>,
    },
    /// Give the selected photos a tag, which is made a label where there is none.
    Tag(String),
    /// Why a photo has a label or not.
    Why(i64, String),
    /// Change the vocabulary.
    Edit(Vec<Edit>),
    /// Replace the vocabulary by this text.
    SetVocabularyText(String),
    /// Use another vocabulary; `None` for the built-in one.
    UseVocabulary(Option<String>),
    /// Read a vocabulary from a file.
    ImportVocabulary(PathBuf),
    /// Write the vocabulary to a file.
    ExportVocabulary(PathBuf),
    /// Look at a label in the editor.
    EditLabel(Option<String>),
    /// How a text would do as a label.
    TryLabel(String),
    /// While a threshold is dragged: show what it gives.
    DragThreshold(f32),
    /// The dragging has ended with this threshold; `None` for the general one.
    SetThreshold(String, Option<f32>),
    /// Look at a label in the review.
    ReviewLabel(Option<String>),
    /// Review photo by photo, or label by label.
    ReviewByPhoto(bool),
    /// Show a photo among all.
    ShowPhoto(i64),
    /// Find photos like this one, for the inspector.
    Neighbours(i64),
    /// How a label shall learn from decisions.
    Learn(String, Learn),
    /// Find labels that match nothing or are hardly told apart.
    CheckVocabulary,
    /// Find out what an export would change.
    PreviewExport,
    /// Write sidecars.
    Export,
    /// End the export that runs.
    CancelExport,
    /// Compute with another model from now on.
    UseModel(String),
    /// Fetch a model of the catalogue.
    Download(String),
    /// Do not go on fetching.
    CancelDownload,
    /// Compute there from now on; as `--device` has it.
    UseDevice(String),
    /// Whether fewer bits may be computed with where that is faster.
    Fast(bool),
    /// Prompt templates for labels, one a line; with none, the model's own.
    Templates(String),
    /// Threads that decode; 0 for as many as there are cores.
    Threads(usize),
    /// Whether sidecars are written by themselves.
    AutoExport(bool),
    /// Whether the inspector shows similar photos.
    SimilarPhotos(bool),
    /// Light or dark.
    Theme(ThemeChoice),
    /// The size of text.
    TextScale(f32),
    /// How new sidecars are named.
    Naming(NamingChoice),
    /// Whether `digiKam:TagsList` and `lr:hierarchicalSubject` are written.
    Properties {
        /// digiKam's.
        digikam: bool,
        /// Lightroom's.
        hierarchical: bool,
    },
    /// The messages were read.
    ReadMessages,
}
