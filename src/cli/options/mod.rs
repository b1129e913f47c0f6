//! The definition of the command line.

mod examples;
mod library;
mod models;
mod numbers;
mod tagging;
mod vocabulary;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use examples::command;
pub(crate) use library::{
    BookkeepingCommand, Decide, Decided, Decisions, Explain, Folder, Index, Learning,
    LibraryCommand, ScaleCommand, Search, Tags, TimeOrder,
};
pub(crate) use models::{Device, Embed, Model};
pub(crate) use tagging::{Export, Keywords, NamingOption, Tag};
pub(crate) use vocabulary::{LabelTexts, SetLabel, Vocabulary, VocabularyEdit};

use crate::cli::output::Format;
use crate::engine::DeviceChoice;

/// Tags photographs with CLIP, on any machine, offline.
#[derive(Debug, Parser)]
#[command(
    name = "taglens",
    version,
    subcommand_precedence_over_arg = true,
    after_help = "Exit status: 0 all done; 1 some photos, sidecars or folders failed, each named on standard error; \
                  2 wrong usage or unreadable input; 130 interrupted.\n\
                  Environment: TAGLENS_LIBRARY, the library's file; TAGLENS_LOG, the log's level; \
                  NO_COLOR, plain help and progress; HF_ENDPOINT, HF_TOKEN and HF_HOME, the hub to \
                  download models from, its token and its cache."
)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Folders to add to the library
    pub(crate) folders: Vec<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
pub(crate) struct Common {
    /// The library's file (default: in the platform's data folder)
    #[arg(long, global = true, value_name = "FILE", env = "TAGLENS_LIBRARY")]
    pub(crate) library: Option<PathBuf>,
    /// The model: `starter`, an installed one, or a checkpoint's file or folder
    #[arg(long, global = true, value_name = "NAME|PATH")]
    pub(crate) model: Option<String>,
    /// The model was trained with QuickGELU (with `=false`: with GELU), if no file says so
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) quick_gelu: Option<bool>,
    /// Device: auto, cpu, gpu, gpu:N, cuda:N or metal
    #[arg(long, global = true, value_name = "DEVICE", default_value = "auto")]
    pub(crate) device: DeviceChoice,
    /// `exact` computes in 32 bits; `fast` in 8 or 16 where that is faster
    #[arg(long, global = true, value_enum, default_value = "exact")]
    pub(crate) precision: Precision,
    /// Format of the output (default: table on a terminal, else jsonl or json)
    #[arg(long, global = true, value_enum)]
    pub(crate) format: Option<Format>,
    /// No progress and no notes; failures are still named
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// With `--format csv`, put an apostrophe before cells that a spreadsheet would evaluate: those
    /// that begin with =, +, - or @ and are not numbers
    #[arg(long, global = true)]
    pub(crate) csv_guard: bool,
    /// Say more; twice, also log more, including file names
    #[arg(short, long, global = true, conflicts_with = "quiet", action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

impl Common {
    /// Whether to print more than errors.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose > 0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Precision {
    Exact,
    Fast,
}

impl Precision {
    /// The option's value.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Fast => "fast",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tag files and folders and print the tags; nothing is written beside the photos
    Tag(Tag),
    /// Print unit-length embeddings of photos or texts
    Embed(Embed),
    /// Bring the library up to date: scan folders, embed, tag
    Index(Index),
    /// Show what the library holds, and what failed
    Status,
    /// Show the library's photos with their tags and where each came from
    Tags(Tags),
    /// Record a decision on a label
    #[command(subcommand)]
    Decide(Decide),
    /// Export decisions from the library, or import them
    #[command(subcommand)]
    Decisions(Decisions),
    /// Check, copy, restore or repair the library's file
    #[command(subcommand)]
    Library(LibraryCommand),
    /// Explain why a photo of the library has a label, or lacks it
    Explain(Explain),
    /// Show or reset what labels have learned from decisions
    #[command(subcommand)]
    Learning(Learning),
    /// Show or undo the last adjustment of tags to what is usual in the library
    #[command(subcommand)]
    Scale(ScaleCommand),
    /// Manage the keywords that other programs use for notes, which are left alone
    #[command(subcommand)]
    Bookkeeping(BookkeepingCommand),
    /// Find photos of the library by meaning
    Search(Search),
    /// Write the library's tags into XMP sidecars
    Export(Export),
    /// Manage the library's folders
    #[command(subcommand)]
    Folder(Folder),
    /// List, download or import CLIP models
    #[command(subcommand)]
    Model(Model),
    /// List or measure devices
    #[command(subcommand)]
    Device(Device),
    /// Manage the label vocabularies
    #[command(subcommand)]
    Vocabulary(Vocabulary),
    /// Print facts for a bug report: versions, devices, display, fonts, limits, log
    Doctor,
    /// Write completions for a shell to standard output
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual page to standard output
    Man,
}

impl Command {
    /// The command as typed.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Tag(_) => "tag",
            Self::Embed(_) => "embed",
            Self::Index(_) => "index",
            Self::Status => "status",
            Self::Tags(_) => "tags",
            Self::Decide(_) => "decide",
            Self::Decisions(_) => "decisions",
            Self::Library(_) => "library",
            Self::Explain(_) => "explain",
            Self::Learning(_) => "learning",
            Self::Scale(_) => "scale",
            Self::Bookkeeping(_) => "bookkeeping",
            Self::Search(_) => "search",
            Self::Export(_) => "export",
            Self::Folder(_) => "folder",
            Self::Model(_) => "model",
            Self::Device(_) => "device",
            Self::Vocabulary(_) => "vocabulary",
            Self::Doctor => "doctor",
            Self::Completions { .. } => "completions",
            Self::Man => "man",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_are_sound() {
        Options::command().debug_assert();
    }

    #[test]
    fn folders_and_commands_are_told_apart() {
        let parse = |args: &[&str]| Options::try_parse_from([&["taglens"], args].concat());
        assert_eq!(parse(&["holiday", "work"]).unwrap().folders.len(), 2);
        assert!(matches!(
            parse(&["tag", "a.jpg", "--device", "cpu"]).unwrap().command,
            Some(Command::Tag(_))
        ));
        // Options of all commands may come before the command.
        let before = parse(&["--library", "my.sqlite", "--quiet", "status"]).unwrap();
        assert!(matches!(before.command, Some(Command::Status)));
        assert!(before.common.library.is_some() && before.folders.is_empty());
        let window = parse(&["--library", "my.sqlite", "holiday"]).unwrap();
        assert!(window.command.is_none() && window.folders.len() == 1);
        for wrong in [
            &["tag"][..],
            &["tag", "a.jpg", "--top", "0"],
            &["embed"],
            &["embed", "a.jpg", "--text", "a"],
            &["device", "bench", "--seconds", "0"],
            &["tag", "a.jpg", "--device", "gpu:x"],
            &["vocabulary", "set", "dog", "--threshold", "1.5"],
            &["vocabulary", "set", "dog", "--parent", "animal", "--top"],
        ] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn quick_gelu_is_a_switch_that_can_be_denied() {
        let parse = |args: &[&str]| {
            let options = Options::try_parse_from([&["taglens", "tag", "a"], args].concat());
            options.unwrap().common.quick_gelu
        };
        assert_eq!(parse(&[]), None);
        assert_eq!(parse(&["--quick-gelu"]), Some(true));
        assert_eq!(parse(&["--quick-gelu=false"]), Some(false));
    }
}
