//! Options for tagging files without a library, and for sidecars.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::services::export::Program;

#[derive(Args, Debug)]
pub(crate) struct Tag {
    /// Photos, or folders to search
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The vocabulary to tag with (default: the built-in one)
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
    /// The N most likely labels of each photo, whatever their confidence
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) top: Option<u32>,
    /// At most N labels a photo, the most certain ones; parents that follow from them come along
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
    /// Tag videos too (MP4, MOV, M4V), by their first picture
    #[arg(long)]
    pub(crate) videos: bool,
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
    /// Write the keywords into the photos themselves (JPEG, PNG, WebP, TIFF, DNG) if that is safe,
    /// and else into sidecars; a sidecar that exists gets them too
    #[arg(long)]
    pub(crate) embed: bool,
    /// Say what this program reads, and export what works for it: names of sidecars, fields, and,
    /// with --embed or if the library allows it, keywords inside the photos
    #[arg(long = "for", value_name = "PROGRAM", value_parser = programs(), conflicts_with_all = ["naming", "no_hierarchical", "no_digikam"])]
    pub(crate) program: Option<Program>,
    /// Restore every sidecar and photo of the last export
    #[arg(long, conflicts_with_all = ["paths", "dry_run", "embed", "program"])]
    pub(crate) undo: bool,
    /// Export from a library that cannot be written: this export cannot be undone
    #[arg(long, conflicts_with_all = ["undo", "no_state", "embed", "program"])]
    pub(crate) no_undo: bool,
    /// Remove rejected keywords from sidecars even if you put them there
    #[arg(long)]
    pub(crate) take_out_rejected: bool,
    #[command(flatten)]
    pub(crate) keywords: Keywords,
}

/// Reads the name of a program.
fn programs() -> impl TypedValueParser<Value = Program> {
    let names = Program::ALL.map(|program| program.facts().key);
    PossibleValuesParser::new(names)
        .try_map(|name| Program::of_key(&name).ok_or("this program is not known"))
}

/// Options for keywords and sidecars' names.
#[derive(Args, Debug)]
pub(crate) struct Keywords {
    /// New sidecars are named IMG.JPG.xmp (ext) or, for raw files, IMG.xmp (stem)
    #[arg(long, value_enum, default_value = "ext", value_name = "ext|stem")]
    pub(crate) naming: NamingOption,
    /// Also write the levels above a keyword as flat names into dc:subject
    #[arg(long)]
    pub(crate) parents: bool,
    /// Also write the synonyms of labels as flat names into dc:subject
    #[arg(long)]
    pub(crate) synonyms: bool,
    /// Do not write lr:hierarchicalSubject
    #[arg(long)]
    pub(crate) no_hierarchical: bool,
    /// Do not write digiKam:TagsList
    #[arg(long)]
    pub(crate) no_digikam: bool,
    /// Also write MicrosoftPhoto:LastKeywordXMP
    #[arg(long)]
    pub(crate) microsoft: bool,
    /// Also write mediapro:CatalogSets
    #[arg(long)]
    pub(crate) mediapro: bool,
    /// Also write acdsee:categories
    #[arg(long)]
    pub(crate) acdsee: bool,
    /// Write the confidence of each tag, in Taglens's own namespace
    #[arg(long)]
    pub(crate) confidence: bool,
    /// Do not note in sidecars which tags are the machine's; another library then takes all for
    /// yours
    #[arg(long)]
    pub(crate) no_state: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum NamingOption {
    Ext,
    Stem,
}
