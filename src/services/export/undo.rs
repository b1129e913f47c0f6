//! Settles exports that were killed, and undoes the last one.

use std::path::{Component, Path, PathBuf};

use crate::core::ids::SourceId;
use crate::indexer::shared::PipelineError;
use crate::services::export::options::GROUP;
use crate::services::export::summary::wrap;
use crate::sidecar::{Fault, Prior, Record, SidecarError, digest, restore};
use crate::store::{ExportWrite, Store, StoreError, Writer};

/// Settles a killed export. If a file is what was to be written, the write has happened, and the
/// library records Taglens's part of it. Otherwise it has not.
///
/// # Errors
/// If the library cannot be read or written.
pub(crate) fn settle(store: &mut Store) -> Result<(), PipelineError> {
    let open = store.unsettled_writes()?;
    if open.is_empty() {
        return Ok(());
    }
    let mut places = Vec::with_capacity(open.len());
    for (_, write) in &open {
        places.push(place(store, write)?);
    }
    store.write(|w| {
        for ((export, write), place) in open.iter().zip(&places) {
            let now = std::fs::read(&place.sidecar).ok();
            if now.as_deref().map(digest) != write.after {
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
    Ok(())
}

/// The current place of a written sidecar.
struct Place {
    source: Option<SourceId>,
    /// The photo's file; `None` if unknown.
    owner: Option<PathBuf>,
    sidecar: PathBuf,
}

fn place(store: &Store, write: &ExportWrite) -> Result<Place, StoreError> {
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
    })
}

fn note(
    w: &Writer<'_>,
    place: &Place,
    record: Option<&str>,
    digest: Option<&str>,
    keywords: &[(String, String)],
) -> Result<(), StoreError> {
    match place.source {
        Some(source) => w.set_written(source, record, digest.unwrap_or_default(), keywords, &[]),
        None => Ok(()),
    }
}

/// Restores, to the byte, every sidecar that the last export wrote, in its current place. Calls
/// `take` for each. If a photo has moved and the library does not know where to, the export counts
/// as not undone, so that undo can be repeated after the next index.
///
/// Returns how many sidecars were restored and how many could not be; `None` if there is no export
/// to undo.
///
/// # Errors
/// If the library cannot be read or written, or `take` fails.
pub(crate) fn undo<E: From<PipelineError>>(
    store: &mut Store,
    mut take: impl FnMut(&Path, Result<(), SidecarError>) -> Result<(), E>,
) -> Result<Option<(usize, usize)>, E> {
    settle(store).map_err(E::from)?;
    let Some(export) = store.last_export().map_err(wrap)? else {
        return Ok(None);
    };
    let (mut restored, mut refused, mut away) = (0, 0, 0);
    let writes = store.export_writes(export).map_err(wrap)?;
    let folders = store.folders().map_err(wrap)?.into_iter();
    let folders: Vec<PathBuf> = folders.map(|f| f.path).collect();
    for group in writes.chunks(GROUP) {
        let mut done = Vec::new();
        for write in group {
            let place = place(store, write).map_err(wrap)?;
            let is_away = place.owner.as_ref().is_some_and(|owner| !owner.exists());
            let result = match (is_away, &place.owner) {
                // A library from somebody else may name any file.
                _ if !is_sidecar_in(&folders, &place.sidecar) => {
                    away += 1;
                    Err(SidecarError {
                        path: place.sidecar.clone(),
                        fault: Fault::Outside,
                    })
                }
                (true, Some(owner)) => {
                    away += 1;
                    Err(SidecarError {
                        path: place.sidecar.clone(),
                        fault: Fault::PhotoAway {
                            photo: owner.clone(),
                        },
                    })
                }
                _ => restore(&Prior {
                    path: place.sidecar.clone(),
                    before: write.before.clone(),
                    after: write.after.clone(),
                }),
            };
            let sidecar = place.sidecar.clone();
            match &result {
                Ok(()) => {
                    restored += 1;
                    done.push((write, place));
                }
                Err(_) => refused += 1,
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
    }
    if away == 0 {
        store.write(|w| w.set_undone(export)).map_err(wrap)?;
    }
    Ok(Some((restored, refused)))
}

/// Whether a path is a sidecar in one of the folders.
fn is_sidecar_in(folders: &[PathBuf], path: &Path) -> bool {
    let is_plain = |c| {
        matches!(
            c,
            Component::Normal(_) | Component::RootDir | Component::Prefix(_)
        )
    };
    let extension = path.extension().and_then(|e| e.to_str());
    extension.is_some_and(|e| e.eq_ignore_ascii_case("xmp"))
        && path.components().all(is_plain)
        && folders.iter().any(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sidecars_in_the_librarys_folders_are_brought_back() {
        let folders = [PathBuf::from("/photos"), PathBuf::from("/more/photos")];
        let cases = [
            ("/photos/a.jpg.xmp", true),
            ("/more/photos/2024/A.XMP", true),
            ("/photos/a.jpg", false),
            ("/photos/.bashrc", false),
            ("/photos2/a.jpg.xmp", false),
            ("/photos/../home/a.xmp", false),
            ("/home/a.xmp", false),
            ("photos/a.xmp", false),
        ];
        for (path, expected) in cases {
            assert_eq!(is_sidecar_in(&folders, Path::new(path)), expected, "{path}");
        }
    }
}
