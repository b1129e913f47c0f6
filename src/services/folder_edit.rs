//! Adds folders to a library.

use std::path::{Path, PathBuf};

use crate::folders::roots;
use crate::folders::roots::FolderError;
use crate::store::{Store, StoreError};

/// Why a folder was not added.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AddError {
    /// It does not exist, or is not a folder.
    #[error("{} is no folder that can be looked into; name a folder with photos", .0.display())]
    NoFolder(PathBuf),
    /// It conflicts with the library's folders.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The path is relative and the current folder is unknown.
    #[error("the current folder cannot be found: {0}")]
    Current(std::io::Error),
    /// The library cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds a folder and returns the library's folder for it. A folder inside another is already in the
/// library; one that contains others replaces them.
///
/// # Errors
/// See [`AddError`]; the library is then unchanged.
pub(crate) fn add(store: &mut Store, named: &Path) -> Result<PathBuf, AddError> {
    let current = std::env::current_dir().map_err(AddError::Current)?;
    let folder = roots::normalise(named, &current, |p| p.canonicalize())?;
    let existing = store.folders()?;
    let paths: Vec<PathBuf> = existing.iter().map(|f| f.path.clone()).collect();
    // A folder on a disconnected drive cannot be read but may be known.
    if !paths.contains(&folder) && !folder.is_dir() {
        return Err(AddError::NoFolder(folder));
    }
    match roots::check_new(&folder, &paths, |p| p.canonicalize().ok()) {
        Ok(()) => {
            store.write(|w| w.add_folder(&folder))?;
            Ok(folder)
        }
        Err(FolderError::AlreadyThere { existing, .. }) => Ok(existing),
        Err(FolderError::Inside { outer, .. }) => Ok(outer),
        Err(FolderError::Contains { inner, .. }) => {
            store.write(|w| {
                let outer = w.add_folder(&folder)?;
                existing
                    .iter()
                    .filter(|f| inner.contains(&f.path))
                    .try_for_each(|f| w.merge_folder(f.id, outer))
            })?;
            Ok(folder)
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_in_another_stands_for_it_and_one_around_others_takes_their_place() {
        let root = tempfile::tempdir().unwrap();
        let outer = root.path().canonicalize().unwrap().join("photos");
        let inner = outer.join("2024");
        std::fs::create_dir_all(&inner).unwrap();
        let mut store = Store::open(&root.path().join("library.sqlite")).unwrap();
        let folders = |store: &Store| -> Vec<PathBuf> {
            store
                .folders()
                .unwrap()
                .into_iter()
                .map(|f| f.path)
                .collect()
        };
        assert_eq!(add(&mut store, &inner).unwrap(), inner);
        assert_eq!(add(&mut store, &outer).unwrap(), outer);
        assert_eq!(folders(&store), std::slice::from_ref(&outer));
        assert_eq!(add(&mut store, &inner).unwrap(), outer);
        let none = add(&mut store, &outer.join("none")).unwrap_err();
        assert!(none.to_string().contains("none is no folder"), "{none}");
        assert_eq!(folders(&store), [outer]);
    }
}
