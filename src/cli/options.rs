//! The command line's words: what can be asked for, and how.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::cli::output::Format;
use crate::engine::DeviceChoice;

/// Tags photographs with CLIP, on any machine, offline.
#[derive(Debug, Parser)]
#[command(
    name = "taglens",
    version,
    subcommand_precedence_over_arg = true,
    after_help = "Exit status: 0 all done; 1 some photos failed, each named on standard error; \
                  2 wrong usage or unreadable input; 130 interrupted."
)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Folders for the library
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
    /// The model was trained with QuickGELU (with `=false`: with GELU), where no file says so
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) quick_gelu: Option<bool>,
    /// Where to compute: auto, cpu, gpu, gpu:N, cuda:N or metal
    #[arg(long, global = true, value_name = "DEVICE", default_value = "auto")]
    pub(crate) device: DeviceChoice,
    /// `exact` computes in 32 bits; `fast` in 8 or 16 where that is faster
    #[arg(long, global = true, value_enum, default_value = "exact")]
    pub(crate) precision: Precision,
    /// The form of the output (default: table on a terminal, else jsonl or json)
    #[arg(long, global = true, value_enum)]
    pub(crate) format: Option<Format>,
    /// No progress and no notes; failures are still named
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// With `--format csv`, put an apostrophe before cells that a spreadsheet would compute: those
    /// that begin with =, +, - or @ and are no number
    #[arg(long, global = true)]
    pub(crate) csv_guard: bool,
    /// Say more; twice, write more to the log too, file names included
    #[arg(short, long, global = true, conflicts_with = "quiet", action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

impl Common {
    /// Whether more is to be said than what went wrong.
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
    /// As the option is written.
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
    /// What the library holds, and what failed
    Status,
    /// The library's photos with their tags and where each came from
    Tags(Tags),
    /// Record a decision on a label
    #[command(subcommand)]
    Decide(Decide),
    /// All decisions, out of the library and into it
    #[command(subcommand)]
    Decisions(Decisions),
    /// Check the library's file, or copy it
    #[command(subcommand)]
    Library(LibraryCommand),
    /// Why a photo of the library has a label, or lacks it
    Explain(Explain),
    /// What labels have learned from decisions
    #[command(subcommand)]
    Learning(Learning),
    /// Keywords in which other programs keep notes, which are left alone
    #[command(subcommand)]
    Bookkeeping(crate::cli::bookkeeping::Command),
    /// Photos of the library by meaning
    Search(Search),
    /// Write the library's tags into XMP sidecars
    Export(Export),
    /// The library's folders
    #[command(subcommand)]
    Folder(Folder),
    /// CLIP models: what there is, and fetching more
    #[command(subcommand)]
    Model(Model),
    /// Compute devices
    #[command(subcommand)]
    Device(Device),
    /// Label vocabularies
    #[command(subcommand)]
    Vocabulary(Vocabulary),
    /// What a report of a fault needs: versions, devices, display, fonts, limits, log
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
    /// As it is typed.
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

#[derive(Args, Debug)]
pub(crate) struct Tag {
    /// Photos, or folders to search through
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The vocabulary to tag with (default: the built-in one)
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
    /// The N most likely labels of each photo, however likely
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) top: Option<u32>,
    /// At most N labels a photo, the surest; parents that follow from them come along
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "top")]
    pub(crate) max_tags: Option<u32>,
    /// Every label's score as well
    #[arg(long)]
    pub(crate) scores: bool,
    /// Write the tags into XMP sidecars beside the photos
    #[arg(long)]
    pub(crate) write_xmp: bool,
    /// Show how sidecars would change, and write nothing
    #[arg(long, requires = "write_xmp")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) keywords: Keywords,
}

#[derive(Args, Debug)]
pub(crate) struct Export {
    /// Photos of the library, or folders of it (default: all)
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Show how sidecars would change, as unified diffs, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Bring every sidecar of the last export back to what it was
    #[arg(long, conflicts_with_all = ["paths", "dry_run"])]
    pub(crate) undo: bool,
    /// Take keywords that are rejected out of sidecars even where you put them there yourself
    #[arg(long)]
    pub(crate) take_out_rejected: bool,
    #[command(flatten)]
    pub(crate) keywords: Keywords,
}

/// Where keywords go, and into which file.
#[derive(Args, Debug)]
pub(crate) struct Keywords {
    /// New sidecars are named IMG.JPG.xmp (ext) or, for raw files, IMG.xmp (stem)
    #[arg(long, value_enum, default_value = "ext", value_name = "ext|stem")]
    pub(crate) naming: NamingOption,
    /// Write the levels above a keyword as flat names into dc:subject too
    #[arg(long)]
    pub(crate) parents: bool,
    /// Write the synonyms of labels as flat names into dc:subject too
    #[arg(long)]
    pub(crate) synonyms: bool,
    /// Do not write lr:hierarchicalSubject
    #[arg(long)]
    pub(crate) no_hierarchical: bool,
    /// Do not write digiKam:TagsList
    #[arg(long)]
    pub(crate) no_digikam: bool,
    /// Write MicrosoftPhoto:LastKeywordXMP too
    #[arg(long)]
    pub(crate) microsoft: bool,
    /// Write mediapro:CatalogSets too
    #[arg(long)]
    pub(crate) mediapro: bool,
    /// Write acdsee:categories too
    #[arg(long)]
    pub(crate) acdsee: bool,
    /// Write how sure each tag is, in a namespace of Taglens's own
    #[arg(long)]
    pub(crate) confidence: bool,
    /// Do not note in sidecars which tags are the machine's; another library takes all for yours
    #[arg(long)]
    pub(crate) no_state: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum NamingOption {
    Ext,
    Stem,
}

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
pub(crate) struct Embed {
    /// Photos, or folders to search through
    #[arg(required_unless_present = "text", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Texts to embed instead
    #[arg(long, num_args = 1.., value_name = "TEXT", conflicts_with = "paths")]
    pub(crate) text: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Model {
    /// Installed models and those that can be fetched
    List,
    /// Fetch a model from the Hugging Face hub (or from HF_ENDPOINT)
    Pull {
        /// The catalogue's name for it
        name: String,
        /// Replace an installed model of that name
        #[arg(long)]
        replace: bool,
    },
    /// Take in a checkpoint that is on disk already
    Import {
        /// A file (safetensors, .pt, .bin) or a folder with one
        path: PathBuf,
        /// The name to give it (default: the file's)
        #[arg(long)]
        name: Option<String>,
        /// Replace an installed model of that name
        #[arg(long)]
        replace: bool,
    },
    /// Use a model wherever none is named
    Use {
        /// An installed model, or `starter`
        name: String,
    },
    /// Delete an installed model
    Remove {
        /// Its name
        name: String,
    },
    /// What a model is made of
    Info {
        /// A name, or a checkpoint's path
        #[arg(value_name = "NAME|PATH")]
        model: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// The devices that can compute here
    List,
    /// Measure images/s and texts/s of a model
    Bench {
        /// Pictures handed over at once
        #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=4096))]
        batch: u32,
        /// How long to measure pictures, and again texts
        #[arg(long, value_name = "S", default_value_t = 5.0, value_parser = seconds)]
        seconds: f64,
    },
}

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

#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// A photo of the library
    pub(crate) photo: PathBuf,
    /// A label of the vocabulary
    pub(crate) label: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Learning {
    /// The labels with decisions, and what these have taught
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

fn unit(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(t) if (0.0..=1.0).contains(&t) => Ok(t),
        _ => Err("a number from 0 to 1 is wanted".into()),
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(s) if s > 0.0 && s <= 3600.0 => Ok(s),
        _ => Err("a number of seconds above 0, at most 3600, is wanted".into()),
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
        // Options that every command has may stand before it.
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
