//! `taglens status`.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::options::Common;
use crate::cli::output::{Kind, Output};
use crate::cli::path::PrintedPath;
use crate::cli::setup;
use crate::cli::table::Cell;
use crate::core::count;
use crate::folders::PassedOver;
use crate::indexer::DECODER_VERSION;
use crate::store::{Depth, FolderState, Run, Store};

#[derive(Serialize)]
struct Status {
    #[serde(flatten)]
    counts: Counts,
    failures: Vec<Failure>,
    sidecars: Vec<Failure>,
    /// Damage to the user's decisions and the like.
    damage: Vec<String>,
    folders: Vec<Folder>,
    model: String,
    device: String,
    last_run: Option<Run>,
}

#[derive(Serialize)]
struct Counts {
    photos: usize,
    embedded: usize,
    waiting: usize,
    failed: usize,
    /// Of `embedded`, the files of which a part of the picture is missing.
    incomplete: usize,
    offline: usize,
    missing: usize,
    /// Of `photos`, the files of photos that another file shows.
    stacked: usize,
    unsupported: usize,
    ignored: usize,
    other_files: usize,
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

/// The name of a folder's state in output.
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
    let passed_over = library::passed_over(&store)?;
    let status = Status::read(&store, &passed_over, common)?;
    let mut output = Output::stdout(common.format, Kind::One, HEAD);
    output.item(&status, status.cells(&passed_over))?;
    output.finish()?;
    Ok(Outcome::Done)
}

const HEAD: &[&str] = &[
    "photos",
    "embedded",
    "waiting",
    "failed",
    "incomplete",
    "offline",
    "missing",
    "stacked",
    "not photos",
    "model",
    "device",
    "last run",
    "folders",
    "failures",
    "sidecars",
    "damage",
];

impl Status {
    fn read(store: &Store, passed_over: &PassedOver, common: &Common) -> Result<Self> {
        let checked = store.reader()?;
        std::thread::scope(|scope| {
            // The check takes as long as all the rest.
            let check = std::thread::Builder::new()
                .name("health".into())
                .spawn_scoped(scope, move || checked.damage(Depth::Kept))
                .context("the library's check cannot be started")?;
            let mut status = Self::count(store, passed_over, common)?;
            let damage = check.join();
            status.damage = damage.map_err(|_| anyhow!("the library's check ended early"))??;
            Ok(status)
        })
    }

    /// Everything but the damage.
    fn count(store: &Store, passed_over: &PassedOver, common: &Common) -> Result<Self> {
        let model = library::model(common)?;
        let id = model.id(store)?;
        let summary = store.summary(id, DECODER_VERSION)?;
        let failures = store.failures(Path::new("/"), id, DECODER_VERSION)?;
        let sidecars = store.sidecar_problems()?;
        let folders = store.folders()?;
        let last_run = store.last_run()?;
        let device = last_run.as_ref().map(|run| run.device.clone());
        let device = device.filter(|d| !d.is_empty());
        let failure = |path: &Path, error: String| Failure {
            path: PrintedPath::new(path),
            error,
        };
        Ok(Self {
            counts: Counts {
                photos: summary.photos,
                embedded: summary.embedded,
                waiting: summary.waiting,
                failed: summary.failed,
                incomplete: summary.incomplete,
                offline: summary.offline,
                missing: summary.missing,
                stacked: store.stacks(&[])?.hidden_count(),
                unsupported: passed_over.unsupported_count(),
                ignored: passed_over.ignored,
                other_files: passed_over.other,
            },
            failures: failures
                .into_iter()
                .map(|f| failure(&f.path, f.reason))
                .collect(),
            sidecars: sidecars
                .into_iter()
                .map(|p| failure(&p.path, p.describe()))
                .collect(),
            damage: Vec::new(),
            folders: folders
                .into_iter()
                .map(|f| Folder {
                    path: setup::shown(f.path),
                    state: state_name(f.state),
                })
                .collect(),
            model: model.identity.name,
            device: device.unwrap_or_else(|| common.device.to_string()),
            last_run,
        })
    }

    /// The cells for [`HEAD`].
    fn cells(&self, passed_over: &PassedOver) -> Vec<Cell> {
        let counts = [
            self.counts.photos,
            self.counts.embedded,
            self.counts.waiting,
            self.counts.failed,
            self.counts.incomplete,
            self.counts.offline,
            self.counts.missing,
            self.counts.stacked,
        ];
        let mut cells: Vec<Cell> = counts.iter().map(|n| n.to_string().into()).collect();
        cells.push(passed_over.to_string().into());
        cells.extend([self.model.clone(), self.device.clone()].map(Cell::from));
        let last_run = self.last_run.as_ref().map_or("none".into(), |run| {
            format!(
                "{} embedded in {:.1} s, {:.1} a second",
                count::photos(run.embedded),
                run.elapsed_ms as f64 / 1000.0,
                run.photos_per_second
            )
        });
        cells.push(last_run.into());
        let folders = self.folders.iter();
        cells.push(Cell::lines(
            folders.map(|f| format!("{} ({})", f.path, f.state)),
        ));
        for failures in [&self.failures, &self.sidecars] {
            cells.push(Cell::lines(failures.iter().map(|f| f.error.clone())));
        }
        cells.push(Cell::lines(self.damage.iter().cloned()));
        cells
    }
}
