//! Options of the commands for models, devices and plain embeddings.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::options::numbers::seconds;

#[derive(Args, Debug)]
pub(crate) struct Embed {
    /// Photos, or folders to search
    #[arg(required_unless_present = "text", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Texts to embed instead
    #[arg(long, num_args = 1.., value_name = "TEXT", conflicts_with = "paths")]
    pub(crate) text: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Model {
    /// List installed and available models
    List,
    /// Download a model from the Hugging Face hub (or from HF_ENDPOINT)
    Pull {
        /// Its name in the catalogue
        name: String,
        /// Replace an installed model of that name
        #[arg(long)]
        replace: bool,
    },
    /// Import a checkpoint from a file
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
    /// Use a model by default
    Use {
        /// An installed model, or `starter`
        name: String,
    },
    /// Delete an installed model
    Remove {
        /// Its name
        name: String,
    },
    /// Show what a model consists of
    Info {
        /// A name, or a checkpoint's path
        #[arg(value_name = "NAME|PATH")]
        model: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// List the devices available here
    List,
    /// Measure a model's images/s and texts/s
    Bench {
        /// Pictures per batch
        #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=4096))]
        batch: u32,
        /// How long to measure pictures, and then texts, in seconds
        #[arg(long, value_name = "S", default_value_t = 5.0, value_parser = seconds)]
        seconds: f64,
        /// Show the time of each kernel of a graphics device too
        #[arg(long)]
        profile: bool,
    },
}
