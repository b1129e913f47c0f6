//! `taglens index`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use indicatif::ProgressBar;
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::options::{Common, Index};
use crate::cli::output::{Kind, Output};
use crate::cli::photos::bar;
use crate::cli::setup;
use crate::cli::terminal::tell;
use crate::core::count;
use crate::core::ids::ModelId;
use crate::folders::PassedOver;
use crate::indexer::{
    Control, DECODER_VERSION, IndexOptions, Indexer, Notice, Phase, PipelineError, Snapshot,
};
use crate::services::folder_edit;
use crate::services::vocabulary_file::Follower;
use crate::store::{Store, StoreError};

/// How often the progress bar is updated.
const TICK: Duration = Duration::from_millis(100);
/// How often to check the vocabulary's file while watching.
const LOOK: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct Report {
    photos: usize,
    embedded: usize,
    waiting: usize,
    failed: usize,
    unsupported: usize,
    ignored: usize,
    read: usize,
    newly_embedded: usize,
    elapsed_ms: u64,
}

/// Brings the library up to date.
pub(crate) fn run(index: &Index, common: &Common) -> Result<Outcome> {
    let start = Instant::now();
    let mut store = library::open_or_make(common)?;
    let roots = add_folders(&mut store, &index.folders)?;
    if store.folders()?.is_empty() {
        bail!("the library has no folders yet; `taglens index FOLDER` adds one");
    }
    if let Some(most) = index.max_tags {
        let most = (most > 0).then_some(most as usize);
        store.write(|w| w.set_max_tags(most))?;
    }
    if let Some(stacks) = index.stacks {
        store.write(|w| w.set_stacks(stacks))?;
    }
    if let Some(videos) = index.videos {
        store.write(|w| w.set_videos(videos))?;
    }
    let mut follower = Follower::default();
    if let Some(followed) = follower.look(&mut store)? {
        tell!("{}", followed.describe());
    }
    let options = options(index, common, &roots)?;
    let identity = options.identity.clone();
    let indexer = match Indexer::start(options) {
        Ok(indexer) => indexer,
        Err(PipelineError::Store(StoreError::Locked { .. })) if !roots.is_empty() => {
            if !common.quiet {
                tell!("another Taglens is indexing this library and will include the folders");
            }
            return Ok(Outcome::Done);
        }
        Err(error) => return Err(error.into()),
    };
    let watched = index.watch.then_some((&mut store, &mut follower));
    let (done, troubles) = follow(indexer, watched, common)?;
    let model = store.model(&identity.fingerprint)?;
    let failures = name_failures(&store, model, &roots)?;
    report(&store, model, &done, start.elapsed(), common)?;
    Ok(Outcome::of(failures + troubles))
}

fn options(index: &Index, common: &Common, roots: &[PathBuf]) -> Result<IndexOptions> {
    let model = library::model(common)?;
    let mut options = model.index_options(library::path(common)?)?;
    options.folders = roots.to_vec();
    options.watch = index.watch;
    options.readers = index.threads;
    options.thumbnails = !index.no_thumbnails;
    options.scan.follow_links = index.follow_links;
    options.scan.one_file_system = index.one_file_system;
    options.watching.follow_links = index.follow_links;
    options.watching.force_polling = index.poll;
    options.watching.poll_interval = Duration::from_secs_f64(index.poll_interval);
    Ok(options)
}

/// Names the photos below `roots` (empty for the whole library) that could not be read, or of which a
/// sidecar could not be read or written; returns how many names it gave.
fn name_failures(store: &Store, model: Option<ModelId>, roots: &[PathBuf]) -> Result<usize> {
    let named: Vec<&Path> = match roots.is_empty() {
        true => vec![Path::new("/")],
        false => roots.iter().map(PathBuf::as_path).collect(),
    };
    let mut failures = Vec::new();
    for root in named {
        failures.extend(store.failures(root, model, DECODER_VERSION)?);
    }
    for failure in &failures {
        tell!("{}", failure.reason);
    }
    let mut problems = store.sidecar_problems()?;
    let below = |photo: &Path| roots.is_empty() || roots.iter().any(|r| photo.starts_with(r));
    problems.retain(|problem| below(&problem.photo));
    for problem in &problems {
        tell!("{}", problem.describe());
    }
    Ok(failures.len() + problems.len())
}

/// Prints the library's content, and what was done.
fn report(
    store: &Store,
    model: Option<ModelId>,
    done: &Snapshot,
    elapsed: Duration,
    common: &Common,
) -> Result<()> {
    let summary = store.summary(model, DECODER_VERSION)?;
    let passed_over = library::passed_over(store)?;
    let unsupported = passed_over.unsupported_count() > 0;
    if unsupported || common.is_verbose() && passed_over != PassedOver::default() {
        tell!("passed over: {passed_over}");
    }
    let report = Report {
        photos: summary.photos,
        embedded: summary.embedded,
        waiting: summary.waiting,
        failed: summary.failed,
        unsupported: passed_over.unsupported_count(),
        ignored: passed_over.ignored,
        read: done.done,
        newly_embedded: done.embedded,
        elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
    };
    let head = &[
        "photos",
        "embedded",
        "waiting",
        "failed",
        "not supported",
        "ignored",
        "read now",
        "embedded now",
        "seconds",
    ];
    let mut output = Output::stdout(common.format, Kind::One, head);
    output.item(&report, report.cells())?;
    output.finish()?;
    Ok(())
}

impl Report {
    fn cells(&self) -> Vec<String> {
        let counts = [
            self.photos,
            self.embedded,
            self.waiting,
            self.failed,
            self.unsupported,
            self.ignored,
            self.read,
            self.newly_embedded,
        ];
        let mut cells: Vec<String> = counts.iter().map(usize::to_string).collect();
        cells.push(format!("{:.1}", self.elapsed_ms as f64 / 1000.0));
        cells
    }
}

/// Adds folders to the library, and returns the library's folders for them: a folder inside another
/// is updated with it, and one that contains others replaces them.
fn add_folders(store: &mut Store, named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut roots = Vec::new();
    for folder in named {
        let root = folder_edit::add(store, folder)?;
        if !roots.contains(&root) {
            roots.push(root);
        }
    }
    Ok(roots)
}

/// Shows progress until the work ends. Also returns how many notices told of damage in the library, or
/// of folders and files that could not be looked at.
fn follow(
    indexer: Indexer,
    mut watched: Option<(&mut Store, &mut Follower)>,
    common: &Common,
) -> Result<(Snapshot, usize)> {
    let mut troubles = 0;
    let mut looked = Instant::now();
    let bar = bar(Some(0), "{wide_bar} {pos}/{len} {msg}", common.quiet);
    loop {
        let ended = indexer.wait(TICK);
        for notice in indexer.notices() {
            // Failed photos are named at the end, together with those of earlier runs; watching has
            // no end.
            let at_end = matches!(notice, Notice::Failed { .. } | Notice::SidecarUnread { .. });
            let is_trouble = matches!(notice, Notice::Damaged { .. } | Notice::Unseen { .. });
            troubles += usize::from(is_trouble);
            let later = at_end && watched.is_none();
            let only_news = matches!(notice, Notice::Watching { polling: None, .. });
            if !later && (!only_news || common.is_verbose()) {
                bar.suspend(|| tell!("{notice}"));
            }
        }
        show(&bar, &indexer.progress());
        if ended {
            break;
        }
        if let Some((store, follower)) = &mut watched
            && looked.elapsed() >= LOOK
        {
            looked = Instant::now();
            if let Some(followed) = follower.look(store)? {
                bar.suspend(|| tell!("{}", followed.describe()));
                indexer.control(Control::Retag);
            }
        }
        if setup::stopped() {
            indexer.stop();
        }
    }
    bar.finish_and_clear();
    let progress = indexer.progress();
    indexer.finish()?;
    Ok((progress, troubles))
}

fn show(bar: &ProgressBar, now: &Snapshot) {
    bar.set_length(now.total as u64);
    bar.set_position(now.done as u64);
    let left = now.left.map_or(String::new(), |left| {
        format!(", {} left", indicatif::HumanDuration(left))
    });
    bar.set_message(match now.phase {
        Phase::Scanning => format!("scanning folders, {} found", count::photos(now.found)),
        Phase::Embedding => format!("{:.1} photos/s{left}", now.per_second),
        Phase::Tagging => "updating tags".into(),
        Phase::ReadingAgain => "reading known photos once more".into(),
        Phase::Idle => "up to date".into(),
    });
}
