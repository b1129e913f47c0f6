//! The reports of the threads.

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::catalogue::Catalogue;
use crate::app::commands::choices::PathPurpose;
use crate::app::commands::command::Command;
use crate::app::messages::answers::Sought;
use crate::app::messages::answers::{Explained, Neighbours};
use crate::app::messages::decision::Decided;
use crate::app::messages::download::DownloadState;
use crate::app::messages::export::{ExportState, LibraryExports, Refused};
use crate::app::messages::label_scores::LabelScores;
use crate::app::messages::listing::Listing;
use crate::app::messages::message::Severity;
use crate::app::messages::model::ModelInfo;
use crate::app::messages::picture::{Picture, Preview};
use crate::app::messages::saving::Saving;
use crate::app::messages::scale_report::ScaleReport;
use crate::core::ids::PhotoId;
use crate::core::photo::ContentHash;
use crate::engine::DeviceInfo;
use crate::indexer::Snapshot;
use crate::services::explain::VocabularyReport;
use crate::store::{Failure, StoredVocabulary};
use crate::words::Phrase;

/// Makes the window check for news; called from any thread.
pub(crate) type Wake = Arc<dyn Fn() + Send + Sync>;

/// The indexer's progress.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Work {
    /// The counters.
    pub now: Snapshot,
    /// Whether it is paused.
    pub(crate) paused: bool,
}

/// A change of the vocabulary; `None` is the built-in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VocabularyChange {
    /// Before the change.
    pub(crate) before: Option<StoredVocabulary>,
    /// After it.
    pub(crate) after: Option<StoredVocabulary>,
    /// Labels that only got another name: old and new id.
    pub(crate) renamed: Vec<(String, String)>,
    /// Whether it came from undo or redo, which do not count as changes.
    pub(crate) replayed: bool,
}

/// A report of a thread.
#[derive(Debug)]
pub(crate) enum Event {
    /// The first photos of a large library, which is still being read.
    FirstPage(Box<Catalogue>),
    /// The library as read; `decided` counts the decision requests that it includes.
    Loaded {
        /// The library.
        catalogue: Box<Catalogue>,
        /// Decision requests carried out before.
        decided: u64,
    },
    /// The decisions made, for undo.
    Decided(Vec<Decided>),
    /// Whether the library has what the user said.
    Saving(Saving),
    /// The vocabulary was changed.
    VocabularyChanged(VocabularyChange),
    /// The indexer's progress.
    Progress(Work),
    /// The model and its device.
    Engine(String),
    /// A message for the user.
    Message(Severity, Phrase),
    /// Tags were adjusted to what is usual in the library.
    Rescaled(ScaleReport),
    /// The last adjustment of tags to the library, if it can be undone or made again.
    Scale(Option<ScaleReport>),
    /// Photos that cannot be read.
    Failures(Vec<Failure>),
    /// Photos nearest to a query, the nearest first, with similarity.
    Found {
        /// What was searched for.
        query: Sought,
        /// Photo and similarity.
        hits: Vec<(PhotoId, f32)>,
        /// How many of them are near enough to be shown at once.
        relevant: usize,
    },
    /// A label's confidences.
    Scores(LabelScores),
    /// Why a photo has a label or not.
    Explained(Explained),
    /// A thumbnail; `None` if there is none.
    Thumbnail(ContentHash, Option<Picture>),
    /// A large picture of the file, or why there is none.
    Preview(PathBuf, Result<Preview, String>),
    /// A file's picture in full size; `None` if there is none.
    FullSize(PathBuf, Option<Picture>),
    /// The progress of an export.
    Export(ExportState),
    /// What the library says of exports.
    Exports(LibraryExports),
    /// The result of an automatic export.
    Exported {
        /// Sidecars written.
        written: usize,
        /// Sidecars that could not be written.
        refused: Vec<Refused>,
    },
    /// The progress of a download.
    Download(DownloadState),
    /// Similar photos.
    Neighbours(Neighbours),
    /// Problems of the vocabulary.
    Report(VocabularyReport),
    /// The devices available here.
    Devices(Vec<DeviceInfo>),
    /// The models that are installed or available.
    Models(Vec<ModelInfo>),
    /// Folders were added to the library.
    Added(Vec<PathBuf>),
    /// The contents of a folder.
    Listed(Listing),
    /// The system has no file dialog.
    NoDialog(PathPurpose),
    /// Folders were chosen in a dialog.
    Chosen(Vec<PathBuf>),
    /// A dialog ended with a command.
    Wanted(Command),
}
