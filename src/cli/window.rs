//! `taglens` alone: the window.

use std::path::PathBuf;

use anyhow::{Result, anyhow};

use crate::app::AppOptions;
use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::options::Common;
use crate::cli::setup;

/// Opens the window on the library, with `folders` taken in.
///
/// `cli` stands beside `app` and below `ui`, so that the way to the window is handed in.
pub fn run(
    folders: &[PathBuf],
    common: &Common,
    open: impl FnOnce(AppOptions) -> Result<(), String>,
) -> Result<Outcome> {
    let models = setup::model_store()?;
    let folders = folders.iter().map(|f| library::absolute(f));
    let options = AppOptions {
        library: library::path(common)?,
        data_folder: setup::data_folder()?,
        engine: setup::engine_options(common, &models)?,
        folders: folders.collect::<Result<_>>()?,
    };
    match open(options) {
        Ok(()) => Ok(Outcome::Done),
        Err(error) => Err(anyhow!(
            "there is no window to be had: {error}. `taglens help` lists what works without one"
        )),
    }
}
