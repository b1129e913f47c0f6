//! The sources of a photo's keywords: matches them with the library and prepares them for
//! [`reconcile`](crate::keywords::reconcile()).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::core::ids::{PhotoId, SourceId};
use crate::indexer::source_files::{
    EMBEDDED, Folders, Problems, SourceFile, SourceFiles, kind_number,
};
use crate::indexer::source_rows::{keyword, memory, new_row, reading, record, remembered};
use crate::keywords::{
    KeywordPath, Labels, Memory, Now, Photo, Place, Reconciled, Source, Way, follow, reconcile,
};
use crate::sidecar::{Bookkeeping, Folder, Keyword, Naming, SidecarError};
use crate::store::{Places, Role, SourceRow, SourceState};

/// A photo's sources.
#[derive(Debug)]
pub(crate) struct Survey {
    /// The photo.
    pub(crate) photo: PhotoId,
    /// The library's row for each source, at its current place.
    pub(crate) rows: Vec<SourceRow>,
    /// The model's view of the sources, in the order of `rows`; without decisions.
    pub(crate) model: Photo,
    /// Those of `rows` that the library has at another place, with the digests that it has.
    pub(crate) moved: Vec<(SourceId, String)>,
    /// Problems of each present file of the photo.
    pub(crate) problems: Vec<Problems>,
    /// Those of its files whose folder cannot be listed now, each with the reason.
    pub(crate) unlisted: Vec<Problems>,
    /// Whether anything differs from the library.
    pub(crate) changed: bool,
    /// The photos of each stack that it is in, the one that shows the stack first.
    pub(crate) stacks: Vec<Vec<PhotoId>>,
}

/// Finds the sources of a photo at its places, and reads those that have changed since the last time.
/// `known` is what the library has of them.
pub(crate) fn survey(
    known: Vec<SourceRow>,
    folders: &mut Folders,
    bookkeeping: &Bookkeeping,
    photo: PhotoId,
    places: &Places,
) -> Survey {
    let (present, elsewhere) = (&places.present, &places.elsewhere);
    let is_only = present.len() + elsewhere.len() == 1;
    let files = SourceFiles::look(present, is_only, &known, folders, bookkeeping);
    let mut survey = Survey {
        photo,
        rows: Vec::new(),
        model: Photo {
            is_new: known.iter().all(|row| row.kind == EMBEDDED),
            ..Photo::default()
        },
        moved: Vec::new(),
        problems: files.problems,
        unlisted: files.unlisted,
        changed: false,
        stacks: Vec::new(),
    };
    // The source inside the only file belongs to no path, and others beside it each to their own.
    let is_lost = |row: &SourceRow| match row.owner.as_os_str().is_empty() {
        true => !is_only && !present.is_empty(),
        false if row.kind == EMBEDDED && is_only => !present.is_empty(),
        false => !present.contains(&row.owner) && !elsewhere.contains(&row.owner),
    };
    let only = present.first().filter(|_| is_only);
    survey.take_found(&known, files.found, only, is_lost, bookkeeping);
    survey.take_others(known, &files.silent, is_lost);
    survey.tell_second();
    survey
}

impl Survey {
    /// Matches the sources found with known ones. `only` is the photo's only file.
    fn take_found(
        &mut self,
        known: &[SourceRow],
        found: Vec<SourceFile>,
        only: Option<&PathBuf>,
        is_lost: impl Fn(&SourceRow) -> bool,
        bookkeeping: &Bookkeeping,
    ) {
        let name = |owner: &Path| file_name(owner, only);
        let places: Vec<Place<(PathBuf, i64)>> = known
            .iter()
            .map(|row| Place {
                at: (row.owner.clone(), row.kind),
                name: name(&row.owner),
                kind: row.kind,
                digest: match row.state {
                    SourceState::Absent => String::new(),
                    _ => row.digest.clone(),
                },
            })
            .collect();
        let now: Vec<Place<(PathBuf, i64)>> = found
            .iter()
            .map(|f| Place {
                at: (f.owner.clone(), f.kind),
                name: name(&f.owner),
                kind: f.kind,
                digest: f
                    .contents
                    .as_ref()
                    .map_or(String::new(), |c| c.digest.clone()),
            })
            .collect();
        let is_free = |i: usize| known.get(i).is_some_and(&is_lost);
        let ways = follow(&places, is_free, &now);
        for (found, way) in found.into_iter().zip(ways) {
            let (from, is_copy) = match way {
                Way::Known(i) => (known.get(i), false),
                Way::Copy(i) => (known.get(i), true),
                Way::New => (None, false),
            };
            let mut row = from
                .cloned()
                .unwrap_or_else(|| new_row(self.photo, &found.owner, found.kind, &found.path));
            if is_copy {
                row.id = None;
            }
            let is_moved = (&row.owner, &row.path) != (&found.owner, &found.path);
            self.changed |= row.id.is_none() || is_moved || found.contents.is_some();
            if let (true, Some(id)) = (is_moved, row.id) {
                self.moved.push((id, row.digest.clone()));
            }
            row.owner = found.owner;
            row.path = found.path;
            let changed_ms = found.stamp.modified_ns.div_euclid(1_000_000);
            let now = match found.contents {
                None => Now::Unseen,
                Some(contents) => {
                    // If notes are switched off, a restored old copy has none either.
                    let notes = record(&row).is_some_and(|r| r.properties().state);
                    if notes && memory(&row).is_of_another(!contents.state.is_empty()) {
                        row.record = None;
                        row.keywords.retain(|(role, ..)| *role == Role::Removed);
                    }
                    let reading = reading(&contents, &row, bookkeeping);
                    row.stamp = Some(found.stamp);
                    row.digest = contents.digest;
                    row.captured = contents.times.best();
                    Now::Read(reading)
                }
            };
            self.add(row, now, changed_ms);
        }
    }

    /// Adds the sources that the library knows and that were not found: they are gone or not
    /// available now.
    fn take_others(
        &mut self,
        known: Vec<SourceRow>,
        silent: &[(PathBuf, i64)],
        is_lost: impl Fn(&SourceRow) -> bool,
    ) {
        for row in known {
            // It was found elsewhere, or another source took its place.
            let at = (&row.owner, row.kind);
            let mut rows = self.rows.iter();
            let is_taken = rows.any(|r| r.id == row.id || (&r.owner, r.kind) == at);
            if is_taken {
                continue;
            }
            let is_listed = self.problems.iter().any(|(owner, _)| *owner == row.owner);
            let is_silent = silent.contains(&(row.owner.clone(), row.kind));
            // If the photo's file is gone and the sidecar is nowhere else, the sidecar is gone too.
            let absent = is_listed && !is_silent || is_lost(&row);
            self.changed |= absent && row.state != SourceState::Absent;
            let now = if absent { Now::Absent } else { Now::Unseen };
            self.add(row, now, 0);
        }
    }

    /// Marks each `IMG.xmp` beside an `IMG.JPG.xmp` with notes of Taglens: only the latter is
    /// written. Of both, and what is inside the photo, the sidecar is written most often.
    fn tell_second(&mut self) {
        let sources = self.rows.iter().zip(&self.model.sources);
        let says = |now: &Now| matches!(now, Now::Read(reading) if reading.marked.is_some());
        let noted = sources.filter(|(row, source)| row.kind != EMBEDDED && says(&source.now));
        let noted: Vec<(i64, PathBuf)> = noted.map(|(r, _)| (r.kind, r.owner.clone())).collect();
        let first = noted.iter().filter(|(kind, _)| *kind == 1);
        let first: Vec<PathBuf> = first.map(|(_, owner)| owner.clone()).collect();
        let noted: Vec<PathBuf> = noted.into_iter().map(|(_, owner)| owner).collect();
        for (row, source) in self.rows.iter().zip(&mut self.model.sources) {
            source.is_second = match row.kind {
                EMBEDDED if row.owner.as_os_str().is_empty() => !noted.is_empty(),
                EMBEDDED => noted.contains(&row.owner),
                2 => first.contains(&row.owner),
                _ => false,
            };
        }
    }

    /// Adds a source, the one inside the photo first. Returns its index.
    pub(crate) fn add(&mut self, row: SourceRow, now: Now, changed_ms: i64) -> usize {
        let source = Source {
            now,
            memory: memory(&row),
            changed_ms,
            is_second: false,
        };
        let at = match row.kind {
            EMBEDDED => 0,
            _ => self.rows.len(),
        };
        self.rows.insert(at, row);
        self.model.sources.insert(at, source);
        at
    }

    /// The rows to store after the decisions.
    pub(crate) fn rows_after(&self, result: &Reconciled) -> Vec<SourceRow> {
        let rows = self
            .rows
            .iter()
            .zip(&self.model.sources)
            .zip(&result.memories);
        rows.map(|((row, source), memory)| {
            let mut row = row.clone();
            match source.now {
                Now::Unseen => {}
                Now::Absent => {
                    row.state = SourceState::Absent;
                    row.stamp = None;
                    row.captured = None;
                }
                Now::Read(_) => {
                    row.state = SourceState::Read;
                    take_out(&mut row, &source.memory, memory);
                }
            }
            row.keywords = remembered(memory);
            row
        })
        .collect()
    }
}

/// The name of a source's file. One that belongs to no path is inside the photo's only file.
fn file_name(owner: &Path, only: Option<&PathBuf>) -> String {
    let path = match owner.as_os_str().is_empty() {
        true => only.map_or(owner, PathBuf::as_path),
        false => owner,
    };
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Removes from the record what is no longer ours: if it is put back, it is the user's.
fn take_out(row: &mut SourceRow, before: &Memory, after: &Memory) {
    let gone = before.written.iter().filter(|n| !after.written.contains(n));
    let gone: Vec<Keyword> = gone.filter_map(|n| keyword(&n.path)).collect();
    if let (false, Some(record)) = (gone.is_empty(), record(row)) {
        row.record = serde_json::to_string(&record.without(&gone)).ok();
    }
}

/// Returns the keywords that a photo's sidecar should have for these labels, without a library.
/// Each has its label; they are in the order of labels.
///
/// # Errors
/// If the photo's folder or its sidecar cannot be read.
pub(crate) fn wanted(
    photo: &Path,
    naming: Naming,
    given: &HashMap<String, f32>,
    labels: &Labels,
) -> Result<Vec<(KeywordPath, String)>, SidecarError> {
    let folder = Folder::read(photo.parent().unwrap_or(Path::new("")))?;
    let sidecar = folder.sidecar(photo, naming)?;
    let bookkeeping = Bookkeeping::default();
    let mut model = Photo {
        is_new: true,
        given: given.keys().cloned().collect(),
        ..Photo::default()
    };
    let mut at = None;
    for source in folder.sources(photo) {
        // No library has a photo of that number.
        let row = new_row(
            PhotoId::new(0),
            photo,
            kind_number(source.kind),
            &source.path,
        );
        if source.path == sidecar {
            at = Some(model.sources.len());
        }
        model.sources.push(Source {
            now: match source.read(&bookkeeping) {
                Ok(contents) => Now::Read(reading(&contents, &row, &bookkeeping)),
                Err(_) => Now::Unseen,
            },
            memory: Memory::default(),
            changed_ms: 0,
            is_second: false,
        });
    }
    let at = at.unwrap_or_else(|| {
        model.sources.push(Source {
            now: Now::Absent,
            memory: Memory::default(),
            changed_ms: 0,
            is_second: false,
        });
        model.sources.len() - 1
    });
    let mut result = reconcile(&model, labels, 0);
    let wanted = result
        .wanted
        .get_mut(at)
        .map(std::mem::take)
        .unwrap_or_default();
    let given = wanted
        .into_iter()
        .filter(|w| given.contains_key(&w.named.label));
    Ok(given.map(|w| (w.named.path, w.named.label)).collect())
}
