//! Requests to the library's thread.

use std::path::PathBuf;

use crate::app::catalogue::Catalogue;
use crate::app::commands::choices::Learn;
use crate::app::messages::decision::Decide;
use crate::core::ids::FolderId;
use crate::engine::EngineOptions;
use crate::indexer::Control;
use crate::store::StoredVocabulary;
use crate::tagging::Edit;
use crate::words::Language;

/// A request to the library's thread.
#[derive(Debug)]
pub(crate) enum Request {
    /// Adds folders.
    AddFolders(Vec<PathBuf>),
    /// Adds the photographs that come with the program.
    AddSamples,
    /// Removes a folder.
    RemoveFolder(FolderId),
    /// Pauses a folder or resumes it.
    PauseFolder(FolderId, bool),
    /// Reads these photos again that could not be read; none for all.
    Retry(Vec<PathBuf>),
    /// Decides. The flag is whether to report the previous decisions, for undo.
    Decide(Vec<Decide>, bool),
    /// Edits the vocabulary in use.
    Edit(Vec<Edit>),
    /// Replaces the vocabulary in use.
    SetVocabulary {
        /// The new one; `None` is the built-in one.
        vocabulary: Option<StoredVocabulary>,
        /// Labels that only get another name, whose decisions follow: old and new id.
        renamed: Vec<(String, String)>,
        /// Whether this is undo or redo.
        replayed: bool,
    },
    /// Names the built-in labels in a language.
    NameLabels(Language),
    /// Uses the vocabulary of that name; `None` for the built-in one.
    UseVocabulary(Option<String>),
    /// Reads a vocabulary file and uses it.
    ImportVocabulary(PathBuf),
    /// Writes the vocabulary in use to a file.
    ExportVocabulary(PathBuf),
    /// Shows files of one photo as one, or each by itself.
    Stacks(bool),
    /// Includes videos in the library, or leaves them out.
    Videos(bool),
    /// Sends a request to the indexer.
    Control(Control),
    /// Switches to another model.
    UseModel(EngineOptions),
    /// Tries at once to save what could not be saved before.
    SaveNow,
    /// Asks what the library says of exports.
    Exports,
    /// Allows exports to write into photos, or forbids it.
    MayEmbed(bool),
    /// Lists the photos that failed.
    Failures,
    /// Reports the last adjustment of tags to the library.
    Scale,
    /// Undoes that adjustment; `false` makes it again.
    UndoScale(bool),
    /// Sets how a label learns.
    Learn(String, Learn),
    /// Sets the number of decoding threads; 0 for one per core.
    Threads(usize),
    /// Lists the devices.
    Devices,
    /// Lists the models.
    Models,
    /// Drops a library that is no longer shown, which takes time.
    Forget(Box<Catalogue>),
}

impl Request {
    /// Whether it says something that only the user knows. It is kept until it is saved.
    pub(crate) fn must_be_saved(&self) -> bool {
        matches!(
            self,
            Self::Decide(..)
                | Self::Edit(_)
                | Self::SetVocabulary { .. }
                | Self::NameLabels(_)
                | Self::UseVocabulary(_)
                | Self::Learn(..)
        )
    }
}
