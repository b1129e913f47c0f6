//! Writes the library's tags to sidecars, and undoes that.
//!
//! The journal has the data for undo before a sidecar changes, and Taglens's part of it afterwards.
//! The next export settles one that was killed ([`settle`]): it compares each file in the journal
//! with what was to be written.
//!
//! Exporting decides nothing: the wanted keywords come from
//! [`reconcile`](crate::keywords::reconcile()), and reading stores its decisions.

mod options;
mod output;
mod parts;
mod prepare;
mod program;
mod summary;
mod undo;
mod write;

#[cfg(test)]
mod stack_tests;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::core::photo::Presence;
use crate::indexer::bookkeeping;
use crate::indexer::keywords::labels_of;
use crate::indexer::shared::PipelineError;
use crate::indexer::source_files::Folders;
use crate::indexer::tag_inputs;
use crate::sidecar::{Kind, SidecarError};
use crate::store::{Stacks, Store, StoreError, TaggedFile};

use options::{EMBEDDED_GROUP, GROUP};
use prepare::{Context, Prepared, Step};
use summary::wrap;

pub(crate) use options::ExportOptions;
pub(crate) use program::Program;
pub(crate) use summary::{ExportSummary, Exported, PlannedChange};
pub(crate) use undo::{settle, undo, undo_back_to};

/// Writes sidecars for the library's accepted tags, and keywords into photos where that is wanted.
/// Calls `take` for each file. Setting `stop` ends the export after the current one.
///
/// # Errors
/// If the library cannot be read or written or is damaged, or `take` fails. A sidecar that cannot
/// be written does not end the export.
pub(crate) fn export<E: From<PipelineError>>(
    store: &mut Store,
    options: &ExportOptions,
    stop: &AtomicBool,
    mut take: impl FnMut(&Path, Result<Exported, SidecarError>) -> Result<(), E>,
) -> Result<ExportSummary, E> {
    let unsettled = before_writing(store, options, stop)?;
    let mut version = store.data_version().map_err(wrap)?;
    let vocabulary = tag_inputs::vocabulary(store).map_err(E::from)?;
    let context = Context {
        labels: labels_of(store, &vocabulary).map_err(E::from)?,
        bookkeeping: bookkeeping::of(store).map_err(E::from)?,
        options,
    };
    let files = files(store, &options.paths).map_err(E::from)?;
    let mut summary = ExportSummary::default();
    let mut export = None;
    let mut folders = Folders::default();
    let size = if options.embed { EMBEDDED_GROUP } else { GROUP };
    for group in files.chunks(size) {
        let lock = (!options.dry_run).then(|| store.lock_sidecars(stop));
        let lock = lock.transpose().map_err(wrap)?;
        let now = store.data_version().map_err(wrap)?;
        let changed = (version != now).then(|| again(store, group)).transpose();
        let changed = changed.map_err(E::from)?;
        let group = changed.as_deref().unwrap_or(group);
        version = now;
        let mut planned = Vec::new();
        let mut refused = Vec::new();
        for file in group {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            summary.photos += 1;
            let steps = context.steps(store, &mut folders, file);
            for step in steps.map_err(E::from)? {
                match step.unless_unsettled(&unsettled) {
                    Step::Nothing => {
                        summary.unchanged += 1;
                        take(&file.path, Ok(Exported::Unchanged))?;
                    }
                    Step::NotEmbedded(error) => {
                        take(&file.path, Ok(Exported::NotEmbedded(error)))?;
                    }
                    Step::Refused(error) => {
                        summary.refused += 1;
                        refused.push((&file.path, error.path.clone(), error.to_string()));
                        take(&file.path, Err(error))?;
                    }
                    Step::Planned(prepared) if options.dry_run => {
                        let exported = preview(*prepared, &mut summary);
                        take(&file.path, Ok(exported))?;
                    }
                    Step::Planned(prepared) => planned.push(*prepared),
                }
            }
        }
        if !options.dry_run && !options.no_undo {
            keep_problems(store, group, &refused).map_err(wrap)?;
        }
        if options.no_undo {
            write::write_unrecorded(planned, stop, &mut summary, &mut take)?;
        } else if !planned.is_empty() {
            write::write(store, &mut export, planned, stop, &mut summary, &mut take)?;
        }
        // The listings are older than the writes.
        folders.forget();
        if let Some(lock) = lock {
            lock.pass_on();
        }
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    Ok(summary)
}

/// Checks the library, and settles an export that was killed. Returns the sidecars that nobody may
/// write yet, each with the reason.
fn before_writing<E: From<PipelineError>>(
    store: &mut Store,
    options: &ExportOptions,
    stop: &AtomicBool,
) -> Result<HashMap<PathBuf, String>, E> {
    if options.dry_run {
        return Ok(HashMap::new());
    }
    // A missing decision would remove its keyword from the sidecar.
    if let Some(what) = store.glance().map_err(wrap)? {
        return Err(wrap(StoreError::Damaged { what }));
    }
    if options.no_undo {
        return Ok(HashMap::new());
    }
    let _lock = store.lock_sidecars(stop).map_err(wrap)?;
    settle(store).map_err(E::from)
}

/// Records which photos of a group could not be exported, each with the file and reason, and forgets what the
/// last export said of the others.
fn keep_problems(
    store: &mut Store,
    group: &[TaggedFile],
    refused: &[(&PathBuf, PathBuf, String)],
) -> Result<(), StoreError> {
    let mut problems = store.sidecar_problems()?;
    problems.retain(|p| p.writing && group.iter().any(|file| file.path == p.photo));
    if problems.is_empty() && refused.is_empty() {
        return Ok(());
    }
    store.write(|w| {
        for problem in &problems {
            w.set_sidecar_problems(&problem.photo, true, &[])?;
        }
        refused
            .iter()
            .try_for_each(|(photo, path, reason)| w.add_sidecar_problem(photo, true, path, reason))
    })
}

fn preview(prepared: Prepared<'_>, summary: &mut ExportSummary) -> Exported {
    match prepared.plan.kind() {
        Kind::Unchanged => {
            summary.unchanged += 1;
            Exported::Unchanged
        }
        _ => {
            summary.written += 1;
            summary.embedded += usize::from(prepared.plan.is_photo());
            let [before, after] = &prepared.keywords;
            let without = |some: &[(String, String)], others: &[(String, String)]| {
                let is_new = |(path, _): &&(String, String)| others.iter().all(|(o, _)| o != path);
                let new = some.iter().filter(is_new);
                new.map(|(path, _)| path.clone()).collect()
            };
            Exported::Planned(PlannedChange {
                target: prepared.plan.path().to_path_buf(),
                in_photo: prepared.plan.in_photo(),
                diff: prepared.plan.preview(),
                added: without(after, before),
                removed: without(before, after),
            })
        }
    }
}

/// The files to export, in the order of their paths: those at and below `paths`, and the other files
/// of their stacks.
fn files(store: &Store, paths: &[PathBuf]) -> Result<Vec<TaggedFile>, PipelineError> {
    let stacks = store.stacks(paths)?;
    let mut files = Vec::new();
    let all = [None];
    let some: Vec<Option<&Path>> = paths.iter().map(|p| Some(p.as_path())).collect();
    for path in if paths.is_empty() { &all[..] } else { &some } {
        take(store, &stacks, *path, &mut files)?;
    }
    let named: HashSet<&PathBuf> = files.iter().map(|file| &file.path).collect();
    let others = files.iter().flat_map(|file| &file.stack).map(|f| &f.path);
    let others: BTreeSet<PathBuf> = others.filter(|p| !named.contains(p)).cloned().collect();
    for path in others {
        take(store, &stacks, Some(&path), &mut files)?;
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

/// The files of a group as they are now that somebody else has changed the library.
fn again(store: &Store, group: &[TaggedFile]) -> Result<Vec<TaggedFile>, PipelineError> {
    let paths: Vec<PathBuf> = group.iter().map(|file| file.path.clone()).collect();
    let stacks = store.stacks(&paths)?;
    let mut files = Vec::with_capacity(paths.len());
    for path in &paths {
        take(store, &stacks, Some(path), &mut files)?;
    }
    Ok(files)
}

fn take(
    store: &Store,
    stacks: &Stacks,
    path: Option<&Path>,
    files: &mut Vec<TaggedFile>,
) -> Result<usize, StoreError> {
    store.each_tagged(stacks, path, |file| {
        if file.photo_id.is_some() && file.presence == Presence::Present {
            files.push(file);
        }
        Ok(())
    })
}
