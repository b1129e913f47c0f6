//! The sources of a photo's keywords: found on the disk, known again from the library, read, and
//! laid out for [`reconcile`](crate::keywords::reconcile()).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::core::photo::FileStamp;
use crate::indexer::shared::PipelineError;
use crate::keywords::{
    By, KeywordPath, Labels, Memory, Named, Now, Photo, Place, Reading, Reconciled, Source, Way,
    follow, reconcile,
};
use crate::sidecar::{
    Bookkeeping, Folder, Keyword, Naming, Record, SidecarError, SourceContents, SourceKind,
};
use crate::store::{Role, SourceRow, SourceState, Store};

/// Folders that were listed, so that each is listed once for all its photos.
#[derive(Debug, Default)]
pub(crate) struct Folders(HashMap<PathBuf, Option<Folder>>);

impl Folders {
    /// The listing of a folder; `None` where it cannot be looked into.
    pub fn get(&mut self, path: &Path) -> Option<&Folder> {
        let listed = self.0.entry(path.to_path_buf());
        listed.or_insert_with(|| Folder::read(path).ok()).as_ref()
    }

    /// Forgets the listings: something was written.
    pub fn forget(&mut self) {
        self.0.clear();
    }
}

/// Sidecars of one file that could not be read, each with the reason.
pub(crate) type Problems = (PathBuf, Vec<(PathBuf, String)>);

/// A photo's sources.
#[derive(Debug)]
pub(crate) struct Survey {
    /// The photo.
    pub photo: i64,
    /// What the library knows of each, where it lies now.
    pub rows: Vec<SourceRow>,
    /// The model's view, source by source as `rows`; without decisions.
    pub model: Photo,
    /// Of each present file of the photo.
    pub problems: Vec<Problems>,
    /// Whether anything differs from what the library knows.
    pub changed: bool,
}

/// A source on the disk.
struct OnDisk {
    owner: PathBuf,
    kind: i64,
    path: PathBuf,
    stamp: FileStamp,
    contents: Option<SourceContents>,
}

const EMBEDDED: i64 = 0;

fn kind_number(kind: SourceKind) -> i64 {
    match kind {
        SourceKind::Embedded => EMBEDDED,
        SourceKind::FullName => 1,
        SourceKind::Stem => 2,
    }
}

/// Looks at the sources of a photo that lies at `present`; of those that have changed since they
/// were last read, reads what they hold. `elsewhere` are its files that cannot be seen now.
///
/// # Errors
/// Where the library cannot be read.
pub(crate) fn survey(
    store: &Store,
    folders: &mut Folders,
    bookkeeping: &Bookkeeping,
    photo: i64,
    present: &[PathBuf],
    elsewhere: &[PathBuf],
) -> Result<Survey, PipelineError> {
    let known = store.sources(photo)?;
    let mut survey = Survey {
        photo,
        rows: Vec::new(),
        model: Photo::default(),
        problems: Vec::new(),
        changed: false,
    };
    let mut found: Vec<OnDisk> = Vec::new();
    // Sidecars that are there and say nothing: where they are known, what is known counts.
    let mut silent: Vec<(PathBuf, i64)> = Vec::new();
    let mut listed: Vec<&PathBuf> = Vec::new();
    for owner in present {
        let Some(folder) = folders.get(owner.parent().unwrap_or(Path::new(""))) else {
            continue;
        };
        listed.push(owner);
        let mut problems = Vec::new();
        for source in folder.sources(owner) {
            let kind = kind_number(source.kind);
            // What is inside the photo is the same in each copy.
            if kind == EMBEDDED && found.iter().any(|f| f.kind == EMBEDDED) {
                continue;
            }
            let place = match kind {
                EMBEDDED => PathBuf::new(),
                _ => owner.clone(),
            };
            let stamp = match source.found {
                Ok(stamp) => stamp,
                Err(error) => {
                    silent.push((place, kind));
                    if kind != EMBEDDED {
                        problems.push((error.path.clone(), error.to_string()));
                    }
                    continue;
                }
            };
            let row = known
                .iter()
                .find(|row| row.owner == place && row.kind == kind);
            let is_new = row.is_none_or(|row| {
                let same = kind == EMBEDDED || row.stamp == Some(stamp) && row.path == source.path;
                row.state != SourceState::Read || !same
            });
            let contents = match is_new.then(|| source.read(bookkeeping)) {
                None => None,
                Some(Ok(contents)) => Some(contents),
                Some(Err(error)) => {
                    silent.push((place, kind));
                    problems.push((error.path.clone(), error.to_string()));
                    continue;
                }
            };
            found.push(OnDisk {
                owner: place,
                kind,
                path: match kind {
                    EMBEDDED => PathBuf::new(),
                    _ => source.path,
                },
                stamp,
                contents,
            });
        }
        survey.problems.push((owner.clone(), problems));
    }
    let lost = |owner: &PathBuf| {
        !owner.as_os_str().is_empty() && !present.contains(owner) && !elsewhere.contains(owner)
    };
    survey.take_found(&known, found, lost, bookkeeping);
    for row in known {
        let is_taken = survey.rows.iter().any(|r| r.id == row.id);
        if is_taken || lost(&row.owner) {
            continue;
        }
        let is_listed = listed.contains(&&row.owner);
        let is_silent = silent.contains(&(row.owner.clone(), row.kind));
        let absent = row.kind != EMBEDDED && is_listed && !is_silent;
        survey.changed |= absent && row.state != SourceState::Absent;
        let now = if absent { Now::Absent } else { Now::Unseen };
        survey.add(row, now, 0);
    }
    Ok(survey)
}

impl Survey {
    /// Recognises the sources that are there.
    fn take_found(
        &mut self,
        known: &[SourceRow],
        found: Vec<OnDisk>,
        lost: impl Fn(&PathBuf) -> bool,
        bookkeeping: &Bookkeeping,
    ) {
        let name = |path: &Path| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        };
        let places: Vec<Place<(PathBuf, i64)>> = known
            .iter()
            .map(|row| Place {
                at: (row.owner.clone(), row.kind),
                name: name(&row.owner),
                kind: row.kind,
                digest: row.digest.clone(),
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
        let is_free = |i: usize| known.get(i).is_some_and(|row| lost(&row.owner));
        let ways = follow(&places, is_free, &now);
        for (found, way) in found.into_iter().zip(ways) {
            let (from, is_copy) = match way {
                Way::Known(i) => (known.get(i), false),
                Way::Copy(i) => (known.get(i), true),
                Way::New => (None, false),
            };
            let mut row = from.cloned().unwrap_or_else(|| new_row(self.photo, &found));
            if is_copy {
                row.id = 0;
            }
            let is_moved = (&row.owner, &row.path) != (&found.owner, &found.path);
            self.changed |= row.id == 0 || is_moved || found.contents.is_some();
            row.owner = found.owner;
            row.path = found.path;
            let changed_ms = found.stamp.modified_ns.div_euclid(1_000_000);
            let now = match found.contents {
                None => Now::Unseen,
                Some(contents) => {
                    let reading = reading(&contents, &row, bookkeeping);
                    row.stamp = Some(found.stamp);
                    row.digest = contents.digest;
                    Now::Read(reading)
                }
            };
            self.add(row, now, changed_ms);
        }
    }

    /// Adds a source; what is inside the photo comes first. Gives its index.
    pub fn add(&mut self, row: SourceRow, now: Now, changed_ms: i64) -> usize {
        let source = Source {
            now,
            memory: memory(&row),
            changed_ms,
        };
        let at = match row.kind {
            EMBEDDED => 0,
            _ => self.rows.len(),
        };
        self.rows.insert(at, row);
        self.model.sources.insert(at, source);
        at
    }

    /// The rows as they are to be kept after the decisions.
    pub fn rows_after(&self, result: &Reconciled) -> Vec<SourceRow> {
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
                }
                Now::Read(_) => row.state = SourceState::Read,
            }
            row.keywords = remembered(memory);
            row
        })
        .collect()
    }
}

fn new_row(photo_id: i64, found: &OnDisk) -> SourceRow {
    SourceRow {
        id: 0,
        photo_id,
        owner: found.owner.clone(),
        kind: found.kind,
        path: found.path.clone(),
        state: SourceState::Unread,
        stamp: None,
        digest: String::new(),
        record: None,
        keywords: Vec::new(),
    }
}

/// A row for a sidecar that does not exist yet.
pub(crate) fn row_to_be(photo_id: i64, owner: &Path, sidecar: &Path) -> SourceRow {
    let named = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().len();
    SourceRow {
        id: 0,
        photo_id,
        owner: owner.to_path_buf(),
        kind: if named(sidecar) > named(owner) { 1 } else { 2 },
        path: sidecar.to_path_buf(),
        state: SourceState::Unread,
        stamp: None,
        digest: String::new(),
        record: None,
        keywords: Vec::new(),
    }
}

/// What the library remembers of a source, for the model.
fn memory(row: &SourceRow) -> Memory {
    let of = |role: Role| {
        let own = row.keywords.iter().filter(move |(r, ..)| *r == role);
        own.filter_map(|(_, path, label)| {
            Some(Named {
                path: KeywordPath::parse(path)?,
                label: label.clone(),
            })
        })
    };
    Memory {
        seen: (row.state == SourceState::Read || of(Role::Seen).next().is_some())
            .then(|| of(Role::Seen).collect()),
        written: of(Role::Written).collect(),
        moved: of(Role::Moved).collect(),
        removed: of(Role::Removed).collect(),
        marked: of(Role::Marked).collect(),
        was_absent: row.state == SourceState::Absent,
    }
}

/// What the library is to remember of a source.
pub(crate) fn remembered(memory: &Memory) -> Vec<(Role, String, String)> {
    let of = |role: Role, list: &[Named]| -> Vec<(Role, String, String)> {
        let named = list
            .iter()
            .map(|n| (role, n.path.to_string(), n.label.clone()));
        named.collect()
    };
    let mut all = of(Role::Seen, memory.seen.as_deref().unwrap_or_default());
    all.extend(of(Role::Written, &memory.written));
    all.extend(of(Role::Moved, &memory.moved));
    all.extend(of(Role::Removed, &memory.removed));
    all.extend(of(Role::Marked, &memory.marked));
    all
}

/// What a source holds, told from what Taglens wrote there.
fn reading(contents: &SourceContents, row: &SourceRow, bookkeeping: &Bookkeeping) -> Reading {
    let record = record(row).unwrap_or_default();
    let keywords = paths(&contents.keywords);
    let without = paths(&record.theirs(contents, bookkeeping));
    let keys: Vec<String> = without.iter().map(KeywordPath::key).collect();
    let theirs = keywords.iter().filter(|k| keys.contains(&k.key()));
    let written = row
        .keywords
        .iter()
        .filter(|(role, ..)| *role == Role::Written);
    let written = written.filter_map(|(_, path, _)| KeywordPath::parse(path));
    let gone = written.filter(|path| {
        keyword(path).is_none_or(|keyword| contents.lacks(&keyword, record.properties()))
    });
    let marked: Vec<(By, KeywordPath)> = contents
        .state
        .iter()
        .filter_map(|value| {
            let (by, path) = value.split_once('|')?;
            Some((By::named(by)?, KeywordPath::parse(path)?))
        })
        .collect();
    Reading {
        theirs: theirs.cloned().collect(),
        gone: gone.collect(),
        flat: contents.flat().to_vec(),
        marked: (!marked.is_empty()).then_some(marked),
        keywords,
    }
}

/// The record of what Taglens wrote into a source.
pub(crate) fn record(row: &SourceRow) -> Option<Record> {
    serde_json::from_str(row.record.as_deref()?).ok()
}

/// A keyword as the sidecar part has it; `None` for what no sidecar can hold.
pub(crate) fn keyword(path: &KeywordPath) -> Option<Keyword> {
    Keyword::new(path.names()).ok()
}

fn paths(keywords: &[Keyword]) -> Vec<KeywordPath> {
    keywords
        .iter()
        .filter_map(|k| KeywordPath::new(k.path()))
        .collect()
}

/// What a sidecar is to say of a keyword that Taglens writes into it.
pub(crate) fn mark(by: By, path: &KeywordPath) -> String {
    format!("{}|{path}", by.name())
}

/// What a photo's sidecar should have of these labels, without a library: the keywords, each with its
/// label, in the order of labels.
///
/// # Errors
/// Where the photo's folder or its sidecar cannot be read.
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
        given: given.keys().cloned().collect(),
        ..Photo::default()
    };
    let mut at = None;
    for source in folder.sources(photo) {
        let found = OnDisk {
            owner: photo.to_path_buf(),
            kind: kind_number(source.kind),
            path: source.path.clone(),
            stamp: FileStamp {
                size_bytes: 0,
                modified_ns: 0,
            },
            contents: None,
        };
        let row = new_row(0, &found);
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
        });
    }
    let at = at.unwrap_or_else(|| {
        model.sources.push(Source {
            now: Now::Absent,
            memory: Memory::default(),
            changed_ms: 0,
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
