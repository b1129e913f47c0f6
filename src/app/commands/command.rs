//! The user's commands, one type for each part of the window.

use std::ops::Range;
use std::path::PathBuf;

use crate::app::catalogue::order::{Grouping, Order};
use crate::app::catalogue::quick_filter::QuickFilter;
use crate::app::commands::action::Action;
use crate::app::commands::choices::{
    ExportScope, LabelField, Learn, NamingChoice, PathPurpose, ScreenId, ThemeChoice,
};
use crate::core::ids::{ExportId, FileId, FolderId, PhotoId};
use crate::engine::DeviceChoice;
use crate::services::export::Program;
use crate::sidecar::Properties;
use crate::tagging::Edit;
use crate::words::Language;

/// A command.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A command without parameters.
    Do(Action),
    /// Shows another screen.
    Show(ScreenId),
    /// The library's folders.
    Folders(FolderCommand),
    /// Files and folders on the disk.
    Files(FileCommand),
    /// The photos on show.
    View(ViewCommand),
    /// The selection.
    Select(SelectCommand),
    /// The user's decisions on photos and labels.
    Decide(DecideCommand),
    /// The inspector.
    Inspect(InspectCommand),
    /// The vocabulary.
    Labels(LabelCommand),
    /// The review.
    Review(ReviewCommand),
    /// Sidecars.
    Export(ExportCommand),
    /// Models and devices.
    Compute(ComputeCommand),
    /// Settings that change nothing else.
    Set(SetCommand),
    /// The toasts over the screens.
    Toast(ToastCommand),
    /// The dialog for a path inside the window.
    Path(PathCommand),
    /// What is not saved.
    Save(SaveCommand),
    /// Marks the messages as read.
    ReadMessages,
    /// Undoes the last adjustment of tags to the library; `false` makes it again.
    UndoScale(bool),
}

/// Commands for the library's folders.
#[derive(Clone, Debug, PartialEq)]
pub enum FolderCommand {
    /// Adds folders.
    Add(Vec<PathBuf>),
    /// Removes a folder, by its id.
    Remove(FolderId),
    /// Pauses a folder or resumes it.
    Pause(FolderId, bool),
    /// Includes videos in the library, or leaves them out.
    Videos(bool),
}

/// Commands for files and folders on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileCommand {
    /// Shows a file or a folder in the system's file manager.
    Reveal(PathBuf),
    /// Copies a path.
    CopyPath(PathBuf),
    /// Tries to read these photos again that could not be read.
    Retry(Vec<PathBuf>),
}

/// Commands for the photos on show.
#[derive(Clone, Debug, PartialEq)]
pub enum ViewCommand {
    /// Shows only this folder, with those below it; `None` for all.
    Folder(Option<PathBuf>),
    /// Shows only photos with this label.
    Label(Option<String>),
    /// Applies filters with one click.
    Quick(QuickFilter),
    /// Remembers the filters in use as a saved search.
    SaveSearch,
    /// Applies a saved search.
    OpenSearch(usize),
    /// Forgets a saved search.
    RemoveSearch(usize),
    /// Applies the text of the search box.
    Search(String),
    /// Shows also what a search by meaning found less similar.
    MoreHits,
    /// Sets the order.
    Sort(Order),
    /// Sets the groups.
    Group(Grouping),
    /// Shows this photo in its place among all.
    Photo(PhotoId),
    /// Shows this file in its place among all.
    File(FileId),
    /// Shows files of one photo as one, or each by itself.
    Stacks(bool),
}

/// Commands for the selection. Places are those of the list on show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectCommand {
    /// Selects only the photo at this place.
    Only(usize),
    /// Adds it to the selection or removes it.
    Toggle(usize),
    /// Selects all from the last one to it.
    To(usize),
    /// Selects all from one place to another; `true` adds them to the selection.
    Range(usize, usize, bool),
    /// Selects what a rectangle touches.
    Band {
        /// The places.
        places: Vec<Range<usize>>,
        /// Whether the rectangle has just begun.
        begins: bool,
        /// Whether it adds to what was selected then.
        add: bool,
    },
    /// Moves by so many places, and extends the selection or not.
    Move(isize, bool),
}

/// The user's decisions.
#[derive(Clone, Debug, PartialEq)]
pub enum DecideCommand {
    /// Decides a label on photos; `None` withdraws the decision.
    Label {
        /// The photos.
        photos: Vec<PhotoId>,
        /// The label's name.
        label: String,
        /// The decision.
        accepted: Option<bool>,
    },
    /// Accepts some photos for a label and rejects others, as one step.
    Settle {
        /// The label's name.
        label: String,
        /// The photos with it.
        accepted: Vec<PhotoId>,
        /// The photos without it.
        rejected: Vec<PhotoId>,
    },
    /// Decides several labels on a photo, as one step.
    Labels {
        /// The photo.
        photo: PhotoId,
        /// The labels' names.
        labels: Vec<String>,
        /// The decision.
        accepted: bool,
    },
    /// Gives photos a tag, and creates a label for it if there is none.
    Tag {
        /// The photos.
        photos: Vec<PhotoId>,
        /// The typed text.
        text: String,
    },
}

/// Commands for the path dialog inside the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathCommand {
    /// Opens it.
    Ask(PathPurpose),
    /// Lists a folder.
    List(PathBuf),
    /// Takes this path.
    Choose(PathBuf),
    /// Closes it.
    Cancel,
}

/// Commands for toasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastCommand {
    /// Closes one.
    Dismiss(u64),
    /// Closes all.
    DismissAll,
    /// Undoes what it reports.
    Undo(u64),
    /// Shows what it reports.
    Show(u64),
}

/// Commands for one photo.
#[derive(Clone, Debug, PartialEq)]
pub enum InspectCommand {
    /// Explains why it has a label or not.
    Why(PhotoId, String),
    /// Finds similar photos.
    Neighbours(PhotoId),
}

/// Commands for the vocabulary.
#[derive(Clone, Debug, PartialEq)]
pub enum LabelCommand {
    /// Edits it.
    Edit(Vec<Edit>),
    /// Replaces it with this text.
    SetText(String),
    /// Uses another one; `None` for the built-in one.
    Use(Option<String>),
    /// Names the built-in labels in a language.
    Names(Language),
    /// Asks for a file to import.
    ChooseImport,
    /// Imports a file.
    Import(PathBuf),
    /// Asks for a file to export to.
    ChooseExport,
    /// Exports to a file.
    Export(PathBuf),
    /// Opens a label in the editor.
    Open(Option<String>),
    /// Opens a label in the editor, with the keyboard in a field.
    OpenAt(String, LabelField),
    /// Tries a text as a label.
    Try(String),
    /// Previews a threshold while it is dragged.
    DragThreshold(f32),
    /// Sets the threshold at the end of dragging; `None` for the general one.
    SetThreshold(String, Option<f32>),
    /// Sets how a label learns from decisions.
    Learn(String, Learn),
    /// Finds labels that match nothing or can hardly be distinguished.
    Check,
}

/// Commands for the review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewCommand {
    /// Reviews a label.
    Label(Option<String>),
    /// Begins another session.
    NextSession,
    /// Reviews photo by photo, or label by label.
    ByPhoto(bool),
}

/// Commands for sidecars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportCommand {
    /// Previews the changes of an export.
    Preview,
    /// Writes the sidecars.
    Write,
    /// Undoes the last export.
    Undo,
    /// Undoes an export and all later ones.
    UndoBackTo(ExportId),
    /// Chooses the photos.
    Scope(ExportScope),
    /// Switches writing into photos on, after a warning the first time, or off.
    Embed(bool),
    /// Answers the warning.
    AnswerWarning(bool),
    /// Chooses the program to export for.
    Program(Option<Program>),
    /// Stops the running export.
    Cancel,
}

/// Commands for models and devices.
#[derive(Clone, Debug, PartialEq)]
pub enum ComputeCommand {
    /// Switches to another model.
    Model(String),
    /// Downloads a model of the catalogue.
    Download(String),
    /// Stops the download.
    CancelDownload,
    /// Switches to another device.
    Device(DeviceChoice),
    /// Sets whether to use fewer bits where that is faster.
    Fast(bool),
    /// Sets the prompt templates for labels, one a line; without any, the model's own.
    Templates(String),
    /// Sets the number of decoding threads; 0 for one per core.
    Threads(usize),
}

/// Settings that change nothing else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SetCommand {
    /// The longer side of a tile, in points.
    Tile(f32),
    /// Whether sidecars are written automatically.
    AutoExport(bool),
    /// Whether the inspector shows similar photos.
    SimilarPhotos(bool),
    /// Light or dark.
    Theme(ThemeChoice),
    /// The language; `None` for the system's.
    Language(Option<Language>),
    /// The size of text; 1.0 is normal.
    TextScale(f32),
    /// How new sidecars are named.
    Naming(NamingChoice),
    /// Whether only confirmed tags are written.
    ConfirmedOnly(bool),
    /// Where keywords go.
    Properties(Properties),
    /// Whether the synonyms of labels are written too.
    Synonyms(bool),
}

/// Commands for what could not be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveCommand {
    /// Tries again at once.
    Retry,
    /// Closes the window and loses it.
    GiveUp,
    /// Does not close the window.
    Stay,
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
    Files(FileCommand),
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
    Save(SaveCommand),
}
