//! Writes a sidecar atomically: at every moment either the old file or the new one is there,
//! complete.
//!
//! The new file is written beside the old one, flushed to disk and renamed over it, under a lock on
//! the folder that all processes of Taglens take. Just before, the old file is read again: if it
//! differs from what the edit was based on, nothing is written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::sidecar::read::error::{Fault, SidecarError};
use crate::sidecar::read::folder::TEMPORARY;
use crate::sidecar::read::open::{Purpose, folder_of, open, read};

/// A lock distinguishes a running process from a killed one; this covers the moment between
/// creating the file and locking it.
const LEFTOVER_AGE: Duration = Duration::from_secs(60);
/// Writing one sidecar takes milliseconds, so only a hanging process holds the lock longer.
const LOCK_PATIENCE: Duration = Duration::from_secs(30);
const LOCK_PAUSE: Duration = Duration::from_millis(2);

/// The result of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is done.
    Done,
    /// The file was not the expected one; nothing was written.
    Changed,
}

/// Replaces `before` with `after`; `None` is a missing file. Calls `journal` when all is prepared,
/// under the lock, just before the file changes. Takes the lock only after the slow part, unless
/// the caller holds it already.
pub(crate) fn replace(
    path: &Path,
    before: Option<&[u8]>,
    after: Option<&[u8]>,
    held: Option<&Lock>,
    journal: &mut dyn FnMut() -> io::Result<()>,
) -> Result<Outcome, SidecarError> {
    let fail = |error| SidecarError::io(path, error);
    let folder = folder_of(path);
    let old = before.and_then(|_| fs::metadata(path).ok());
    if old.is_some() && after.is_some() {
        heed_permissions(path)?;
    }
    let temporary = match after {
        Some(after) => Some(Temporary::write(folder, after, old.as_ref()).map_err(fail)?),
        None => None,
    };
    let taken = match held {
        Some(_) => None,
        None => Some(Lock::take(path)?),
    };
    if read(path)?.as_deref() != before {
        return Ok(Outcome::Changed);
    }
    journal().map_err(|error| SidecarError::new(path, Fault::Journal(error)))?;
    match (temporary, before) {
        (Some(temporary), Some(_)) => temporary.rename(path).map_err(fail)?,
        (Some(temporary), None) => {
            if !temporary.create(path).map_err(fail)? {
                return Ok(Outcome::Changed);
            }
        }
        (None, Some(_)) => fs::remove_file(path).map_err(fail)?,
        (None, None) => {}
    }
    sync_folder(folder);
    drop(taken);
    Ok(Outcome::Done)
}

/// Refuses to replace a read-only file. A rename needs permission only for the folder, but whoever
/// made the file read-only meant it.
fn heed_permissions(path: &Path) -> Result<(), SidecarError> {
    match open(path, Purpose::Writing) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(SidecarError::new(path, Fault::ReadOnly))
        }
        Err(error) => Err(SidecarError::io(path, error)),
    }
}

/// A new file under an unused name, removed again unless it takes its place.
pub(crate) struct Temporary {
    path: PathBuf,
    /// Open and locked, which shows that its process is alive.
    file: File,
    placed: bool,
}

impl Temporary {
    /// Writes the bytes, with the owner and the permissions of the file that it is to replace, and
    /// flushes them to disk.
    pub(crate) fn write(
        folder: &Path,
        bytes: &[u8],
        old: Option<&fs::Metadata>,
    ) -> io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // On a shared folder, a process of another machine may have the same number.
        let time = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |t| t.as_nanos());
        let (prefix, suffix) = TEMPORARY;
        let name = format!("{prefix}{}-{number}-{time:x}{suffix}", process::id());
        let path = folder.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        if old.is_some() {
            keep_private(&mut options);
        }
        let file = options.open(&path)?;
        let mut temporary = Self {
            path,
            file,
            placed: false,
        };
        // Without locks, leftovers cannot be recognised anyway.
        let _ = temporary.file.try_lock();
        temporary.file.write_all(bytes)?;
        if let Some(old) = old {
            keep_owner(&temporary.file, old);
            temporary.file.set_permissions(old.permissions())?;
        }
        temporary.file.sync_all()?;
        Ok(temporary)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The open file.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Puts it in the place of another file.
    pub(crate) fn rename(mut self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)?;
        self.placed = true;
        Ok(())
    }

    /// Leaves what is under its name.
    pub(crate) fn leave(mut self) {
        self.placed = true;
    }

    /// Like [`Temporary::rename`], but never replaces a file that has appeared meanwhile. Returns
    /// whether there was none.
    fn create(self, to: &Path) -> io::Result<bool> {
        match fs::hard_link(&self.path, to) {
            // The other name goes with `self`.
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            // FAT has no hard links. Its rename may replace, so look once more.
            Err(_) if fs::symlink_metadata(to).is_ok() => Ok(false),
            Err(_) => self.rename(to).map(|()| true),
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.placed {
            // If this fails, a later run finds the file as a leftover.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Until it has the old file's permissions, nobody else may read it.
#[cfg(unix)]
fn keep_private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn keep_private(_: &mut OpenOptions) {}

/// Gives the new file the old one's group, and its owner if that is allowed.
#[cfg(unix)]
fn keep_owner(file: &File, old: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    let Ok(new) = file.metadata() else {
        return;
    };
    if (new.uid(), new.gid()) != (old.uid(), old.gid())
        && fchown(file, Some(old.uid()), Some(old.gid())).is_err()
    {
        // Only the superuser can change the owner; otherwise change at least the group.
        let _ = fchown(file, None, Some(old.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &fs::Metadata) {}

/// Whether the last wait for the lock on a folder was in vain.
static WAITED_IN_VAIN: AtomicBool = AtomicBool::new(false);

/// Keeps other processes of Taglens from writing in a folder. The lock is on the folder itself, so
/// it leaves no file beside photos, and it ends with the process.
pub(crate) struct Lock {
    /// `None` on systems without locks on folders: Windows, some network file systems.
    _handle: Option<File>,
}

impl Lock {
    /// Waits for the lock on a sidecar's folder.
    pub(crate) fn take(path: &Path) -> Result<Self, SidecarError> {
        let Ok(handle) = File::open(folder_of(path)) else {
            return Ok(Self { _handle: None });
        };
        let start = Instant::now();
        // Ten thousand sidecars do not wait one after the other.
        let patience = match WAITED_IN_VAIN.load(Ordering::Relaxed) {
            true => Duration::ZERO,
            false => LOCK_PATIENCE,
        };
        loop {
            match handle.try_lock() {
                Ok(()) => {
                    WAITED_IN_VAIN.store(false, Ordering::Relaxed);
                    break;
                }
                Err(fs::TryLockError::Error(_)) => return Ok(Self { _handle: None }),
                Err(fs::TryLockError::WouldBlock) if start.elapsed() > patience => {
                    WAITED_IN_VAIN.store(true, Ordering::Relaxed);
                    let seconds = LOCK_PATIENCE.as_secs();
                    return Err(SidecarError::new(path, Fault::Busy { seconds }));
                }
                Err(fs::TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
            }
        }
        Ok(Self {
            _handle: Some(handle),
        })
    }
}

/// Flushes the folder's entries to disk, as far as the system can. Even without this, the file is
/// complete, with its old or its new content.
pub(crate) fn sync_folder(folder: &Path) {
    if let Ok(handle) = File::open(folder) {
        let _ = handle.sync_all();
    }
}

/// Removes an unfinished file of a dead process.
pub(crate) fn remove_leftover(path: &Path) {
    let old = fs::symlink_metadata(path).is_ok_and(|metadata| {
        let age = metadata
            .modified()
            .ok()
            .and_then(|time| time.elapsed().ok());
        metadata.is_file() && age.is_some_and(|age| age > LEFTOVER_AGE)
    });
    if old
        && let Ok(file) = File::open(path)
        && file.try_lock().is_ok()
    {
        let _ = fs::remove_file(path);
    }
}
