//! What the threads report.

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::catalogue::Catalogue;
use crate::app::commands::choices::PathPurpose;
use crate::app::commands::command::Command;
use crate::app::messages::answers::{Explained, Neighbours};
use crate::app::messages::decision::Decided;
use crate::app::messages::download::DownloadState;
use crate::app::messages::export::{ExportState, Refused};
use crate::app::messages::label_scores::LabelScores;
use crate::app::messages::listing::Listing;
use crate::app::messages::message::Message;
use crate::app::messages::model::ModelInfo;
use crate::app::messages::picture::{Picture, Preview};
use crate::core::ids::PhotoId;
use crate::core::photo::ContentHash;
use crate::engine::DeviceInfo;
use crate::indexer::Snapshot;
use crate::services::explain::VocabularyReport;
use crate::store::{Failure, StoredVocabulary};

/// Has the window look at what is new; called from any thread.
pub(crate) type Wake = Arc<dyn Fn() + Send + Sync>;

/// How the indexer's work goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Work {
    /// What it does.
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
    /// Whether it came of undo or redo, which count no change.
    pub(crate) replayed: bool,
}

/// What a service reports.
#[derive(Debug)]
pub(crate) enum Event {
    /// The library as it is now; `decided` counts the decisions that it has in it.
    Loaded {
        /// The library.
        catalogue: Box<Catalogue>,
        /// Requests to decide that were carried out before.
        decided: u64,
    },
    /// What was decided, for undo.
    Decided(Vec<Decided>),
    /// The vocabulary was changed.
    VocabularyChanged(VocabularyChange),
    /// How the work goes.
    Progress(Work),
    /// Which model computes where.
    Engine(String),
    /// Something to tell.
    Message(Message),
    /// Photos that cannot be read.
    Failures(Vec<Failure>),
    /// Photos nearest to a query, the nearest first, with similarity.
    Found {
        /// What was looked for, as it is shown.
        query: String,
        /// Photo and similarity.
        hits: Vec<(PhotoId, f32)>,
    },
    /// A label's confidences.
    Scores(LabelScores),
    /// Why.
    Explained(Explained),
    /// A thumbnail; `None` where there is none.
    Thumbnail(ContentHash, Option<Picture>),
    /// A large picture of the file, or why there is none.
    Preview(PathBuf, Result<Preview, String>),
    /// How an export stands.
    Export(ExportState),
    /// What an export came to that happened by itself: sidecars written, and what could not be.
    Exported {
        /// Sidecars written.
        written: usize,
        /// What could not be written.
        refused: Vec<Refused>,
    },
    /// How fetching a model stands.
    Download(DownloadState),
    /// Photos like one.
    Neighbours(Neighbours),
    /// What is odd about the vocabulary.
    Report(VocabularyReport),
    /// The devices that can compute here.
    Devices(Vec<DeviceInfo>),
    /// The models that are here or can be had.
    Models(Vec<ModelInfo>),
    /// Folders were taken into the library.
    Added(Vec<PathBuf>),
    /// What lies in a folder.
    Listed(Listing),
    /// The system has no dialog to ask for a path with.
    NoDialog(PathPurpose),
    /// Folders were chosen in a dialog.
    Chosen(Vec<PathBuf>),
    /// A dialog ended with something to do.
    Wanted(Command),
}
