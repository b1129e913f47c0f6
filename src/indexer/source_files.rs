//! The sources of a photo's keywords as they lie on the disk: found, and read where they have changed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::core::photo::FileStamp;
use crate::sidecar::{Bookkeeping, Folder, SidecarError, Source, SourceContents, SourceKind};
use crate::store::{SourceRow, SourceState};

/// Folders that were listed, so that each is listed once for all its photos.
#[derive(Debug, Default)]
pub(crate) struct Folders(HashMap<PathBuf, Option<Folder>>);

impl Folders {
    /// The listing of a folder; `None` where it cannot be looked into.
    pub(crate) fn get(&mut self, path: &Path) -> Option<&Folder> {
        let listed = self.0.entry(path.to_path_buf());
        listed.or_insert_with(|| Folder::read(path).ok()).as_ref()
    }

    /// Forgets the listings: something was written.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }
}

/// Sidecars of one file that could not be read, each with the reason.
pub(crate) type Problems = (PathBuf, Vec<(PathBuf, String)>);

/// The number of the source inside a photo.
pub(crate) const EMBEDDED: i64 = 0;

/// As the library numbers the kinds.
pub(crate) fn kind_number(kind: SourceKind) -> i64 {
    match kind {
        SourceKind::Embedded => EMBEDDED,
        SourceKind::FullName => 1,
        SourceKind::Stem => 2,
    }
}

/// A source that is there.
pub(crate) struct SourceFile {
    /// The photo's file that it belongs to; empty for what is inside the photo.
    pub(crate) owner: PathBuf,
    pub(crate) kind: i64,
    /// Empty for what is inside the photo.
    pub(crate) path: PathBuf,
    pub(crate) stamp: FileStamp,
    /// What it says; `None` where it is as it was when it was last read.
    pub(crate) contents: Option<SourceContents>,
}

/// What lies on the disk of a photo's sources.
#[derive(Default)]
pub(crate) struct SourceFiles {
    /// Those that can be read.
    pub(crate) found: Vec<SourceFile>,
    /// Owner and kind of those that are there and say nothing: where they are known, what is known
    /// counts.
    pub(crate) silent: Vec<(PathBuf, i64)>,
    /// Of each file whose folder could be listed.
    pub(crate) problems: Vec<Problems>,
}

impl SourceFiles {
    /// Looks at the sources of a photo that lies at `present`, and reads those that differ from what
    /// is `known`.
    pub(crate) fn look(
        present: &[PathBuf],
        known: &[SourceRow],
        folders: &mut Folders,
        bookkeeping: &Bookkeeping,
    ) -> Self {
        let mut files = Self::default();
        for owner in present {
            let Some(folder) = folders.get(owner.parent().unwrap_or(Path::new(""))) else {
                continue;
            };
            let mut problems = Vec::new();
            for source in folder.sources(owner) {
                if let Err(error) = files.take(source, owner, known, bookkeeping) {
                    problems.push((error.path.clone(), error.to_string()));
                }
            }
            files.problems.push((owner.clone(), problems));
        }
        files
    }

    /// Takes in one source of the file `owner`.
    fn take(
        &mut self,
        source: Source,
        owner: &Path,
        known: &[SourceRow],
        bookkeeping: &Bookkeeping,
    ) -> Result<(), SidecarError> {
        let kind = kind_number(source.kind);
        // What is inside the photo is the same in each copy.
        if kind == EMBEDDED && self.found.iter().any(|f| f.kind == EMBEDDED) {
            return Ok(());
        }
        let place = match kind {
            EMBEDDED => PathBuf::new(),
            _ => owner.to_path_buf(),
        };
        let stamp = match source.found {
            Ok(stamp) => stamp,
            Err(error) => {
                self.silent.push((place, kind));
                return match kind {
                    EMBEDDED => Ok(()),
                    _ => Err(error),
                };
            }
        };
        let row = known
            .iter()
            .find(|row| row.owner == place && row.kind == kind);
        let is_new = row.is_none_or(|row| {
            let same = kind == EMBEDDED || row.stamp == Some(stamp) && row.path == source.path;
            row.state != SourceState::Read || !same
        });
        let contents = match is_new.then(|| source.read(bookkeeping)).transpose() {
            Ok(contents) => contents,
            Err(error) => {
                self.silent.push((place, kind));
                return Err(error);
            }
        };
        self.found.push(SourceFile {
            owner: place,
            kind,
            path: match kind {
                EMBEDDED => PathBuf::new(),
                _ => source.path,
            },
            stamp,
            contents,
        });
        Ok(())
    }
}
