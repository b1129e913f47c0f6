//! Writes planned sidecars and photos under a journal.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::core::ids::{ExportId, SourceId};
use crate::core::photo::FileStamp;
use crate::indexer::shared::PipelineError;
use crate::services::export::prepare::Prepared;
use crate::services::export::summary::{ExportSummary, Exported, wrap};
use crate::sidecar::{Kind, Prior, Record, SidecarError, Written, embedded_digest};
use crate::store::{ExportWrite, Store, StoreError, Writer};

/// How many photos are compared with their new files at a time: each is decoded twice, and both pictures
/// are in memory.
const COMPARED_AT_A_TIME: usize = 4;

/// A sidecar's write, with the update for the library once it has happened.
struct Done<'a> {
    photo: &'a Path,
    sidecar: PathBuf,
    source: Option<SourceId>,
    keywords: Vec<(String, String)>,
    stated: Vec<(String, String)>,
    is_photo: bool,
    /// Whether the library must be updated even if the file is unchanged.
    is_news: bool,
    result: Result<Written, SidecarError>,
}

/// Records all writes of a group in the journal, does them, and records that they have happened.
/// `export` is the export's id, once it has one. What is not reached before `stop` is not written.
pub(crate) fn write<E: From<PipelineError>>(
    store: &mut Store,
    export: &mut Option<ExportId>,
    mut planned: Vec<Prepared<'_>>,
    stop: &AtomicBool,
    summary: &mut ExportSummary,
    take: &mut impl FnMut(&Path, Result<Exported, SidecarError>) -> Result<(), E>,
) -> Result<(), E> {
    compare_pictures(&mut planned, stop);
    let changes = |p: &Prepared<'_>| p.plan.kind() != Kind::Unchanged;
    let is_new = export.is_none() && planned.iter().any(changes);
    let mut number = *export;
    let notes = store.write(|w| {
        if is_new {
            number = Some(w.begin_export()?);
        }
        let mut notes = Vec::new();
        for prepared in &mut planned {
            if prepared.is_news || changes(prepared) {
                for other in &prepared.others {
                    w.keep_source(other)?;
                }
                prepared.row.id = Some(w.keep_source(&prepared.row)?);
            }
            if let (true, Some(export)) = (changes(prepared), number) {
                let note = note(prepared, &prepared.plan.prior(), prepared.plan.record());
                w.note_write(export, &note)?;
                notes.push(note);
            }
        }
        Ok(notes)
    });
    let notes = notes.map_err(wrap)?;
    *export = number;
    let mut journal = Journal {
        store,
        export: number,
        noted: notes,
    };
    let (done, left) = commit_all(&mut journal, planned, stop);
    let settle = |w: &Writer<'_>| {
        done.iter().try_for_each(|done| settled(w, number, done))?;
        let Some(export) = number else {
            return Ok(());
        };
        left.iter().try_for_each(|path| w.drop_write(export, path))
    };
    store.write(settle).map_err(wrap)?;
    for done in done {
        let is_written = matches!(&done.result, Ok(written) if written.kind != Kind::Unchanged);
        summary.embedded += usize::from(done.is_photo && is_written);
        report(done.photo, done.result, summary, take)?;
    }
    Ok(())
}

/// The journal while a group is written.
struct Journal<'s> {
    store: &'s mut Store,
    export: Option<ExportId>,
    /// What it has about the group.
    noted: Vec<ExportWrite>,
}

impl Journal<'_> {
    /// Notes a write, unless it is noted as it is.
    fn note(&mut self, now: &ExportWrite) -> io::Result<()> {
        match (self.noted.contains(now), self.export) {
            (true, _) => Ok(()),
            // The sidecar has changed since it was planned.
            (false, Some(export)) => self
                .store
                .write(|w| w.note_write(export, now))
                .map_err(io::Error::other),
            (false, None) => Err(io::Error::other("the export was not begun")),
        }
    }
}

/// Writes all files of a group. Returns what came of each, and the files not reached before `stop`.
fn commit_all<'p>(
    journal: &mut Journal<'_>,
    planned: Vec<Prepared<'p>>,
    stop: &AtomicBool,
) -> (Vec<Done<'p>>, Vec<PathBuf>) {
    let mut done = Vec::new();
    let mut left = Vec::new();
    for prepared in planned {
        let sidecar = prepared.plan.path().to_path_buf();
        if stop.load(Ordering::Relaxed) {
            left.push(sidecar);
            continue;
        }
        let (row, keywords) = (prepared.row, prepared.keywords);
        let is_photo = prepared.plan.is_photo();
        let note = |prior: &Prior, record: &Record| {
            let previous = row.record.clone();
            journal.note(&note_of(row.id, previous, keywords.clone(), prior, record))
        };
        let result = prepared.plan.commit(note);
        let [_, after] = keywords;
        done.push(Done {
            photo: &prepared.file.path,
            sidecar,
            source: row.id,
            keywords: after,
            stated: prepared.stated,
            is_photo,
            is_news: prepared.is_news,
            result,
        });
    }
    (done, left)
}

/// Writes planned sidecars and leaves the library as it is. What the sidecars say of themselves tells
/// the next index which keywords are Taglens's.
pub(crate) fn write_unrecorded<E: From<PipelineError>>(
    mut planned: Vec<Prepared<'_>>,
    stop: &AtomicBool,
    summary: &mut ExportSummary,
    take: &mut impl FnMut(&Path, Result<Exported, SidecarError>) -> Result<(), E>,
) -> Result<(), E> {
    compare_pictures(&mut planned, stop);
    for prepared in planned {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let result = prepared.plan.commit(|_, _| Ok(()));
        report(&prepared.file.path, result, summary, take)?;
    }
    Ok(())
}

/// Compares photos with their new files, some at a time, and leaves out those not reached before `stop`.
fn compare_pictures(planned: &mut Vec<Prepared<'_>>, stop: &AtomicBool) {
    let mut compared = 0;
    for some in planned.chunks_mut(COMPARED_AT_A_TIME) {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        some.par_iter_mut()
            .for_each(|prepared| prepared.plan.compare_pictures());
        compared += some.len();
    }
    planned.truncate(compared);
}

fn note(prepared: &Prepared<'_>, prior: &Prior, record: &Record) -> ExportWrite {
    let row = &prepared.row;
    note_of(
        row.id,
        row.record.clone(),
        prepared.keywords.clone(),
        prior,
        record,
    )
}

fn note_of(
    source: Option<SourceId>,
    previous: Option<String>,
    keywords: [Vec<(String, String)>; 2],
    prior: &Prior,
    record: &Record,
) -> ExportWrite {
    ExportWrite {
        path: prior.path.clone(),
        before: prior.before.clone(),
        after: prior.after.clone(),
        previous,
        record: to_text(record),
        source,
        keywords,
    }
}

/// Records that a write has happened, or that it will not.
fn settled(w: &Writer<'_>, export: Option<ExportId>, done: &Done<'_>) -> Result<(), StoreError> {
    match &done.result {
        Ok(written) => {
            let record = (!written.record.is_empty()).then(|| to_text(&written.record));
            if done.is_news || written.kind != Kind::Unchanged {
                let digest = match done.is_photo {
                    true => embedded_digest(&written.path),
                    false => written.record.digest().to_owned(),
                };
                let (keywords, stated) = (&done.keywords, &done.stated);
                if let Some(source) = done.source {
                    w.set_written(source, record.as_deref(), &digest, keywords, stated)?;
                }
                if done.is_photo {
                    note_photo(w, done.photo)?;
                }
            }
            match export.filter(|_| written.kind != Kind::Unchanged) {
                Some(export) => w.settle_write(export, &done.sidecar),
                None => Ok(()),
            }
        }
        Err(error) => {
            let reason = error.to_string();
            w.add_sidecar_problem(done.photo, true, &done.sidecar, &reason)?;
            export.map_or(Ok(()), |export| w.drop_write(export, &done.sidecar))
        }
    }
}

/// Notes the stamp of a photo that Taglens has just written: it is still the same photo.
pub(super) fn note_photo(w: &Writer<'_>, photo: &Path) -> Result<(), StoreError> {
    match std::fs::metadata(photo) {
        Ok(metadata) => w.set_stamp(photo, FileStamp::of(&metadata)),
        // It has just gone, which the next scan sees.
        Err(_) => Ok(()),
    }
}

fn report<E>(
    photo: &Path,
    result: Result<Written, SidecarError>,
    summary: &mut ExportSummary,
    take: &mut impl FnMut(&Path, Result<Exported, SidecarError>) -> Result<(), E>,
) -> Result<(), E> {
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
    take(photo, result)
}

/// Serialises a record. JSON can always hold its strings and numbers.
fn to_text(record: &Record) -> String {
    serde_json::to_string(record).unwrap_or_default()
}
