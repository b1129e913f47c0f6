//! The sources of a photo's keywords on disk: finds them and reads those that have changed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};

use crate::core::photo::FileStamp;
use crate::sidecar::{
    Bookkeeping, Fault, Folder, SidecarError, Source, SourceContents, SourceKind,
};
use crate::store::{SourceRow, SourceState};

/// Folder listings, so that each folder is listed once for all its photos.
#[derive(Debug, Default)]
pub(crate) struct Folders(HashMap<PathBuf, Folder>);

impl Folders {
    /// Returns the listing of a folder. One that cannot be read is tried again for its next photo.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn get(&mut self, path: &Path) -> Result<&Folder, SidecarError> {
        match self.0.entry(path.to_path_buf()) {
            Entry::Occupied(listed) => Ok(listed.into_mut()),
            Entry::Vacant(unlisted) => Ok(unlisted.insert(Folder::read(path)?)),
        }
    }

    /// Drops the listings of all folders but one.
    pub(crate) fn forget_others(&mut self, folder: &Path) {
        self.0.retain(|path, _| path == folder);
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
    /// The photo's file that it belongs to; empty for the source inside its only file.
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
    /// The other files, each with the reason. What is known of their sources counts.
    pub(crate) unlisted: Vec<Problems>,
}

impl SourceFiles {
    /// Finds the sources of a photo with the paths `present`, and reads those that differ from
    /// `known`. With `is_only`, it has no other file: then the source inside it belongs to the photo.
    pub(crate) fn look(
        present: &[PathBuf],
        is_only: bool,
        known: &[SourceRow],
        folders: &mut Folders,
        bookkeeping: &Bookkeeping,
    ) -> Self {
        let mut files = Self::default();
        for owner in present {
            let folder = match folders.get(owner.parent().unwrap_or(Path::new(""))) {
                Ok(folder) => folder,
                Err(error) => {
                    // One that has just vanished is no problem: the next scan sees that.
                    if !matches!(error.fault, Fault::NotFound) {
                        let reason = (error.path.clone(), error.to_string());
                        files.unlisted.push((owner.clone(), vec![reason]));
                    }
                    continue;
                }
            };
            let mut problems = Vec::new();
            for source in folder.sources(owner) {
                let place = match (kind_number(source.kind), is_only) {
                    (EMBEDDED, true) => Path::new(""),
                    _ => owner,
                };
                if let Err(error) = files.take(source, place, known, bookkeeping) {
                    problems.push((error.path.clone(), error.to_string()));
                }
            }
            files.problems.push((owner.clone(), problems));
        }
        files
    }

    /// Adds one source, which belongs to `owner`.
    fn take(
        &mut self,
        source: Source,
        owner: &Path,
        known: &[SourceRow],
        bookkeeping: &Bookkeeping,
    ) -> Result<(), SidecarError> {
        let kind = kind_number(source.kind);
        let place = owner.to_path_buf();
        let stamp = match source.found {
            Ok(stamp) => stamp,
            Err(error) => {
                self.silent.push((place, kind));
                return match (kind, &error.fault) {
                    // The next scan notices that the photo is gone.
                    (EMBEDDED, Fault::NotFound) => Ok(()),
                    _ => Err(error),
                };
            }
        };
        let row = known
            .iter()
            .find(|row| row.owner == place && row.kind == kind);
        let is_new = row.is_none_or(|row| {
            let is_there = kind == EMBEDDED || row.path == source.path;
            row.state != SourceState::Read || row.stamp != Some(stamp) || !is_there
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_folder_at_hand_stays_listed() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let mut folders = Folders::default();
        folders.get(folder.path()).unwrap();
        folders.get(&inner).unwrap();
        folders.forget_others(&inner);
        assert_eq!(folders.0.keys().collect::<Vec<_>>(), [&inner]);
    }

    #[test]
    fn a_folder_that_cannot_be_listed_is_named_and_one_that_is_gone_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let photos = [file.join("a.jpg"), folder.path().join("gone").join("b.jpg")];
        let mut folders = Folders::default();
        let files = SourceFiles::look(&photos, false, &[], &mut folders, &Bookkeeping::default());
        let unlisted: Vec<&PathBuf> = files.unlisted.iter().map(|(owner, _)| owner).collect();
        assert_eq!(unlisted, [&photos[0]]);
        assert_eq!(files.unlisted[0].1[0].0, file);
        assert!(files.problems.is_empty() && files.found.is_empty());
    }
}
