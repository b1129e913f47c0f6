//! Folders under way: models are made and unmade beside their final place, under names that no
//! model can have.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::model_store::error::{ZooError, at};
use crate::model_store::store::{ManifestFile, Part};

const PREFIX: &str = ".staging-";
/// A staging folder that old belongs to a program that was killed.
const ABANDONED_AFTER: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// A folder that disappears with this value, unless it was put in place.
pub(super) struct Staging {
    folder: PathBuf,
}

impl Drop for Staging {
    fn drop(&mut self) {
        // There is nobody to tell, and the next installation tries again.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Staging {
    pub(super) fn new(models: &Path, name: &str) -> Result<Self, ZooError> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        fs::create_dir_all(models).map_err(at("create", models))?;
        remove_abandoned(models);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let folder = models.join(format!("{PREFIX}{name}-{}-{number}", std::process::id()));
        // Left by an earlier program that had the same process number.
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(at("remove", &folder))?;
        }
        fs::create_dir(&folder).map_err(at("create", &folder))?;
        Ok(Self { folder })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Links or copies a file into the folder, down to the disk.
    pub(super) fn add(&self, part: &Part) -> Result<ManifestFile, ZooError> {
        let to = self.folder.join(&part.name);
        let linked = part.shareable && fs::hard_link(&part.from, &to).is_ok();
        if !linked {
            fs::copy(&part.from, &to).map_err(at("copy", &part.from))?;
        }
        let file = File::open(&to).map_err(at("read", &to))?;
        // Some file systems cannot sync a file that is open for reading only; the rename that
        // follows is what counts, and it is only made durable by this where it works.
        let _ = file.sync_all();
        let size_bytes = file.metadata().map_err(at("read", &to))?.len();
        let sha256 = match &part.sha256 {
            Some(known) => known.clone(),
            None => sha256_hex(&to, &mut |_| {})?,
        };
        Ok(ManifestFile {
            name: part.name.clone(),
            size_bytes,
            sha256,
        })
    }

    /// Renames the folder to `target`. A model that is there already gives way first, and comes
    /// back if the renaming fails.
    pub(super) fn put_in_place(self, target: &Path, replace: bool) -> Result<(), ZooError> {
        sync_folder(&self.folder);
        let models = target.parent().unwrap_or(target);
        let mut old = None;
        if replace && target.exists() {
            let aside = Self::new(models, "old")?;
            let kept = aside.folder.join("model");
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
    pub(super) fn take_away(self, folder: &Path) -> Result<(), ZooError> {
        fs::rename(folder, self.folder.join("model")).map_err(at("remove", folder))?;
        fs::remove_dir_all(&self.folder).map_err(at("remove", folder))
    }
}

/// Removes what killed programs have left; what cannot be removed is left for next time.
fn remove_abandoned(models: &Path) {
    let Ok(listing) = fs::read_dir(models) else {
        return;
    };
    for entry in listing.flatten() {
        let abandoned = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && entry
                .metadata()
                .and_then(|m| m.modified())
                .is_ok_and(|t| t.elapsed().is_ok_and(|age| age > ABANDONED_AFTER));
        if abandoned {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Makes a folder's entries durable, on systems where folders can be opened.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Writes a file beside its place and renames it, so that a reader sees the old or the new.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), ZooError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(at("create", folder))?;
    let mut text = serde_json::to_vec_pretty(value)
        .map_err(io::Error::from)
        .map_err(at("write", path))?;
    text.push(b'\n');
    let temporary = path.with_extension(format!("tmp{}", std::process::id()));
    let write = || {
        let mut file = File::create(&temporary)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().map_err(|e| {
        let _ = fs::remove_file(&temporary);
        at("write", path)(e)
    })
}

/// A file's SHA-256 in hexadecimal; `read` is told how many bytes have been read so far.
pub(crate) fn sha256_hex(path: &Path, read: &mut dyn FnMut(u64)) -> Result<String, ZooError> {
    let mut file = File::open(path).map_err(at("read", path))?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut total = 0;
    loop {
        let length = match file.read(&mut buffer) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            length => length.map_err(at("read", path))?,
        };
        if length == 0 {
            break;
        }
        digest.update(buffer.get(..length).unwrap_or(&[]));
        total += length as u64;
        read(total);
    }
    Ok(digest
        .finalize()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect())
}
