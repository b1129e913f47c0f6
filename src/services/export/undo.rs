//! Settles exports that were killed, and undoes the last one.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::core::ids::{ExportId, SourceId};
use crate::core::media::medium;
use crate::indexer::shared::PipelineError;
use crate::services::export::options::GROUP;
use crate::services::export::summary::wrap;
use crate::services::export::write::note_photo;
use crate::sidecar::{
    Fault, Prior, Record, Segments, SidecarError, digest, embedded_digest, photo_digest, read,
    restore, restore_embed,
};
use crate::store::{ExportWrite, Store, StoreError, Writer};

/// Settles a killed export. If a file is what was to be written, the write has happened, and the
/// library records Taglens's part of it. Otherwise it has not. A file that cannot be read now stays
/// in the journal, and nobody may write it before that is known.
///
/// Returns why files cannot be read, by their paths.
///
/// # Errors
/// If the library cannot be read or written.
pub(crate) fn settle(store: &mut Store) -> Result<HashMap<PathBuf, String>, PipelineError> {
    let open = store.unsettled_writes()?;
    let mut unread = HashMap::new();
    if open.is_empty() {
        return Ok(unread);
    }
    let mut found = Vec::with_capacity(open.len());
    for (export, write) in &open {
        let place = place(store, write)?;
        match place.digest() {
            Ok(now) => found.push((*export, write, place, now)),
            Err(error) => drop(unread.insert(place.sidecar, error.fault.to_string())),
        }
    }
    store.write(|w| {
        for (export, write, place, now) in &found {
            if *now != write.after {
                w.drop_write(*export, &write.path)?;
                continue;
            }
            let record = serde_json::from_str::<Record>(&write.record).ok();
            let record = record.filter(|r| !r.is_empty());
            let record = record.map(|_| write.record.as_str());
            let [_, after] = &write.keywords;
            note(w, place, record, write.after.as_deref(), after)?;
            w.settle_write(*export, &write.path)?;
        }
        Ok(())
    })?;
    Ok(unread)
}

/// The current place of a written sidecar or photo.
struct Place {
    source: Option<SourceId>,
    /// The photo's file; `None` if unknown.
    owner: Option<PathBuf>,
    /// The sidecar, or the photo itself.
    sidecar: PathBuf,
    /// How to take back a write into the photo; `None` for a sidecar.
    segments: Option<Segments>,
}

impl Place {
    /// BLAKE3 of the file there, in hexadecimal; `None` if there is none.
    fn digest(&self) -> Result<Option<String>, SidecarError> {
        match self.segments {
            Some(_) => photo_digest(&self.sidecar),
            None => Ok(read(&self.sidecar)?.as_deref().map(digest)),
        }
    }

    /// Restores what was there before the write.
    fn restore(&self, write: &ExportWrite) -> Result<(), SidecarError> {
        match &self.segments {
            Some(segments) => restore_embed(&self.sidecar, segments, write.after.as_deref()),
            None => restore(&Prior {
                path: self.sidecar.clone(),
                before: write.before.clone(),
                after: write.after.clone(),
            }),
        }
    }
}

fn place(store: &Store, write: &ExportWrite) -> Result<Place, StoreError> {
    let segments = write.before.as_deref().and_then(Segments::of_bytes);
    if let Some(segments) = segments {
        let photo = photo(store, write)?;
        return Ok(Place {
            source: write.source,
            owner: Some(photo.clone()),
            sidecar: photo,
            segments: Some(segments),
        });
    }
    // Older libraries identify a write only by the sidecar's path.
    let source = match write.source {
        Some(source) => Some(source),
        None => store.source_at(&write.path)?,
    };
    let known = match source {
        Some(source) => store.source_place(source)?,
        None => None,
    };
    let (owner, sidecar) = known.map_or((None, write.path.clone()), |(o, s)| (Some(o), s));
    Ok(Place {
        source,
        owner,
        sidecar,
        segments: None,
    })
}

/// The file into which an export wrote: that of the photo's files which has what was written, or where
/// it was.
fn photo(store: &Store, write: &ExportWrite) -> Result<PathBuf, StoreError> {
    let is_it = |path: &PathBuf| photo_digest(path).is_ok_and(|now| now == write.after);
    if is_it(&write.path) {
        return Ok(write.path.clone());
    }
    let files = match write.source {
        Some(source) => store.files_of_source(source)?,
        None => Vec::new(),
    };
    let moved = files.into_iter().find(is_it);
    Ok(moved.unwrap_or_else(|| write.path.clone()))
}

fn note(
    w: &Writer<'_>,
    place: &Place,
    record: Option<&str>,
    digest: Option<&str>,
    keywords: &[(String, String)],
) -> Result<(), StoreError> {
    let digest = match place.segments {
        Some(_) => {
            note_photo(w, &place.sidecar)?;
            embedded_digest(&place.sidecar)
        }
        None => digest.unwrap_or_default().to_owned(),
    };
    match place.source {
        Some(source) => w.set_written(source, record, &digest, keywords, &[]),
        None => Ok(()),
    }
}

/// Restores, to the byte, every sidecar and photo that the last export wrote, in its current place. Calls
/// `take` for each. If a sidecar cannot be restored now, the export counts as not undone, so that
/// undo can be repeated: after the next index if a photo has moved, or when the disk has room again.
/// So it does if `stop` is set, which ends it after some files.
///
/// Returns how many files were restored and how many could not be; `None` if there is no export
/// to undo.
///
/// # Errors
/// If the library cannot be read or written, or `take` fails.
pub(crate) fn undo<E: From<PipelineError>>(
    store: &mut Store,
    stop: &AtomicBool,
    mut take: impl FnMut(&Path, Result<(), SidecarError>) -> Result<(), E>,
) -> Result<Option<(usize, usize)>, E> {
    let lock = store.lock_sidecars(stop).map_err(wrap)?;
    // What cannot be read is not restored either, and stays in the journal.
    settle(store).map_err(E::from)?;
    lock.pass_on();
    let Some(export) = store.last_export().map_err(wrap)? else {
        return Ok(None);
    };
    let (mut restored, mut refused, mut left) = (0, 0, 0);
    let writes = store.export_writes(export).map_err(wrap)?;
    let folders = store.folders().map_err(wrap)?.into_iter();
    let folders: Vec<PathBuf> = folders.map(|f| f.path).collect();
    for group in writes.chunks(GROUP) {
        let lock = store.lock_sidecars(stop).map_err(wrap)?;
        if stop.load(Ordering::Relaxed) {
            left += 1;
            break;
        }
        let mut done = Vec::new();
        for write in group {
            let place = place(store, write).map_err(wrap)?;
            let is_away = place.owner.as_ref().is_some_and(|owner| !owner.exists());
            let result = match (is_away, &place.owner) {
                // A library from somebody else may name any file.
                _ if !place.is_in(&folders) => Err(SidecarError {
                    path: place.sidecar.clone(),
                    fault: Fault::Outside,
                }),
                (true, Some(owner)) => Err(SidecarError {
                    path: place.sidecar.clone(),
                    fault: Fault::PhotoAway {
                        photo: owner.clone(),
                    },
                }),
                _ => place.restore(write),
            };
            let sidecar = place.sidecar.clone();
            match &result {
                Ok(()) => {
                    restored += 1;
                    done.push((write, place));
                }
                Err(error) => {
                    refused += 1;
                    left += usize::from(error.fault.may_pass());
                }
            }
            take(&sidecar, result)?;
        }
        let keep = |w: &Writer<'_>| {
            done.iter().try_for_each(|(write, place)| {
                let before = write.before.as_deref().map(digest);
                let [keywords, _] = &write.keywords;
                note(
                    w,
                    place,
                    write.previous.as_deref(),
                    before.as_deref(),
                    keywords,
                )
            })
        };
        store.write(keep).map_err(wrap)?;
        lock.pass_on();
    }
    if left == 0 {
        store.write(|w| w.set_undone(export)).map_err(wrap)?;
    }
    Ok(Some((restored, refused)))
}

/// Undoes an export and all later ones, the last first, as [`undo`] does with each. Later ones build
/// on what earlier ones wrote, so an earlier one cannot be undone alone.
///
/// # Errors
/// See [`undo`].
pub(crate) fn undo_back_to<E: From<PipelineError>>(
    store: &mut Store,
    export: ExportId,
    stop: &AtomicBool,
    mut take: impl FnMut(&Path, Result<(), SidecarError>) -> Result<(), E>,
) -> Result<Option<(usize, usize)>, E> {
    let mut total = None;
    while let Some(last) = store.last_export().map_err(wrap)?.filter(|e| *e >= export) {
        let Some((restored, refused)) = undo(store, stop, &mut take)? else {
            break;
        };
        let (r, f) = total.unwrap_or((0, 0));
        total = Some((r + restored, f + refused));
        // What cannot be undone for now keeps the ones before it.
        if store.last_export().map_err(wrap)? == Some(last) {
            break;
        }
    }
    Ok(total)
}

impl Place {
    /// Whether it is a sidecar, or a photo, in one of the folders.
    fn is_in(&self, folders: &[PathBuf]) -> bool {
        match self.segments {
            Some(_) => {
                let is_photo = self.sidecar.file_name().and_then(medium).is_some();
                is_photo && is_plain_in(folders, &self.sidecar)
            }
            None => is_sidecar_in(folders, &self.sidecar),
        }
    }
}

/// Whether a path is a sidecar in one of the folders.
fn is_sidecar_in(folders: &[PathBuf], path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str());
    extension.is_some_and(|e| e.eq_ignore_ascii_case("xmp")) && is_plain_in(folders, path)
}

/// Whether a path leads straight into one of the folders.
fn is_plain_in(folders: &[PathBuf], path: &Path) -> bool {
    let is_plain = |c| {
        matches!(
            c,
            Component::Normal(_) | Component::RootDir | Component::Prefix(_)
        )
    };
    path.components().all(is_plain) && folders.iter().any(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests;
