//! Lets only one process at a time bring a library up to date.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use crate::store::StoreError;
use crate::store::paths::with_suffix;

/// Held by the process that indexes; the system releases it however the process ends.
#[derive(Debug)]
pub(crate) struct IndexLock {
    file: File,
    was_clean: bool,
}

/// The lock file's content from the start of a run to its clean end.
const RUNNING: &[u8] = b"running";

impl IndexLock {
    /// Takes the lock of the library at `path`, without waiting. The file `PATH.lock` stays behind,
    /// because removing it would let two processes hold different ones.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process has it.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        let lock = with_suffix(path, ".lock");
        let failed = |source| StoreError::Lock {
            path: lock.clone(),
            source,
        };
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&lock)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {
                let mut before = Vec::new();
                let was_clean = file.read_to_end(&mut before).is_ok() && before.is_empty();
                // Without this mark, the next run at worst checks the file needlessly.
                if was_clean {
                    let _ = file.write_all(RUNNING);
                }
                Ok(Self { file, was_clean })
            }
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked {
                path: path.to_path_buf(),
            }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Whether the last run ended properly. If not, the file may be damaged.
    pub(crate) fn was_clean(&self) -> bool {
        self.was_clean
    }

    /// Records that this run has ended properly.
    pub(crate) fn end_clean(&self) {
        let _ = self.file.set_len(0);
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
        assert!(first.was_clean());
        drop(first);
        let third = IndexLock::take(&path).unwrap();
        assert!(!third.was_clean(), "the first did not come to its end");
        third.end_clean();
        drop(third);
        assert!(IndexLock::take(&path).unwrap().was_clean());
    }
}
