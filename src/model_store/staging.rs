//! Temporary folders: models are built and removed beside their final place, under names that no
//! model can have.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::model_store::error::{ModelStoreError, at};
use crate::model_store::files::{check_space, each_block, sha256};
use crate::model_store::manifest::ManifestFile;
use crate::model_store::progress::Interrupt;

const PREFIX: &str = ".staging-";
/// The suffix of the file that the program keeps locked for its staging folder.
const LOCK: &str = ".lock";
/// The place of a model that is being replaced.
const REPLACED: &str = "replaced";
/// If nothing shows whether the program still runs, a folder this old counts as left over.
const ABANDONED_AFTER: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// A file to install, and whether it may be linked instead of copied.
pub(crate) struct Part {
    pub(crate) from: PathBuf,
    /// Its name in the model's folder.
    pub(crate) name: String,
    /// Whether nobody changes the original in place, so that a hard link is enough.
    pub(crate) shareable: bool,
    /// Its digest, if already known.
    pub(crate) sha256: Option<String>,
}

/// A folder that is removed with this value, unless it was put in place.
pub(crate) struct Staging {
    folder: PathBuf,
    /// Held as long as this program uses the folder; the system releases it if the program is
    /// killed.
    _lock: File,
}

impl Drop for Staging {
    fn drop(&mut self) {
        // If this fails, the next installation tries again: it takes the folder for a dead program's
        // as long as the lock's file is there and nobody holds it.
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {}
            _ => drop(fs::remove_file(lock_of(&self.folder))),
        }
    }
}

impl Staging {
    pub(crate) fn new(models: &Path, name: &str) -> Result<Self, ModelStoreError> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        fs::create_dir_all(models).map_err(at("create", models))?;
        remove_leftovers(models);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let folder = models.join(format!("{PREFIX}{name}-{}-{number}", std::process::id()));
        let path = lock_of(&folder);
        let lock = File::create(&path).map_err(at("create", &path))?;
        // Without locks, the folder's age decides.
        let _ = lock.try_lock();
        // Left by an earlier program with the same process id.
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(at("remove", &folder))?;
        }
        let staging = Self {
            folder,
            _lock: lock,
        };
        fs::create_dir(&staging.folder).map_err(at("create", &staging.folder))?;
        Ok(staging)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Refuses parts that do not fit on the disk.
    pub(crate) fn check_space(&self, parts: &[Part]) -> Result<(), ModelStoreError> {
        // Links take no space, but only trying shows whether they work.
        let copied = parts.iter().filter(|part| !part.shareable);
        let bytes = copied.map(|part| fs::metadata(&part.from).map_or(0, |m| m.len()));
        check_space(&self.folder, bytes.sum())
    }

    /// Links or copies a file into the folder, and flushes it to disk.
    pub(crate) fn add(
        &self,
        part: &Part,
        interrupt: &Interrupt,
    ) -> Result<ManifestFile, ModelStoreError> {
        let to = self.folder.join(&part.name);
        let linked = part.shareable && fs::hard_link(&part.from, &to).is_ok();
        if !linked {
            copy(&part.from, &to, interrupt)?;
        }
        let file = File::open(&to).map_err(at("read", &to))?;
        // Some file systems cannot sync a file opened for reading. The rename that follows is what
        // counts; this makes it durable where it works.
        let _ = file.sync_all();
        let size_bytes = file.metadata().map_err(at("read", &to))?.len();
        let sha256 = match &part.sha256 {
            Some(known) => known.clone(),
            None => {
                let mut go_on = |_| match interrupt.is_set() {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                };
                let digest = sha256(&to, &mut go_on)?;
                interrupt.check()?;
                digest.unwrap_or_default()
            }
        };
        Ok(ManifestFile {
            name: part.name.clone(),
            size_bytes,
            sha256,
        })
    }

    /// Renames the folder to `target`. An existing model is moved away first, and comes back if the
    /// rename fails.
    pub(crate) fn put_in_place(self, target: &Path, replace: bool) -> Result<(), ModelStoreError> {
        sync_folder(&self.folder);
        let models = target.parent().unwrap_or(target);
        let mut old = None;
        if replace && target.exists() {
            let name = target.file_name().unwrap_or_default().to_string_lossy();
            let aside = Self::new(models, &name)?;
            let kept = aside.folder.join(REPLACED);
            fs::rename(target, &kept).map_err(at("move away", target))?;
            old = Some((aside, kept));
        }
        if let Err(e) = fs::rename(&self.folder, target) {
            if let Some((_, kept)) = &old {
                fs::rename(kept, target).map_err(at("put back", target))?;
            }
            return Err(at("create", target)(e));
        }
        sync_folder(models);
        Ok(())
    }

    /// Moves a model's folder in here, to be deleted.
    pub(crate) fn take_away(self, folder: &Path) -> Result<(), ModelStoreError> {
        fs::rename(folder, self.folder.join("model")).map_err(at("remove", folder))?;
        fs::remove_dir_all(&self.folder).map_err(at("remove", folder))
    }
}

fn lock_of(folder: &Path) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(LOCK);
    PathBuf::from(name)
}

/// Copies a file in steps, so that it can be interrupted.
fn copy(from: &Path, to: &Path, interrupt: &Interrupt) -> Result<(), ModelStoreError> {
    let length = fs::metadata(from).map_err(at("read", from))?.len();
    check_space(to.parent().unwrap_or(to), length)?;
    let mut file = File::create_new(to).map_err(at("create", to))?;
    let mut written = Ok(());
    each_block(from, &mut |block, _| {
        written = file.write_all(block);
        match written.is_err() || interrupt.is_set() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })?;
    written.map_err(at("write", to))?;
    interrupt.check()
}

/// Removes what killed programs left behind; what cannot be removed waits for next time.
pub(crate) fn remove_leftovers(models: &Path) {
    let Ok(listing) = fs::read_dir(models) else {
        return;
    };
    for entry in listing.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else {
            continue;
        };
        match name.strip_suffix(LOCK) {
            Some(folder) if is_left(&path) => {
                remove_leftover(models, folder);
                let _ = fs::remove_file(&path);
            }
            None if !lock_of(&path).exists() && is_old(&path) => remove_leftover(models, name),
            _ => {}
        }
    }
}

/// Whether the program with this lock has ended.
fn is_left(lock: &Path) -> bool {
    let Ok(file) = File::options().write(true).open(lock) else {
        return false;
    };
    match file.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(_)) => is_old(lock),
    }
}

fn is_old(path: &Path) -> bool {
    let made = fs::metadata(path).and_then(|m| m.modified());
    made.is_ok_and(|t| t.elapsed().is_ok_and(|age| age > ABANDONED_AFTER))
}

/// Puts a model that was moved away and never replaced back; deletes the rest.
fn remove_leftover(models: &Path, folder: &str) {
    let mut parts = folder.rsplitn(3, '-');
    let name = parts.nth(2).and_then(|name| name.strip_prefix(PREFIX));
    let folder = models.join(folder);
    if let Some(place) = name.map(|name| models.join(name))
        && !place.exists()
    {
        // Most folders have no such model.
        let _ = fs::rename(folder.join(REPLACED), place);
    }
    let _ = fs::remove_dir_all(&folder);
}

/// Makes a folder's entries durable, on systems that can open folders.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
