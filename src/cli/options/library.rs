//! What can be asked of a library.

use std::cmp::Reverse;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::options::numbers::seconds;
use crate::core::capture::CaptureTime;

#[derive(Args, Debug)]
pub(crate) struct Index {
    /// Folders to add to the library and bring up to date (default: all of the library's)
    #[arg(value_name = "FOLDER")]
    pub(crate) folders: Vec<PathBuf>,
    /// Go on until interrupted, as the folders change
    #[arg(long)]
    pub(crate) watch: bool,
    /// Look at watched folders again this often, where the system cannot tell of changes
    #[arg(long, value_name = "S", default_value_t = 30.0, value_parser = seconds)]
    pub(crate) poll_interval: f64,
    /// Never ask the system to tell of changes
    #[arg(long)]
    pub(crate) poll: bool,
    /// Follow links to files and folders
    #[arg(long)]
    pub(crate) follow_links: bool,
    /// Stay on the file system of each folder
    #[arg(long)]
    pub(crate) one_file_system: bool,
    /// From now on, give a photo at most N labels, the surest; 0 takes the limit away. Parents that
    /// follow from them come along, and what you have decided yourself does not count
    #[arg(long, value_name = "N")]
    pub(crate) max_tags: Option<u32>,
    /// Make no thumbnails
    #[arg(long)]
    pub(crate) no_thumbnails: bool,
    /// Threads that decode (default: as many as there are cores)
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) threads: usize,
}

#[derive(Args, Debug)]
pub(crate) struct Tags {
    /// Photos of the library, or folders of it (default: all)
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only photos that were taken then: a year, a month or a day as 2024-05-17, or the first and the
    /// last of several as 2024-05..2024-07
    #[arg(long, value_name = "DATE")]
    pub(crate) date: Option<String>,
    /// Order by when the photos were taken (default: by path)
    #[arg(long, value_enum, value_name = "ORDER")]
    pub(crate) sort: Option<TimeOrder>,
}

/// The order of photos by when they were taken.
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
    /// Take decisions back: the machine decides again
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
    /// Write all decisions to a file, a JSON object a line
    Export {
        /// The file; `-` is standard output
        file: PathBuf,
    },
    /// Read decisions from such a file; of two on the same photo and label the later counts
    Import {
        /// The file
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum LibraryCommand {
    /// Look whether the library's file is whole; ends with 1 where it is damaged
    Check,
    /// Write a whole, checked copy of the library to a new file
    Backup {
        /// The file, which must not be there yet
        file: PathBuf,
    },
    /// Put decisions, vocabularies and the notes on exports back to what a backup has
    Restore {
        /// A backup by its name in the list, or a file (default: list the backups)
        backup: Option<String>,
    },
    /// Build a damaged library anew from what can be read of it, and take the rest from the newest
    /// backup; ends with 1 where something is lost
    Repair,
}

#[derive(Args, Debug)]
pub(crate) struct Search {
    /// What the photos shall show
    #[arg(required_unless_present = "image", conflicts_with = "image", num_args = 1..)]
    pub(crate) text: Vec<String>,
    /// A picture that the photos shall resemble
    #[arg(long, value_name = "FILE")]
    pub(crate) image: Option<PathBuf>,
    /// As many photos at most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// Order by when the photos were taken (default: by likeness, or by path where only filters are
    /// given)
    #[arg(long, value_enum, value_name = "ORDER")]
    pub(crate) sort: Option<TimeOrder>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Folder {
    /// The folders and how they are
    List,
    /// Forget a folder; nothing in it is touched, and decisions are kept
    Remove {
        /// The folder
        path: PathBuf,
    },
    /// Leave a folder alone until it is resumed
    Pause {
        /// The folder
        path: PathBuf,
    },
    /// Keep a folder up to date again
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
    /// The labels with decisions, and what was learned from these
    List,
    /// Have a label forget what it has learned; the decisions themselves are kept
    Reset {
        /// The label
        label: String,
    },
    /// Let a label learn again
    On {
        /// The label
        label: String,
    },
    /// Have a label go by its texts alone
    Off {
        /// The label
        label: String,
    },
}

/// Which keywords are other programs' notes.
#[derive(Subcommand, Debug)]
pub(crate) enum BookkeepingCommand {
    /// The keywords that are left alone
    List,
    /// Leave a keyword alone: a|b that one, a|* all below a
    Add {
        /// Its names from the top, with | between
        keyword: String,
    },
    /// Read a keyword as yours again
    Remove {
        /// As it is listed
        keyword: String,
    },
    /// Go back to what darktable and digiKam write
    Reset,
}
