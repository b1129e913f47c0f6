//! A photo that gets another content: read under the rules for files that others may work on, and
//! replaced in one step.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek};
use std::path::Path;

#[cfg(not(unix))]
use crate::core::photo::FileStamp;
use crate::sidecar::embed::attributes;
use crate::sidecar::embed::container::MetadataEnd;
use crate::sidecar::read::error::{Fault, SidecarError};
use crate::sidecar::read::open::{self, Purpose, check, folder_of};
use crate::sidecar::read::refusal::Refusal;
use crate::sidecar::write::file::{Lock, Temporary, sync_folder};

/// The largest photo that is changed: it is in memory three times.
const MOST_BYTES: u64 = 512 << 20;

/// The longest metadata that are read without the picture; few photos have more than a tenth of that.
const MOST_HEAD_BYTES: usize = 4 << 20;
/// How much of it is read first.
const HEAD_BYTES: usize = 64 << 10;

/// An open photo that nobody else has locked.
pub(super) struct Photo {
    pub(super) file: File,
    pub(super) metadata: Metadata,
}

pub(super) fn refused(path: &Path, refusal: Refusal) -> SidecarError {
    SidecarError::new(path, Fault::NotEmbedded(Box::new(refusal)))
}

impl Photo {
    pub(super) fn open(path: &Path) -> Result<Self, SidecarError> {
        let fail = |error| SidecarError::io(path, error);
        let file = open::open(path, Purpose::Reading).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        check(&metadata).map_err(|fault| SidecarError::new(path, fault))?;
        Ok(Self { file, metadata })
    }

    /// The first bytes, from which the format can be told.
    pub(super) fn start(&mut self, path: &Path) -> Result<Vec<u8>, SidecarError> {
        let mut start = Vec::new();
        let read = self.file.by_ref().take(32).read_to_end(&mut start);
        let read = read.and_then(|_| self.file.rewind());
        read.map_err(|error| SidecarError::io(path, error))?;
        Ok(start)
    }

    /// Refuses a file that others meant to stay as it is, or work on.
    pub(super) fn check(&self, path: &Path) -> Result<(), SidecarError> {
        let refuse = |refusal| refused(path, refusal);
        if let Some(count) = names(&self.metadata).filter(|count| *count > 1) {
            return Err(refuse(Refusal::HardLinks { count }));
        }
        match open::open(path, Purpose::Writing) {
            // The superuser may write anything.
            Ok(_) if self.metadata.permissions().readonly() => {
                return Err(refuse(Refusal::ReadOnly));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(refuse(Refusal::ReadOnly));
            }
            Err(error) => return Err(SidecarError::io(path, error)),
        }
        match self.file.try_lock() {
            Err(fs::TryLockError::WouldBlock) => Err(refuse(Refusal::Locked)),
            // Not every file system has locks.
            Ok(()) | Err(fs::TryLockError::Error(_)) => Ok(()),
        }
    }

    /// The beginning of the photo up to where its metadata end, which `end` finds in enough of it; `None`
    /// if it does not.
    pub(super) fn head(
        &mut self,
        path: &Path,
        end: impl Fn(&[u8]) -> MetadataEnd,
    ) -> Result<Option<Vec<u8>>, SidecarError> {
        let fail = |error| SidecarError::io(path, error);
        let (mut head, mut wanted) = (Vec::new(), HEAD_BYTES);
        let found = loop {
            let more = (wanted - head.len()) as u64;
            let read = self.file.by_ref().take(more).read_to_end(&mut head);
            read.map_err(fail)?;
            match end(&head) {
                MetadataEnd::At(end) => {
                    head.truncate(end);
                    break Some(head);
                }
                MetadataEnd::Further if head.len() == wanted && wanted < MOST_HEAD_BYTES => {
                    wanted *= 4;
                }
                MetadataEnd::Further | MetadataEnd::Anywhere => break None,
            }
        };
        self.file.rewind().map_err(fail)?;
        Ok(found)
    }

    pub(super) fn read(&mut self, path: &Path) -> Result<Vec<u8>, SidecarError> {
        let (bytes, limit) = (self.metadata.len(), MOST_BYTES);
        if bytes > limit {
            return Err(refused(path, Refusal::TooLarge { bytes, limit }));
        }
        let mut content = Vec::with_capacity(bytes as usize);
        let read = self.file.by_ref().take(limit + 1).read_to_end(&mut content);
        read.map_err(|error| SidecarError::io(path, error))?;
        Ok(content)
    }

    /// Puts a file with these bytes in the photo's place, after `is_sound` has looked at what was
    /// written.
    pub(super) fn replace(
        self,
        path: &Path,
        bytes: &[u8],
        is_sound: &dyn Fn(&[u8]) -> Result<(), Refusal>,
        journal: &mut dyn FnMut() -> io::Result<()>,
    ) -> Result<(), SidecarError> {
        let fail = |error| SidecarError::io(path, error);
        let refuse = |refusal| refused(path, refusal);
        let folder = folder_of(path);
        let new = Temporary::write(folder, bytes, Some(&self.metadata)).map_err(fail)?;
        let mut written = Vec::with_capacity(bytes.len());
        let mut back = open::open(new.path(), Purpose::Reading).map_err(fail)?;
        back.read_to_end(&mut written).map_err(fail)?;
        drop(back);
        is_sound(&written).map_err(refuse)?;
        drop(written);
        attributes::keep(&self.file, &self.metadata, new.file()).map_err(refuse)?;
        new.file().sync_all().map_err(fail)?;
        let held = Lock::take(path)?;
        journal().map_err(|error| SidecarError::new(path, Fault::Journal(error)))?;
        if !self.is_still_at(path) {
            return Err(refuse(Refusal::Changed));
        }
        let is_it = |old: &Metadata| place(old) == place(&self.metadata);
        if !new.replace(path, is_it).map_err(fail)? {
            return Err(refuse(Refusal::Changed));
        }
        sync_folder(folder);
        drop(held);
        Ok(())
    }

    /// Whether the path still leads to this file, and nobody has written it since it was opened.
    fn is_still_at(&self, path: &Path) -> bool {
        let now = open::open(path, Purpose::Reading).and_then(|file| file.metadata());
        now.is_ok_and(|now| version(&now) == version(&self.metadata))
    }
}

/// What changes when a file is written or replaced.
#[cfg(unix)]
fn version(metadata: &Metadata) -> ([i64; 5], [i64; 2]) {
    use std::os::unix::fs::MetadataExt;
    (place(metadata), [metadata.ctime(), metadata.ctime_nsec()])
}

/// The same, except for what an exchange of its name changes.
#[cfg(unix)]
fn place(metadata: &Metadata) -> [i64; 5] {
    use std::os::unix::fs::MetadataExt;
    [
        metadata.dev() as i64,
        metadata.ino() as i64,
        metadata.size() as i64,
        metadata.mtime(),
        metadata.mtime_nsec(),
    ]
}

#[cfg(not(unix))]
fn version(metadata: &Metadata) -> FileStamp {
    FileStamp::of(metadata)
}

#[cfg(not(unix))]
fn place(metadata: &Metadata) -> FileStamp {
    FileStamp::of(metadata)
}

/// How many names a file has, where the system says so.
#[cfg(unix)]
fn names(metadata: &Metadata) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    Some(metadata.nlink())
}

#[cfg(not(unix))]
fn names(_: &Metadata) -> Option<u64> {
    None
}
