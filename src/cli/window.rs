//! `taglens` without a command: the window.

use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};

use crate::cli::Outcome;
use crate::cli::desktop;
use crate::cli::library;
use crate::cli::options::Common;
use crate::cli::setup;
use crate::engine::EngineOptions;

/// The options that the window starts with.
#[derive(Clone, Debug)]
pub struct Start {
    /// The library's file.
    pub library: PathBuf,
    /// The program's data folder.
    pub data_folder: PathBuf,
    /// The model.
    pub engine: EngineOptions,
    /// Folders to add.
    pub folders: Vec<PathBuf>,
}

/// Opens the window on the library, and adds `folders`.
///
/// The caller passes in how to open it, because `cli` knows neither `app` nor `ui`.
pub(crate) fn run(
    folders: &[PathBuf],
    common: &Common,
    open: impl FnOnce(Start) -> Result<(), String>,
) -> Result<Outcome> {
    let variables = |name: &str| std::env::var_os(name);
    if desktop::display(std::env::consts::OS, &variables).is_none() {
        bail!(
            "no window can be opened: there is no display, because neither WAYLAND_DISPLAY nor \
             DISPLAY is set. `taglens help` lists what works without one"
        );
    }
    let models = setup::model_store()?;
    let folders = folders.iter().map(|f| library::absolute(f));
    let options = Start {
        library: library::path(common)?,
        data_folder: setup::data_folder()?,
        engine: setup::engine_options(common, &models)?,
        folders: folders.collect::<Result<_>>()?,
    };
    match open(options) {
        Ok(()) => Ok(Outcome::Done),
        Err(error) => Err(anyhow!(
            "no window can be opened: {error}. `taglens help` lists what works without one"
        )),
    }
}
