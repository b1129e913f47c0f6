//! From the library's tags to sidecars, and back again.
//!
//! What undoing needs is in the library before a sidecar changes, and what Taglens has in it is
//! there after: an export that is killed in between is settled by the next ([`settle`]), which looks
//! at each file that was noted and sees whether the write has happened.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::indexer::keywords::Keywords;
use crate::indexer::ruling;
use crate::indexer::shared::PipelineError;
use crate::sidecar::{
    Folder, Kind, Naming, Plan, Prior, Properties, Record, Request, SidecarError, digest, plan_in,
    restore,
};
use crate::store::{Decision, ExportWrite, Origin, Store, StoreError, TaggedFile, Verdict, Writer};

/// Sidecars noted in one transaction before they are written.
const GROUP: usize = 64;

/// What is exported, and how.
#[derive(Clone, Debug, Default)]
pub struct ExportOptions {
    /// Photos and folders of the library; all where it is empty.
    pub paths: Vec<PathBuf>,
    /// How new sidecars are named.
    pub naming: Naming,
    /// Where keywords go.
    pub properties: Properties,
    /// Whether nothing is written.
    pub dry_run: bool,
}

/// What became of a photo's sidecar.
#[derive(Debug)]
pub enum Exported {
    /// It has what it should have.
    Unchanged,
    /// It would be changed like this (a unified diff).
    Planned(String),
    /// It was written.
    Written {
        /// The sidecar.
        sidecar: PathBuf,
        /// What was done.
        kind: Kind,
    },
}

/// How an export went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportSummary {
    /// Photos looked at.
    pub photos: usize,
    /// Sidecars written, or with a dry run those that would be.
    pub written: usize,
    /// Sidecars that had what they should have.
    pub unchanged: usize,
    /// Photos whose sidecar could not be written.
    pub refused: usize,
}

/// Writes sidecars for the library's accepted tags. `take` hears of each photo. Setting `stop` ends
/// the export after the sidecar at hand.
///
/// # Errors
/// Where the library cannot be read or written, or `take` fails; a sidecar that cannot be written
/// is no error of the export.
pub fn export<E: From<PipelineError>>(
    store: &mut Store,
    options: &ExportOptions,
    stop: &AtomicBool,
    mut take: impl FnMut(&Path, Result<Exported, SidecarError>) -> Result<(), E>,
) -> Result<ExportSummary, E> {
    let settled = match options.dry_run {
        true => Ok(()),
        false => settle(store),
    };
    settled.map_err(E::from)?;
    let vocabulary = ruling::vocabulary(store).map_err(E::from)?;
    let keywords = Keywords::new(&vocabulary);
    let files = files(store, &options.paths).map_err(E::from)?;
    let mut summary = ExportSummary::default();
    let mut export = None;
    let mut folder: Option<Folder> = None;
    for group in files.chunks(GROUP) {
        let mut planned = Vec::new();
        let mut records = Vec::new();
        for file in group {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            summary.photos += 1;
            let previous;
            let plan = match look(&mut folder, file, options) {
                Ok((folder, sidecar)) => {
                    previous = store.sidecar_record(&sidecar).map_err(wrap)?;
                    let record = previous
                        .as_deref()
                        .and_then(|t| serde_json::from_str(t).ok());
                    let (wanted, confidences) = keywords.of(&file.tags);
                    if wanted.is_empty() && previous.is_none() {
                        // Whatever the sidecar has is none of ours.
                        summary.unchanged += 1;
                        take(&file.path, Ok(Exported::Unchanged))?;
                        continue;
                    }
                    let request = Request {
                        wanted: &wanted,
                        confidences: &confidences,
                        previously: record.as_ref(),
                        properties: &options.properties,
                    };
                    plan_in(folder, &file.path, &request, options.naming)
                }
                Err(error) => {
                    summary.refused += 1;
                    take(&file.path, Err(error))?;
                    continue;
                }
            };
            match plan {
                Ok(plan) if options.dry_run && plan.kind() != Kind::Unchanged => {
                    summary.written += 1;
                    take(&file.path, Ok(Exported::Planned(plan.diff())))?;
                }
                Ok(plan) if options.dry_run => {
                    drop(plan);
                    summary.unchanged += 1;
                    take(&file.path, Ok(Exported::Unchanged))?;
                }
                Ok(plan)
                    if plan.kind() == Kind::Unchanged && plan.deleted_by_person().is_empty() =>
                {
                    // Nothing to write, but what is ours in the file may be another part of it.
                    let record = to_text(plan.record());
                    if previous.as_ref() != Some(&record) && !plan.record().is_empty() {
                        records.push((plan.path().to_path_buf(), record));
                    }
                    summary.unchanged += 1;
                    take(&file.path, Ok(Exported::Unchanged))?;
                }
                Ok(plan) => planned.push((file, plan, previous)),
                Err(error) => {
                    summary.refused += 1;
                    take(&file.path, Err(error))?;
                }
            }
        }
        if !records.is_empty() {
            let keep = |w: &Writer<'_>| {
                records
                    .iter()
                    .try_for_each(|(path, record)| w.set_sidecar_record(path, Some(record)))
            };
            store.write(keep).map_err(wrap)?;
        }
        if !planned.is_empty() {
            let id = match export {
                Some(id) => id,
                None => store.write(|w| w.begin_export()).map_err(wrap)?,
            };
            export = Some(id);
            write(store, id, planned, &keywords, &mut summary, &mut take)?;
            // The listing is from before the writes.
            folder = None;
        }
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    Ok(summary)
}

fn wrap<E: From<PipelineError>>(error: StoreError) -> E {
    E::from(error.into())
}

/// The files that can be exported, in the order of their paths.
fn files(store: &Store, paths: &[PathBuf]) -> Result<Vec<TaggedFile>, PipelineError> {
    let mut files = Vec::new();
    let all = [None];
    let some: Vec<Option<&Path>> = paths.iter().map(|p| Some(p.as_path())).collect();
    for path in if paths.is_empty() { &all[..] } else { &some } {
        store.each_tagged(*path, |file| {
            if file.photo_id.is_some() && file.presence == crate::core::photo::Presence::Present {
                files.push(file);
            }
            Ok::<_, StoreError>(())
        })?;
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

/// The listing of the photo's folder, and the photo's sidecar.
fn look<'a>(
    folder: &'a mut Option<Folder>,
    file: &TaggedFile,
    options: &ExportOptions,
) -> Result<(&'a Folder, PathBuf), SidecarError> {
    let path = file.path.parent().unwrap_or(Path::new(""));
    if folder.as_ref().is_none_or(|f| f.path() != path) {
        *folder = None;
    }
    let folder = match folder {
        Some(folder) => folder,
        none => none.insert(Folder::read(path)?),
    };
    let sidecar = folder.sidecar(&file.path, options.naming)?;
    Ok((folder, sidecar))
}

type Planned<'a> = (&'a TaggedFile, Plan, Option<String>);

/// Notes all writes of a group, does them, and notes that they have happened.
fn write<E: From<PipelineError>>(
    store: &mut Store,
    export: i64,
    planned: Vec<Planned<'_>>,
    keywords: &Keywords<'_>,
    summary: &mut ExportSummary,
    take: &mut impl FnMut(&Path, Result<Exported, SidecarError>) -> Result<(), E>,
) -> Result<(), E> {
    let notes: Vec<ExportWrite> = planned
        .iter()
        .filter(|(_, plan, _)| plan.kind() != Kind::Unchanged)
        .map(|(_, plan, previous)| note(&plan.prior(), plan.record(), previous.clone()))
        .collect();
    store
        .write(|w| notes.iter().try_for_each(|n| w.note_write(export, n)))
        .map_err(wrap)?;
    let mut noted: HashMap<&Path, &ExportWrite> =
        notes.iter().map(|n| (n.path.as_path(), n)).collect();
    let mut results = Vec::new();
    for (file, plan, previous) in planned {
        let sidecar = plan.path().to_path_buf();
        let first = noted.remove(sidecar.as_path());
        let journal = |prior: &Prior, record: &Record| {
            let now = note(prior, record, previous.clone());
            if first == Some(&now) {
                return Ok(());
            }
            // The sidecar has changed since it was planned.
            store
                .write(|w| w.note_write(export, &now))
                .map_err(io::Error::other)
        };
        results.push((file, sidecar, plan.commit(journal)));
    }
    store
        .write(|w| {
            for (file, sidecar, result) in &results {
                match result {
                    Ok(written) => {
                        let record = &written.record;
                        let record = (!record.is_empty()).then(|| to_text(record));
                        w.settle_write(export, sidecar, record.as_deref())?;
                        for keyword in &written.deleted_by_person {
                            if let (Some(photo), Some(label)) =
                                (file.photo_id, keywords.label(keyword))
                            {
                                let label = w.label(label)?;
                                let decision = Decision::now(Verdict::Rejected, Origin::Sidecar);
                                w.decide(photo, label, Some(decision))?;
                            }
                        }
                    }
                    Err(_) => w.drop_write(export, sidecar)?,
                }
            }
            Ok(())
        })
        .map_err(wrap)?;
    for (file, _, result) in results {
        let result = match result {
            Ok(written) if written.kind == Kind::Unchanged => {
                summary.unchanged += 1;
                Ok(Exported::Unchanged)
            }
            Ok(written) => {
                summary.written += 1;
                Ok(Exported::Written {
                    sidecar: written.path,
                    kind: written.kind,
                })
            }
            Err(error) => {
                summary.refused += 1;
                Err(error)
            }
        };
        take(&file.path, result)?;
    }
    Ok(())
}

fn note(prior: &Prior, record: &Record, previous: Option<String>) -> ExportWrite {
    ExportWrite {
        path: prior.path.clone(),
        before: prior.before.clone(),
        after: prior.after.clone(),
        previous,
        record: to_text(record),
    }
}

fn to_text(record: &Record) -> String {
    // A record is strings and numbers, which JSON can always hold.
    serde_json::to_string(record).unwrap_or_default()
}

/// Settles what a killed export has left: where a file is what was to be written, the write has
/// happened, and what Taglens has in it is noted; else it has not.
///
/// # Errors
/// Where the library cannot be read or written.
pub fn settle(store: &mut Store) -> Result<(), PipelineError> {
    let open = store.unsettled_writes()?;
    if open.is_empty() {
        return Ok(());
    }
    store.write(|w| {
        for (export, write) in &open {
            let now = std::fs::read(&write.path).ok();
            let happened = now.as_deref().map(digest) == write.after;
            let record = serde_json::from_str::<Record>(&write.record).ok();
            let record = record.filter(|r| !r.is_empty());
            match happened {
                true => {
                    let text = record.map(|_| write.record.as_str());
                    w.settle_write(*export, &write.path, text)?;
                }
                false => w.drop_write(*export, &write.path)?,
            }
        }
        Ok(())
    })?;
    Ok(())
}

/// Brings back, to the byte, every sidecar that the last export wrote. `take` hears of each.
///
/// Gives how many sidecars are as they were, and how many could not be brought back; `None` where
/// there is no export to undo.
///
/// # Errors
/// Where the library cannot be read or written, or `take` fails.
pub fn undo<E: From<PipelineError>>(
    store: &mut Store,
    mut take: impl FnMut(&Path, Result<(), SidecarError>) -> Result<(), E>,
) -> Result<Option<(usize, usize)>, E> {
    settle(store).map_err(E::from)?;
    let Some(export) = store.last_export().map_err(wrap)? else {
        return Ok(None);
    };
    let (mut restored, mut refused) = (0, 0);
    let writes = store.export_writes(export).map_err(wrap)?;
    for group in writes.chunks(GROUP) {
        let mut done = Vec::new();
        for write in group {
            let result = restore(&Prior {
                path: write.path.clone(),
                before: write.before.clone(),
                after: write.after.clone(),
            });
            match &result {
                Ok(()) => {
                    restored += 1;
                    done.push(write);
                }
                Err(_) => refused += 1,
            }
            take(&write.path, result)?;
        }
        store
            .write(|w| {
                done.iter()
                    .try_for_each(|d| w.set_sidecar_record(&d.path, d.previous.as_deref()))
            })
            .map_err(wrap)?;
    }
    store.write(|w| w.set_undone(export)).map_err(wrap)?;
    Ok(Some((restored, refused)))
}
