//! `taglens status`.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::options::Common;
use crate::cli::output::{Kind, Output};
use crate::cli::path::PrintedPath;
use crate::cli::setup;
use crate::cli::table::Cell;
use crate::indexer::DECODER_VERSION;
use crate::store::{Depth, FolderState, Run};

#[derive(Serialize)]
struct Status {
    photos: usize,
    embedded: usize,
    waiting: usize,
    failed: usize,
    offline: usize,
    missing: usize,
    unsupported: usize,
    ignored: usize,
    other_files: usize,
    failures: Vec<Failure>,
    sidecars: Vec<Failure>,
    /// What is damaged in the library of what the person has said.
    damage: Vec<String>,
    folders: Vec<Folder>,
    model: String,
    device: String,
    last_run: Option<Run>,
}

#[derive(Serialize)]
struct Failure {
    #[serde(flatten)]
    path: PrintedPath,
    error: String,
}

#[derive(Serialize)]
struct Folder {
    path: String,
    state: &'static str,
}

/// As output calls the state of a folder.
pub(crate) fn state_name(state: FolderState) -> &'static str {
    match state {
        FolderState::Active => "active",
        FolderState::Paused => "paused",
        FolderState::Offline => "offline",
    }
}

/// Prints what the library holds.
pub(crate) fn run(common: &Common) -> Result<Outcome> {
    let store = library::open(common)?;
    let model = library::model(common)?;
    let id = model.id(&store)?;
    let summary = store.summary(id, DECODER_VERSION)?;
    let failures = store.failures(Path::new("/"), id, DECODER_VERSION)?;
    let passed_over = library::passed_over(&store)?;
    let last_run = store.last_run()?;
    let device = last_run.as_ref().map(|run| run.device.clone());
    let device = device.filter(|d| !d.is_empty());
    let folders = store.folders()?.into_iter().map(|f| Folder {
        path: setup::shown(f.path),
        state: state_name(f.state),
    });
    let status = Status {
        photos: summary.photos,
        embedded: summary.embedded,
        waiting: summary.waiting,
        failed: summary.failed,
        offline: summary.offline,
        missing: summary.missing,
        unsupported: passed_over.unsupported_count(),
        ignored: passed_over.ignored,
        other_files: passed_over.other,
        failures: failures
            .into_iter()
            .map(|f| Failure {
                path: PrintedPath::new(&f.path),
                error: f.reason,
            })
            .collect(),
        sidecars: store
            .sidecar_problems()?
            .into_iter()
            .map(|p| Failure {
                path: PrintedPath::new(&p.path),
                error: p.describe(),
            })
            .collect(),
        damage: store.damage(Depth::Kept)?,
        folders: folders.collect(),
        model: model.identity.name,
        device: device.unwrap_or_else(|| common.device.to_string()),
        last_run,
    };
    let head = &[
        "photos",
        "embedded",
        "waiting",
        "failed",
        "offline",
        "missing",
        "not photos",
        "model",
        "device",
        "last run",
        "folders",
        "failures",
        "sidecars",
        "damage",
    ];
    let counts = [
        status.photos,
        status.embedded,
        status.waiting,
        status.failed,
        status.offline,
        status.missing,
    ];
    let mut cells: Vec<Cell> = counts.iter().map(|n| n.to_string().into()).collect();
    cells.push(passed_over.to_string().into());
    cells.extend([status.model.clone(), status.device.clone()].map(Cell::from));
    let last_run = status.last_run.as_ref().map_or("none".into(), |run| {
        format!(
            "{} photos embedded in {:.1} s, {:.1} a second",
            run.embedded,
            run.elapsed_ms as f64 / 1000.0,
            run.photos_per_second
        )
    });
    cells.push(last_run.into());
    let folders = status
        .folders
        .iter()
        .map(|f| format!("{} ({})", f.path, f.state));
    cells.push(Cell::lines(folders));
    let failures = status.failures.iter().map(|f| f.error.clone());
    cells.push(Cell::lines(failures));
    let sidecars = status.sidecars.iter().map(|f| f.error.clone());
    cells.push(Cell::lines(sidecars));
    cells.push(Cell::lines(status.damage.iter().cloned()));
    let mut output = Output::stdout(common.format, Kind::One, head);
    output.item(&status, cells)?;
    output.finish()?;
    Ok(Outcome::Done)
}
