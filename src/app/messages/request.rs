//! What the library's thread is asked for.

use std::path::PathBuf;

use crate::app::catalogue::Catalogue;
use crate::app::commands::choices::Learn;
use crate::app::messages::decision::Decide;
use crate::core::ids::FolderId;
use crate::engine::EngineOptions;
use crate::indexer::Control;
use crate::store::StoredVocabulary;
use crate::tagging::Edit;

/// What the library's thread is asked for.
#[derive(Debug)]
pub(crate) enum Request {
    /// Take folders in.
    AddFolders(Vec<PathBuf>),
    /// Take in the photographs that come with the program.
    AddSamples,
    /// Forget a folder.
    RemoveFolder(FolderId),
    /// Leave a folder alone, or go on with it.
    PauseFolder(FolderId, bool),
    /// Decide. `note` is whether the decisions before shall be reported, for undo.
    Decide(Vec<Decide>, bool),
    /// Change the vocabulary in use.
    Edit(Vec<Edit>),
    /// Replace the vocabulary in use; `None` is the built-in one. The flag is whether undo or redo asks.
    SetVocabulary(Option<StoredVocabulary>, bool),
    /// Use the person's vocabulary of that name; `None` for the built-in one.
    UseVocabulary(Option<String>),
    /// Read a vocabulary file and use it.
    ImportVocabulary(PathBuf),
    /// Write the vocabulary in use to a file.
    ExportVocabulary(PathBuf),
    /// Ask the indexer for something.
    Control(Control),
    /// Compute with another model.
    UseModel(EngineOptions),
    /// List the photos that failed.
    Failures,
    /// How a label shall learn.
    Learn(String, Learn),
    /// Decode with so many threads; 0 for as many as there are cores.
    Threads(usize),
    /// List the devices.
    Devices,
    /// List the models.
    Models,
    /// Take apart a library that is not shown any more.
    Forget(Box<Catalogue>),
}
