//! Vocabularies, and edits of the one in use.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::options::numbers::unit;

#[derive(Debug, Subcommand)]
pub(crate) enum Vocabulary {
    /// The labels in use
    List,
    /// Use the vocabulary of a file, and tag the library anew with it
    Import {
        /// A label a line, a Lightroom keyword list, or TOML
        file: PathBuf,
        /// What to call it in the library (default: the file's name)
        #[arg(long)]
        name: Option<String>,
    },
    /// Write the vocabulary in use to a file, as it was written
    Export {
        /// The file; `-` is standard output
        file: PathBuf,
    },
    /// Use a vocabulary that was imported before, or `builtin`
    Use {
        /// Its name
        name: String,
    },
    /// Check a vocabulary file and say what is in it; without one, say what is odd about the
    /// library's: labels that match nothing, and labels that are hardly told apart
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
        /// The label above it
        #[arg(long, value_name = "LABEL")]
        parent: Option<String>,
        #[command(flatten)]
        texts: LabelTexts,
    },
    /// Take a label out of the vocabulary in use; those below it move up, decisions on it are kept
    Remove {
        /// The label
        label: String,
    },
    /// Give a label another name; the decisions on it come along
    Rename {
        /// The label
        label: String,
        /// Its new name
        name: String,
    },
    /// Make a label a synonym of another, which takes over the decisions on it
    Merge {
        /// The label that goes
        from: String,
        /// The label that stays
        into: String,
    },
    /// Change what belongs to a label
    Set(SetLabel),
}

#[derive(Args, Debug)]
pub(crate) struct LabelTexts {
    /// Another word for it; all of them, with one option each; an empty one for none
    #[arg(long, value_name = "WORD")]
    pub(crate) synonym: Vec<String>,
    /// A text that says better than the name what is meant; all of them, an empty one for none
    #[arg(long, value_name = "TEXT")]
    pub(crate) prompt: Vec<String>,
    /// A text for what is not meant; all of them, an empty one for none
    #[arg(long, value_name = "TEXT")]
    pub(crate) negative: Vec<String>,
    /// The confidence, 0 to 1, from which it is given
    #[arg(long, value_name = "T", value_parser = unit)]
    pub(crate) threshold: Option<f32>,
}

#[derive(Args, Debug)]
pub(crate) struct SetLabel {
    /// The label
    pub(crate) label: String,
    #[command(flatten)]
    pub(crate) texts: LabelTexts,
    /// Give it from the general threshold on
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
