//! Options of the commands for vocabularies.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::options::numbers::unit;

#[derive(Debug, Subcommand)]
pub(crate) enum Vocabulary {
    /// List the labels in use
    List,
    /// Use the vocabulary of a file, and tag the library with it
    Import {
        /// A label a line, a Lightroom keyword list, or TOML
        file: PathBuf,
        /// Its name in the library (default: the file's name)
        #[arg(long)]
        name: Option<String>,
    },
    /// Write the vocabulary in use to a file, unchanged
    Export {
        /// The file; `-` is standard output
        file: PathBuf,
    },
    /// Use a vocabulary imported before, or `builtin`
    Use {
        /// Its name
        name: String,
    },
    /// Check a vocabulary file and summarise it; without one, report problems of the library's
    /// vocabulary: labels that match nothing, and labels that can hardly be distinguished
    Check {
        /// A label a line, a Lightroom keyword list, or TOML
        file: Option<PathBuf>,
    },
    #[command(flatten)]
    Edit(VocabularyEdit),
}

/// Edits of the vocabulary in use.
#[derive(Debug, Subcommand)]
pub(crate) enum VocabularyEdit {
    /// Add a label to the vocabulary in use
    Add {
        /// Its name
        name: String,
        /// Its parent
        #[arg(long, value_name = "LABEL")]
        parent: Option<String>,
        #[command(flatten)]
        texts: LabelTexts,
    },
    /// Remove a label from the vocabulary in use; those below it move up, decisions on it stay
    Remove {
        /// The label
        label: String,
    },
    /// Rename a label; the decisions on it come along
    Rename {
        /// The label
        label: String,
        /// Its new name
        name: String,
    },
    /// Make a label a synonym of another, which gets the decisions on it
    Merge {
        /// The label to remove
        from: String,
        /// The label to keep
        into: String,
    },
    /// Change a label
    Set(SetLabel),
}

#[derive(Args, Debug)]
pub(crate) struct LabelTexts {
    /// Another word for it; replaces all, one option each; an empty one removes all
    #[arg(long, value_name = "WORD")]
    pub(crate) synonym: Vec<String>,
    /// A text that describes it better than its name; replaces all, an empty one removes all
    #[arg(long, value_name = "TEXT")]
    pub(crate) prompt: Vec<String>,
    /// A text for what it does not mean; replaces all, an empty one removes all
    #[arg(long, value_name = "TEXT")]
    pub(crate) negative: Vec<String>,
    /// The confidence, 0 to 1, from which it is applied
    #[arg(long, value_name = "T", value_parser = unit)]
    pub(crate) threshold: Option<f32>,
}

#[derive(Args, Debug)]
pub(crate) struct SetLabel {
    /// The label
    pub(crate) label: String,
    #[command(flatten)]
    pub(crate) texts: LabelTexts,
    /// Use the general threshold
    #[arg(long, conflicts_with = "threshold")]
    pub(crate) no_threshold: bool,
    /// Whether it goes into sidecars
    #[arg(long, value_name = "BOOL")]
    pub(crate) export: Option<bool>,
    /// Move it, with all below it, below another
    #[arg(long, value_name = "LABEL")]
    pub(crate) parent: Option<String>,
    /// Move it, with all below it, to the top
    #[arg(long, conflicts_with = "parent")]
    pub(crate) top: bool,
}
