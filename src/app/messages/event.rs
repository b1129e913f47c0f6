//! What the services report, and how they are told.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::app::catalogue::Catalogue;
use crate::app::commands::command::Command;
use crate::app::threads::models::ModelInfo;
use crate::app::threads::pictures::{Picture, Preview};
use crate::core::photo::ContentHash;
use crate::indexer::Snapshot;
use crate::services::explain::VocabularyReport;
use crate::store::{Decision, Failure};

/// Has the window look at what is new; called from any thread.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// How serious a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something does not go as it should.
    Problem,
}

/// Something a person should be told, and can read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How serious.
    pub severity: Severity,
    /// A sentence.
    pub text: String,
}

/// One decision that was made: photo, label's name, and the decision before.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// The photo.
    pub photo: i64,
    /// The label's name.
    pub label: String,
    /// What was decided before.
    pub before: Option<Decision>,
}

/// How a label stands to the photos of the library, for its histogram and its threshold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelScores {
    /// The label's name, or the text that was tried.
    pub label: String,
    /// Photos with their confidence, the highest first.
    pub confidences: Vec<(i64, f32)>,
    /// The confidence from which it is given now.
    pub threshold: f32,
}

impl LabelScores {
    /// How many photos reach `threshold`.
    pub fn count_from(&self, threshold: f32) -> usize {
        self.confidences.partition_point(|(_, c)| *c >= threshold)
    }

    /// How many photos fall into each of `bins` equal parts of 0 to 1.
    pub fn histogram(&self, bins: usize) -> Vec<usize> {
        let mut counts = vec![0; bins.max(1)];
        let last = counts.len() - 1;
        for (_, confidence) in &self.confidences {
            let bin = (confidence.clamp(0.0, 1.0) * bins as f32) as usize;
            if let Some(count) = counts.get_mut(bin.min(last)) {
                *count += 1;
            }
        }
        counts
    }
}

/// Why a photo has a label, in sentences, and the photos that speak for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explained {
    /// The photo.
    pub photo: i64,
    /// The label's name.
    pub label: String,
    /// Sentences.
    pub lines: Vec<String>,
}

/// The photos nearest to one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Neighbours {
    /// The photo.
    pub photo: i64,
    /// Others, the nearest first.
    pub photos: Vec<i64>,
}

/// What a label's decisions changed on other photos.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// Photos that it is given more than before.
    pub given: isize,
    /// Photos that it is suggested for more than before.
    pub suggested: isize,
}

impl Learned {
    /// As a sentence.
    pub fn describe(&self) -> String {
        let part = |n: isize, what: &str| match n {
            0 => None,
            n if n > 0 => Some(format!("{n} more {what}")),
            n => Some(format!("{} fewer {what}", n.unsigned_abs())),
        };
        let parts = [
            part(self.given, "photos are given it"),
            part(self.suggested, "are suggested it"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        format!("Learned from your decisions: {}.", parts.join(", "))
    }
}

/// How fetching a model stands.
#[derive(Clone, Debug, PartialEq)]
pub struct DownloadState {
    /// The model's name in the catalogue.
    pub model: String,
    /// What is being done.
    pub phase: DownloadPhase,
}

/// What is being done to fetch a model.
#[derive(Clone, Debug, PartialEq)]
pub enum DownloadPhase {
    /// The hub is asked for it.
    Asking,
    /// Bytes arrive.
    Fetching {
        /// Bytes on disk.
        done_bytes: u64,
        /// The file's length.
        total_bytes: u64,
        /// Lately.
        bytes_per_second: f64,
        /// How long the rest takes at that speed; `None` where nothing comes.
        left: Option<Duration>,
    },
    /// The connection broke and is tried again.
    Retrying {
        /// What happened, as a sentence.
        reason: String,
    },
    /// The digest is computed.
    Checking {
        /// Bytes read.
        done_bytes: u64,
        /// The file's length.
        total_bytes: u64,
    },
    /// The model is read once and put among the others.
    Installing,
    /// It can be used.
    Done,
    /// The person did not want it any more.
    Cancelled,
    /// It cannot be had now.
    Failed {
        /// Why, and what to do.
        reason: String,
    },
}

/// How an export or its preview stands.
#[derive(Clone, Debug, PartialEq)]
pub enum ExportState {
    /// Being worked at: photos done, of how many, and whether it writes.
    Running {
        /// Photos looked at.
        done: usize,
        /// Photos in all.
        total: usize,
        /// Whether sidecars are written.
        writing: bool,
    },
    /// What would change: photo and unified diff; and photos that cannot be exported, with reasons.
    Preview {
        /// Photo and diff.
        changes: Vec<(PathBuf, String)>,
        /// Photo and reason.
        refused: Vec<(PathBuf, String)>,
        /// Sidecars that have what they should have.
        unchanged: usize,
        /// Whether more changes exist than are listed.
        more: usize,
    },
    /// Done: what happened in a sentence, and what was refused.
    Done {
        /// A sentence.
        summary: String,
        /// Photo and reason.
        refused: Vec<(PathBuf, String)>,
    },
}

/// What a service reports.
#[derive(Debug)]
pub enum Event {
    /// The library as it is now; `decided` counts the decisions that it has in it.
    Loaded {
        /// The library.
        catalogue: Box<Catalogue>,
        /// Requests to decide that were carried out before.
        decided: u64,
    },
    /// What was decided, for undo.
    Decided(Vec<Decided>),
    /// The vocabulary was changed: the text and name before (`None` for the built-in one).
    VocabularyChanged {
        /// Before the change.
        before: Option<(String, String)>,
        /// After it.
        after: Option<(String, String)>,
        /// Whether it came of undo or redo, which count no change.
        replayed: bool,
    },
    /// How the work goes.
    Progress(Snapshot, bool),
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
        hits: Vec<(i64, f32)>,
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
    /// What an export came to that happened by itself: sidecars written, photos and why not.
    Exported {
        /// Sidecars written.
        written: usize,
        /// Photo and reason.
        refused: Vec<(PathBuf, String)>,
    },
    /// How fetching a model stands.
    Download(DownloadState),
    /// Photos like one.
    Neighbours(Neighbours),
    /// What is odd about the vocabulary.
    Report(VocabularyReport),
    /// Devices: what `--device` calls them, and what they are.
    Devices(Vec<(String, String)>),
    /// The models that are here or can be had.
    Models(Vec<ModelInfo>),
    /// Folders were chosen in a dialog.
    Chosen(Vec<PathBuf>),
    /// A dialog ended with something to do.
    Wanted(Command),
}
