//! One process at a time brings a library up to date.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::store::StoreError;
use crate::store::schema::with_suffix;

/// Held by the process that indexes; the system lets go of it however the process ends.
#[derive(Debug)]
pub(crate) struct IndexLock {
    _file: File,
}

impl IndexLock {
    /// Takes the lock of the library at `path`, without waiting for it. The empty file
    /// `PATH.lock` stays behind: taking it away would let two processes hold different ones.
    ///
    /// # Errors
    /// [`StoreError::Locked`] where another process has it.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        let lock = with_suffix(path, ".lock");
        let failed = |source| StoreError::Lock {
            path: lock.clone(),
            source,
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked {
                path: path.to_path_buf(),
            }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_so_and_may_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.sqlite");
        let first = IndexLock::take(&path).unwrap();
        let second = IndexLock::take(&path).unwrap_err();
        assert!(matches!(second, StoreError::Locked { .. }), "{second}");
        drop(first);
        IndexLock::take(&path).unwrap();
    }
}
