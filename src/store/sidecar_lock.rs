//! Keeps a process from reading sidecars while another writes them for the same library.

use std::fs::{File, OpenOptions, TryLockError};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::store::paths::with_suffix;
use crate::store::{Store, StoreError};

/// How long to wait before the lock is tried again.
const RETRY: Duration = Duration::from_millis(1);

/// How long to wait at most, as for SQLite's locks.
const PATIENCE: Duration = Duration::from_secs(20);

/// Held from the first look at some sidecars until the library has what they say, and until it has
/// what was written into them. In between, the library and the sidecars do not agree, and a look at
/// them would take Taglens's keywords for the user's, or for removed ones.
///
/// The system releases it however the process ends.
#[derive(Debug)]
pub(crate) struct SidecarLock {
    /// `None` if the lock cannot be had: no other program writes to a library whose folder cannot be
    /// written, and not every file system knows locks.
    file: Option<File>,
    taken: Instant,
}

impl SidecarLock {
    /// Releases the lock, and leaves the others a moment in which to take it.
    pub(crate) fn pass_on(self) {
        let pause = (self.taken.elapsed() / 50).clamp(RETRY * 2, RETRY * 20);
        let is_held = self.file.is_some();
        drop(self);
        if is_held {
            std::thread::sleep(pause);
        }
    }
}

impl Store {
    /// Waits for the lock of the library's sidecars. It is not held if `stop` is set meanwhile.
    ///
    /// The file `PATH.sidecars.lock` stays behind, because removing it would let two processes hold
    /// different ones.
    ///
    /// # Errors
    /// [`StoreError::SidecarsLocked`] if another process keeps it.
    pub(crate) fn lock_sidecars(&self, stop: &AtomicBool) -> Result<SidecarLock, StoreError> {
        self.lock_sidecars_within(PATIENCE, stop)
    }

    fn lock_sidecars_within(
        &self,
        patience: Duration,
        stop: &AtomicBool,
    ) -> Result<SidecarLock, StoreError> {
        let began = Instant::now();
        let path = with_suffix(&self.path, ".sidecars.lock");
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        let mut file = options.open(path).ok();
        while let Some(locked) = &file {
            match locked.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if !stop.load(Ordering::Relaxed) => {
                    let waited = began.elapsed();
                    if waited > patience {
                        let path = self.path.clone();
                        return Err(StoreError::SidecarsLocked { path, waited });
                    }
                    std::thread::sleep(RETRY);
                }
                Err(_) => file = None,
            }
        }
        let taken = Instant::now();
        Ok(SidecarLock { file, taken })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[test]
    fn only_one_holds_it_at_a_time_and_waiting_ends() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("library.sqlite")).unwrap();
        let (stop, inside) = (AtomicBool::new(false), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let store = store.reader().unwrap();
                let (stop, inside) = (&stop, &inside);
                scope.spawn(move || {
                    for _ in 0..20 {
                        let lock = store.lock_sidecars(stop).unwrap();
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        std::thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                        lock.pass_on();
                    }
                });
            }
        });
        let _held = store.lock_sidecars(&stop).unwrap();
        let error = store.lock_sidecars_within(RETRY, &stop).unwrap_err();
        assert!(error.to_string().contains("another Taglens"), "{error}");
        stop.store(true, Ordering::Relaxed);
        assert!(store.lock_sidecars(&stop).unwrap().file.is_none());
    }
}
