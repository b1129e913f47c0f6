//! The hub's cache folder, shared with other programs that use the hub.
//!
//! `models--OWNER--NAME/` holds `blobs/ID` with contents, `snapshots/COMMIT/FILE` with links to
//! them, and `refs/main` with the newest commit. Anybody may have put files there, so only names of
//! the right form are followed, and only to files in the same folder.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::answer::ContentId;
use crate::model_store::error::{ModelStoreError, at};
use crate::model_store::names::{is_file_name, is_hexadecimal};

/// One repository's folder in the cache.
pub(super) struct Cache {
    root: PathBuf,
    folder: PathBuf,
}

/// A cached file.
pub(super) struct Cached {
    pub(super) path: PathBuf,
    pub(super) commit: String,
    /// The content id from its name.
    pub(super) id: Option<ContentId>,
}

/// A partial download, locked against other programs.
pub(super) struct Part {
    pub(super) path: PathBuf,
    pub(super) file: File,
    /// Its present length, in bytes.
    pub(super) length: u64,
    _lock: File,
}

impl Cache {
    /// The folder of `repository` (`OWNER/NAME`); `None` if the name is invalid.
    pub(super) fn new(root: &Path, repository: &str) -> Option<Self> {
        let (owner, name) = repository.split_once('/')?;
        let sound = is_file_name(owner) && is_file_name(name);
        sound.then(|| Self {
            root: root.to_owned(),
            folder: root.join(format!("models--{owner}--{name}")),
        })
    }

    /// Finds the file at `commit`, or at the newest commit in the cache. Removes links that lead
    /// outside.
    pub(super) fn find(&self, file: &str, commit: Option<&str>) -> Option<Cached> {
        let commit = match commit {
            Some(commit) => commit.to_owned(),
            None => self.newest_commit()?,
        };
        let link = self.pointer(&commit, file)?;
        let is_link = fs::symlink_metadata(&link).ok()?.is_symlink();
        let path = link.canonicalize().ok().filter(|path| {
            let inside = |folder: PathBuf| {
                let folder = folder.canonicalize().ok();
                folder.is_some_and(|folder| path.parent() == Some(&folder))
            };
            let folder = if is_link { "blobs" } else { "snapshots" };
            let folder = self.folder.join(folder);
            path.is_file()
                && inside(if is_link {
                    folder
                } else {
                    folder.join(&commit)
                })
        });
        let Some(path) = path else {
            // Only the link: its target belongs to somebody else.
            let _ = fs::remove_file(&link);
            return None;
        };
        let name = path.file_name().and_then(|name| name.to_str());
        let id = name.filter(|_| is_link).and_then(ContentId::parse);
        Some(Cached { path, commit, id })
    }

    fn newest_commit(&self) -> Option<String> {
        let mut text = String::new();
        let file = File::open(self.folder.join("refs").join("main")).ok()?;
        file.take(100).read_to_string(&mut text).ok()?;
        let text = text.trim();
        let sound = is_hexadecimal(text, 160) || is_hexadecimal(text, 256);
        sound.then(|| text.to_ascii_lowercase())
    }

    fn pointer(&self, commit: &str, file: &str) -> Option<PathBuf> {
        let sound = is_file_name(commit) && is_file_name(file);
        sound.then(|| self.folder.join("snapshots").join(commit).join(file))
    }

    /// Removes a damaged file.
    pub(super) fn remove(&self, cached: &Cached, file: &str) {
        // It was found inside this folder.
        let _ = fs::remove_file(&cached.path);
        if let Some(link) = self.pointer(&cached.commit, file) {
            let _ = fs::remove_file(link);
        }
    }

    /// Creates a folder within this one if necessary; it must not be a link that leads outside.
    fn make_folder(&self, within: &Path) -> Result<PathBuf, ModelStoreError> {
        let folder = self.folder.join(within);
        fs::create_dir_all(&folder).map_err(at("create", &folder))?;
        let real = folder.canonicalize().map_err(at("read", &folder))?;
        let root = self.root.canonicalize().map_err(at("read", &self.root))?;
        if real.starts_with(&root) {
            return Ok(folder);
        }
        let elsewhere = io::Error::other("it leads out of the cache folder");
        Err(at("use", &folder)(elsewhere))
    }

    /// Opens the partial download of a content. `None` if another program has it.
    pub(super) fn part(&self, id: &ContentId) -> Result<Option<Part>, ModelStoreError> {
        let blobs = self.make_folder(Path::new("blobs"))?;
        let lock = open_own(&blobs.join(format!("{}.lock", id.as_text())))?;
        // Without locks, the digest reveals a conflict in the end.
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            return Ok(None);
        }
        let path = blobs.join(format!("{}.part", id.as_text()));
        let file = open_own(&path)?;
        // Files with a git id are small, and never resumed.
        if matches!(id, ContentId::GitBlob(_)) {
            file.set_len(0).map_err(at("write", &path))?;
        }
        let length = file.metadata().map_err(at("read", &path))?.len();
        Ok(Some(Part {
            path,
            file,
            length,
            _lock: lock,
        }))
    }

    /// Moves a complete download into place, as `file` at `commit`.
    pub(super) fn keep(
        &self,
        part: Part,
        id: &ContentId,
        commit: &str,
        file: &str,
    ) -> Result<PathBuf, ModelStoreError> {
        let blobs = self.make_folder(Path::new("blobs"))?;
        let blob = blobs.join(id.as_text());
        fs::rename(&part.path, &blob).map_err(at("create", &blob))?;
        let wrong = || at("use", Path::new(file))(io::ErrorKind::InvalidInput.into());
        let pointer = self.pointer(commit, file).ok_or_else(wrong)?;
        let snapshot = self.make_folder(&Path::new("snapshots").join(commit))?;
        let _ = fs::remove_file(&pointer);
        link(id.as_text(), &blob, &pointer).map_err(at("create", &snapshot))?;
        let refs = self.make_folder(Path::new("refs"))?;
        let main = refs.join("main");
        let temporary = refs.join(format!("main.tmp{}", std::process::id()));
        let write = || {
            let _ = fs::remove_file(&temporary);
            File::create_new(&temporary)?.write_all(commit.as_bytes())?;
            fs::rename(&temporary, &main)
        };
        write().map_err(at("write", &main))?;
        Ok(blob)
    }
}

#[cfg(unix)]
fn link(name: &str, _blob: &Path, pointer: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(Path::new("../../blobs").join(name), pointer)
}

/// On Windows, few accounts may create links.
#[cfg(not(unix))]
fn link(_name: &str, blob: &Path, pointer: &Path) -> io::Result<()> {
    fs::hard_link(blob, pointer)
}

/// Opens or creates a file for this program alone. Anything else at its path, and a file with other
/// names too, is removed.
fn open_own(path: &Path) -> Result<File, ModelStoreError> {
    if let Ok(metadata) = fs::symlink_metadata(path)
        && (!metadata.is_file() || names(&metadata) > 1)
    {
        let removed = match metadata.is_dir() {
            true => fs::remove_dir(path),
            false => fs::remove_file(path),
        };
        removed.map_err(at("replace", path))?;
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    options.open(path).map_err(at("open", path))
}

#[cfg(unix)]
fn names(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn names(_: &fs::Metadata) -> u64 {
    1
}
