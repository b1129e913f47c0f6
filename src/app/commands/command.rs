//! What a person asks for, a type for each part of the window.

use std::path::PathBuf;

use crate::app::catalogue::order::{Grouping, Order};
use crate::app::commands::action::Action;
use crate::app::commands::choices::{Learn, NamingChoice, PathPurpose, ScreenId, ThemeChoice};
use crate::core::ids::{FolderId, PhotoId};
use crate::engine::DeviceChoice;
use crate::sidecar::Properties;
use crate::tagging::Edit;

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// One of the table.
    Do(Action),
    /// Show another screen.
    Show(ScreenId),
    /// The library's folders.
    Folders(FolderCommand),
    /// Which photos are shown.
    View(ViewCommand),
    /// Which photos are selected.
    Select(SelectCommand),
    /// A person's word on photos and labels.
    Decide(DecideCommand),
    /// What the inspector shows of a photo.
    Inspect(InspectCommand),
    /// The vocabulary.
    Labels(LabelCommand),
    /// The review.
    Review(ReviewCommand),
    /// Sidecars.
    Export(ExportCommand),
    /// Models and where they compute.
    Compute(ComputeCommand),
    /// What is kept between starts.
    Set(SetCommand),
    /// What the window tells over its screens.
    Toast(ToastCommand),
    /// A path that is asked for inside the window.
    Path(PathCommand),
    /// The messages were read.
    ReadMessages,
}

/// About the library's folders.
#[derive(Clone, Debug, PartialEq)]
pub enum FolderCommand {
    /// Take folders in.
    Add(Vec<PathBuf>),
    /// Forget a folder, by its number.
    Remove(FolderId),
    /// Leave a folder alone, or go on with it.
    Pause(FolderId, bool),
}

/// About which photos are shown.
#[derive(Clone, Debug, PartialEq)]
pub enum ViewCommand {
    /// Only this folder's; `None` for all.
    Folder(Option<FolderId>),
    /// Only those with this label.
    Label(Option<String>),
    /// What is in the search box counts now.
    Search(String),
    /// The order.
    Sort(Order),
    /// What photos are put together by.
    Group(Grouping),
    /// This photo, where it stands among all.
    Photo(PhotoId),
}

/// About the selection. Places are those of the list that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectCommand {
    /// The photo at this place alone.
    Only(usize),
    /// Select or unselect it beside others.
    Toggle(usize),
    /// All from the last one to it.
    To(usize),
    /// Move by so many places, extending the selection or not.
    Move(isize, bool),
}

/// A person's word.
#[derive(Clone, Debug, PartialEq)]
pub enum DecideCommand {
    /// On a label of photos: `None` takes the decision back.
    Label {
        /// The photos.
        photos: Vec<PhotoId>,
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
        accepted: Vec<PhotoId>,
        /// Those that do not.
        rejected: Vec<PhotoId>,
    },
    /// Give photos a tag, which is made a label where there is none.
    Tag {
        /// The photos.
        photos: Vec<PhotoId>,
        /// What was typed.
        text: String,
    },
}

/// About a path that is asked for inside the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathCommand {
    /// Ask for one.
    Ask(PathPurpose),
    /// Look into a folder.
    List(PathBuf),
    /// This is the one.
    Choose(PathBuf),
    /// None is wanted.
    Cancel,
}

/// About what the window tells over its screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastCommand {
    /// It was read.
    Dismiss(u64),
    /// All were read.
    DismissAll,
    /// Take back what it tells of.
    Undo(u64),
}

/// About one photo.
#[derive(Clone, Debug, PartialEq)]
pub enum InspectCommand {
    /// Why it has a label or not.
    Why(PhotoId, String),
    /// Find photos like it.
    Neighbours(PhotoId),
}

/// About the vocabulary.
#[derive(Clone, Debug, PartialEq)]
pub enum LabelCommand {
    /// Change it.
    Edit(Vec<Edit>),
    /// Replace it by this text.
    SetText(String),
    /// Use another one; `None` for the built-in one.
    Use(Option<String>),
    /// Ask which file to read one from.
    ChooseImport,
    /// Read one from a file.
    Import(PathBuf),
    /// Ask which file to write it to.
    ChooseExport,
    /// Write it to a file.
    Export(PathBuf),
    /// Look at a label in the editor.
    Open(Option<String>),
    /// How a text would do as a label.
    Try(String),
    /// While a threshold is dragged: show what it gives.
    DragThreshold(f32),
    /// The dragging has ended with this threshold; `None` for the general one.
    SetThreshold(String, Option<f32>),
    /// How a label learns from decisions.
    Learn(String, Learn),
    /// Find labels that match nothing or are hardly told apart.
    Check,
}

/// About the review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewCommand {
    /// Look at a label.
    Label(Option<String>),
    /// Review photo by photo, or label by label.
    ByPhoto(bool),
}

/// About sidecars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportCommand {
    /// Find out what an export would change.
    Preview,
    /// Write.
    Write,
    /// Take the last export back.
    Undo,
    /// End the export that runs.
    Cancel,
}

/// About models and devices.
#[derive(Clone, Debug, PartialEq)]
pub enum ComputeCommand {
    /// Compute with another model from now on.
    Model(String),
    /// Fetch a model of the catalogue.
    Download(String),
    /// Do not go on fetching.
    CancelDownload,
    /// Compute there from now on.
    Device(DeviceChoice),
    /// Whether fewer bits may be computed with where that is faster.
    Fast(bool),
    /// Prompt templates for labels, one a line; with none, the model's own.
    Templates(String),
    /// Threads that decode; 0 for as many as there are cores.
    Threads(usize),
}

/// About what is kept between starts and changes nothing else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SetCommand {
    /// The longer side of a tile, in points.
    Tile(f32),
    /// Whether sidecars are written by themselves.
    AutoExport(bool),
    /// Whether the inspector shows similar photos.
    SimilarPhotos(bool),
    /// Light or dark.
    Theme(ThemeChoice),
    /// The size of text, 1.0 as usual.
    TextScale(f32),
    /// How new sidecars are named.
    Naming(NamingChoice),
    /// Where keywords go.
    Properties(Properties),
    /// Whether the synonyms of labels are written too.
    Synonyms(bool),
}

macro_rules! parts {
    ($($variant:ident($part:ident),)*) => {
        $(impl From<$part> for Command {
            fn from(part: $part) -> Self {
                Self::$variant(part)
            }
        })*
    };
}

parts! {
    Do(Action),
    Show(ScreenId),
    Folders(FolderCommand),
    View(ViewCommand),
    Select(SelectCommand),
    Decide(DecideCommand),
    Inspect(InspectCommand),
    Labels(LabelCommand),
    Review(ReviewCommand),
    Export(ExportCommand),
    Compute(ComputeCommand),
    Set(SetCommand),
    Toast(ToastCommand),
    Path(PathCommand),
}
