//! Options of the commands for the library.

use std::cmp::Reverse;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::options::numbers::seconds;
use crate::core::capture::CaptureTime;

#[derive(Args, Debug)]
pub(crate) struct Index {
    /// Folders to add to the library and bring up to date (default: all folders of the library)
    #[arg(value_name = "FOLDER")]
    pub(crate) folders: Vec<PathBuf>,
    /// Continue until interrupted, and follow changes in the folders
    #[arg(long)]
    pub(crate) watch: bool,
    /// How often to scan watched folders if the system cannot report changes
    #[arg(long, value_name = "S", default_value_t = 30.0, value_parser = seconds)]
    pub(crate) poll_interval: f64,
    /// Never rely on the system to report changes
    #[arg(long)]
    pub(crate) poll: bool,
    /// Follow links to files and folders
    #[arg(long)]
    pub(crate) follow_links: bool,
    /// Stay on the file system of each folder
    #[arg(long)]
    pub(crate) one_file_system: bool,
    /// From now on, give a photo at most N labels, the most certain ones; 0 removes the limit.
    /// Parents that follow from them come along, and your own decisions do not count
    #[arg(long, value_name = "N")]
    pub(crate) max_tags: Option<u32>,
    /// From now on, include videos (MP4, MOV, M4V) in the library by their first picture, or leave them
    /// out
    #[arg(long, value_name = "yes|no", value_parser = clap::builder::BoolishValueParser::new())]
    pub(crate) videos: Option<bool>,
    /// From now on, treat the files of one photo as one (raw file and JPEG, photo and short video,
    /// Apple's edited copies), or each by itself
    #[arg(long, value_name = "yes|no", value_parser = clap::builder::BoolishValueParser::new())]
    pub(crate) stacks: Option<bool>,
    /// Make no thumbnails
    #[arg(long)]
    pub(crate) no_thumbnails: bool,
    /// Threads that decode (default: one per core)
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) threads: usize,
}

#[derive(Args, Debug)]
pub(crate) struct Tags {
    /// Photos of the library, or folders of it (default: all)
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only photos taken in this year, month or day (2024-05-17), or between two of them
    /// (2024-05..2024-07)
    #[arg(long, value_name = "DATE")]
    pub(crate) date: Option<String>,
    /// Order by capture time (default: by path)
    #[arg(long, value_enum, value_name = "ORDER")]
    pub(crate) sort: Option<TimeOrder>,
}

/// The order of photos by capture time.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum TimeOrder {
    /// The latest first
    Newest,
    /// The earliest first
    Oldest,
}

impl TimeOrder {
    /// Puts a list in order; of two of the same time, the one that came first stays first.
    pub(crate) fn sort<T>(self, list: &mut [T], time: impl Fn(&T) -> CaptureTime) {
        match self {
            Self::Newest => list.sort_by_key(|item| Reverse(time(item).wall_ms)),
            Self::Oldest => list.sort_by_key(|item| time(item).wall_ms),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Decide {
    /// The label belongs on the photos
    Accept(Decided),
    /// The label does not belong on the photos
    Reject(Decided),
    /// Withdraw decisions: the machine decides again
    Clear(Decided),
}

#[derive(Args, Debug)]
pub(crate) struct Decided {
    /// A label of the vocabulary
    pub(crate) label: String,
    /// Photos of the library, or folders of it
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Decisions {
    /// Write all decisions to a file, one JSON object a line
    Export {
        /// The file; `-` is standard output
        file: PathBuf,
    },
    /// Read decisions from such a file; of two on the same photo and label, the later counts
    Import {
        /// The file
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum LibraryCommand {
    /// Check whether the library's file is intact; ends with 1 if it is damaged
    Check,
    /// Write a complete, checked copy of the library to a new file
    Backup {
        /// The file, which must not exist yet
        file: PathBuf,
    },
    /// Restore decisions, vocabularies and the journal of exports from a backup
    Restore {
        /// A backup's name in the list, or a file (default: list the backups)
        backup: Option<String>,
    },
    /// Rebuild a damaged library from its readable parts and the newest backup; ends with 1 if
    /// something is lost
    Repair,
}

#[derive(Args, Debug)]
pub(crate) struct Search {
    /// What the photos should show
    #[arg(required_unless_present = "image", conflicts_with = "image", num_args = 1..)]
    pub(crate) text: Vec<String>,
    /// A picture that the photos should resemble
    #[arg(long, value_name = "FILE")]
    pub(crate) image: Option<PathBuf>,
    /// The most photos to list
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// Order by capture time (default: by similarity, or by path if there are only filters)
    #[arg(long, value_enum, value_name = "ORDER")]
    pub(crate) sort: Option<TimeOrder>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Folder {
    /// List the folders and their state
    List,
    /// Remove a folder from the library; nothing in it is touched, and decisions stay
    Remove {
        /// The folder
        path: PathBuf,
    },
    /// Do not update a folder until it is resumed
    Pause {
        /// The folder
        path: PathBuf,
    },
    /// Update a folder again
    Resume {
        /// The folder
        path: PathBuf,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// A photo of the library
    pub(crate) photo: PathBuf,
    /// A label of the vocabulary
    pub(crate) label: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Learning {
    /// List the labels with decisions, and what they learned
    List,
    /// Make a label forget what it has learned; the decisions stay
    Reset {
        /// The label
        label: String,
    },
    /// Let a label learn again
    On {
        /// The label
        label: String,
    },
    /// Make a label rely only on its texts
    Off {
        /// The label
        label: String,
    },
}

/// Commands for the scale of labels in the library.
#[derive(Subcommand, Clone, Copy, Debug)]
pub(crate) enum ScaleCommand {
    /// List the labels whose tags the last adjustment changed
    Show,
    /// Undo it, until the library has twice as many photos
    Undo,
    /// Make it again
    Redo,
}

/// Commands for the keywords that are other programs' notes.
#[derive(Subcommand, Debug)]
pub(crate) enum BookkeepingCommand {
    /// List the keywords that are left alone
    List,
    /// Leave a keyword alone: a|b only that one, a|* all below a
    Add {
        /// Its names from the top, with | between them
        keyword: String,
    },
    /// Read a keyword as yours again
    Remove {
        /// The keyword as listed
        keyword: String,
    },
    /// Reset the list to the notes of darktable and digiKam
    Reset,
}
