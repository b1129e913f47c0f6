//! Models, devices and bare embeddings.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::options::numbers::seconds;

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
