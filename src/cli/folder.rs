//! `taglens folder`.

use std::path::Path;

use anyhow::{Result, bail};
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::options::{Common, Folder};
use crate::cli::output::{Kind, Output};
use crate::cli::setup;
use crate::cli::status::state_name;
use crate::core::ids::FolderId;
use crate::store::Store;

#[derive(Serialize)]
struct Row {
    path: String,
    state: &'static str,
    photos: usize,
}

/// Runs the command.
pub(crate) fn run(command: &Folder, common: &Common) -> Result<Outcome> {
    let mut store = library::open(common)?;
    match command {
        Folder::List => return list(&store, common),
        Folder::Remove { path } => {
            let id = find(&store, path)?;
            store.write(|w| w.remove_folder(id))?;
        }
        Folder::Pause { path } => {
            let id = find(&store, path)?;
            store.write(|w| w.set_folder_paused(id, true))?;
        }
        Folder::Resume { path } => {
            let id = find(&store, path)?;
            store.write(|w| w.set_folder_paused(id, false))?;
        }
    }
    Ok(Outcome::Done)
}

fn list(store: &Store, common: &Common) -> Result<Outcome> {
    let head = &["folder", "state", "photos"];
    let mut output = Output::stdout(common.format, Kind::Items, head);
    for folder in store.folders()? {
        let row = Row {
            photos: store.count_files(folder.id)?,
            path: setup::shown(folder.path),
            state: state_name(folder.state),
        };
        let cells = vec![row.path.clone(), row.state.into(), row.photos.to_string()];
        output.item(&row, cells)?;
    }
    output.finish()?;
    Ok(Outcome::Done)
}

fn find(store: &Store, path: &Path) -> Result<FolderId> {
    let path = library::located(store, path)?;
    match store.folders()?.into_iter().find(|f| f.path == path) {
        Some(folder) => Ok(folder.id),
        None => bail!(
            "{} is no folder of the library; `taglens folder list` names them",
            path.display()
        ),
    }
}
