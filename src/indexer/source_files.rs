//! The sources of a photo's keywords on disk: finds them and reads those that have changed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::core::photo::FileStamp;
use crate::sidecar::{Bookkeeping, Folder, SidecarError, Source, SourceContents, SourceKind};
use crate::store::{SourceRow, SourceState};

/// Folder listings, so that each folder is listed once for all its photos.
#[derive(Debug, Default)]
pub(crate) struct Folders(HashMap<PathBuf, Option<Folder>>);

impl Folders {
    /// Returns the listing of a folder; `None` if it cannot be read.
    pub(crate) fn get(&mut self, path: &Path) -> Option<&Folder> {
        let listed = self.0.entry(path.to_path_buf());
        listed.or_insert_with(|| Folder::read(path).ok()).as_ref()
    }

    /// Drops the listings after a write.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }
}

/// A file's unreadable sidecars, each with the reason.
pub(crate) type Problems = (PathBuf, Vec<(PathBuf, String)>);

/// The kind of the source inside a photo.
pub(crate) const EMBEDDED: i64 = 0;

/// The kind's number in the library.
pub(crate) fn kind_number(kind: SourceKind) -> i64 {
    match kind {
        SourceKind::Embedded => EMBEDDED,
        SourceKind::FullName => 1,
        SourceKind::Stem => 2,
    }
}

/// An existing source.
pub(crate) struct SourceFile {
    /// The photo's file that it belongs to; empty for the source inside the photo.
    pub(crate) owner: PathBuf,
    pub(crate) kind: i64,
    /// Empty for the source inside the photo.
    pub(crate) path: PathBuf,
    pub(crate) stamp: FileStamp,
    /// Its contents; `None` if it has not changed since it was last read.
    pub(crate) contents: Option<SourceContents>,
}

/// The sources of a photo on disk.
#[derive(Default)]
pub(crate) struct SourceFiles {
    /// The readable ones.
    pub(crate) found: Vec<SourceFile>,
    /// Owner and kind of existing sources that cannot be read now. If they are known, the known
    /// contents count.
    pub(crate) silent: Vec<(PathBuf, i64)>,
    /// Problems of each file in a folder that could be listed.
    pub(crate) problems: Vec<Problems>,
}

impl SourceFiles {
    /// Finds the sources of a photo with the paths `present`, and reads those that differ from
    /// `known`.
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

    /// Adds one source of the file `owner`.
    fn take(
        &mut self,
        source: Source,
        owner: &Path,
        known: &[SourceRow],
        bookkeeping: &Bookkeeping,
    ) -> Result<(), SidecarError> {
        let kind = kind_number(source.kind);
        // The metadata inside the photo is the same in each copy.
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
