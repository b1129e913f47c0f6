//! Writes keywords into a photo: beside it, checked, then in its place. At every moment the old photo
//! or the new one is there, complete.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::core::photo::FileStamp;
use crate::sidecar::edit::bytes::digest;
use crate::sidecar::edit::record::Record;
use crate::sidecar::edit::request::Request;
use crate::sidecar::embed::container::Container;
use crate::sidecar::embed::edit::{Edit, edit};
use crate::sidecar::embed::patch::Segments;
use crate::sidecar::embed::verify::verify;
use crate::sidecar::embed::{attributes, patch};
use crate::sidecar::read::bookkeeping::Bookkeeping;
use crate::sidecar::read::embedded::Embedded;
use crate::sidecar::read::error::{Fault, SidecarError};
use crate::sidecar::read::folder::resolve;
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::open::{self, Purpose, check, folder_of};
use crate::sidecar::read::refusal::{Refusal, unsound};
use crate::sidecar::read::source::SourceContents;
use crate::sidecar::write::file::{Lock, Temporary, remove_leftover, sync_folder};
use crate::sidecar::write::plan::{Kind, Prior, Written};

/// The largest photo that is changed: it is in memory three times.
const MOST_BYTES: u64 = 512 << 20;

/// Compares two files of a photo, the old and the new, by their pictures.
pub(crate) type SamePicture<'a> = &'a dyn Fn(&Path, &[u8], &[u8]) -> Result<(), Refusal>;

/// A change of a photo's keywords that is ready to be shown or written. It does not hold the photo.
#[derive(Debug)]
pub(crate) struct EmbedPlan {
    path: PathBuf,
    container: Container,
    edit: Edit,
    /// What takes it back.
    segments: Segments,
    /// BLAKE3 of the new file, in hexadecimal.
    after: String,
    leftovers: Vec<PathBuf>,
}

/// An open photo that nobody else has locked.
struct Photo {
    file: File,
    metadata: Metadata,
}

/// Plans the change of the photo at `path`, which has to be the one that the library knows by
/// `stamp`. `leftovers` are unfinished files of killed processes in its folder.
///
/// # Errors
/// [`Fault::NotEmbedded`] if the photo must not be changed; see [`Fault`] for the others.
pub(crate) fn plan_embed(
    path: &Path,
    stamp: FileStamp,
    request: &Request<'_>,
    leftovers: Vec<PathBuf>,
) -> Result<EmbedPlan, SidecarError> {
    let refuse = |refusal| refused(path, refusal);
    let place = match resolve(path, folder_of(path)) {
        Ok(place) => place,
        Err(error) if matches!(error.fault, Fault::LinkOutside { .. } | Fault::DanglingLink) => {
            return Err(refuse(Refusal::Link));
        }
        Err(error) => return Err(error),
    };
    let extension = extension(&place);
    // A raw file is refused for its format, whatever else it is.
    let mut photo = Photo::open(&place)?;
    let container = Container::of(&photo.start(&place)?, &extension).map_err(refuse)?;
    photo.check(&place)?;
    if FileStamp::of(&photo.metadata) != stamp {
        return Err(refuse(Refusal::Changed));
    }
    let bytes = photo.read(&place)?;
    let edit = edit(&bytes, container, request).map_err(refuse)?;
    let overlapping = || refuse(unsound("places overlap"));
    let after = patch::apply(&bytes, &edit.patches).ok_or_else(overlapping)?;
    verify(&bytes, &after, container, &edit).map_err(refuse)?;
    let patches = patch::inverse(&bytes, &edit.patches).ok_or_else(overlapping)?;
    Ok(EmbedPlan {
        path: place,
        container,
        after: digest(&after),
        segments: Segments {
            file: digest(&bytes),
            patches,
        },
        edit,
        leftovers,
    })
}

fn refused(path: &Path, refusal: Refusal) -> SidecarError {
    SidecarError::new(path, Fault::NotEmbedded(Box::new(refusal)))
}

/// In lower case.
fn extension(path: &Path) -> String {
    let extension = path.extension().unwrap_or_default();
    extension.to_string_lossy().to_lowercase()
}

impl EmbedPlan {
    /// The effect on the photo.
    pub(crate) fn kind(&self) -> Kind {
        match self.edit.patches.is_empty() {
            true => Kind::Unchanged,
            false => Kind::Edit,
        }
    }

    /// The photo; the target if it is a link.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The record to store after the write.
    pub(crate) fn record(&self) -> &Record {
        &self.edit.record
    }

    /// Keywords that come, and keywords that go.
    pub(crate) fn keywords(&self) -> [&[Keyword]; 2] {
        [&self.edit.added, &self.edit.removed]
    }

    /// The bytes that change, and by how many bytes the photo becomes longer.
    pub(crate) fn size(&self) -> (usize, i64) {
        let patches = self.edit.patches.iter();
        let changed = patches.clone().map(|p| p.bytes.len().max(p.length)).sum();
        let more = patches.map(|p| p.bytes.len() as i64 - p.length as i64);
        (changed, more.sum())
    }

    /// The data for undo: the old segments.
    pub(crate) fn prior(&self) -> Prior {
        Prior {
            path: self.path.clone(),
            before: Some(self.segments.to_bytes()),
            after: Some(self.after.clone()),
        }
    }

    /// Writes the photo. Calls `journal` with the data for undo just before it changes.
    ///
    /// # Errors
    /// [`Fault::NotEmbedded`] if the photo has changed since it was planned, or the result does not
    /// pass its check; see [`Fault`] for the others. The photo is as it was.
    pub(crate) fn commit(
        self,
        same_picture: SamePicture<'_>,
        mut journal: impl FnMut(&Prior, &Record) -> io::Result<()>,
    ) -> Result<Written, SidecarError> {
        self.leftovers.iter().for_each(|path| remove_leftover(path));
        let prior = self.prior();
        let kind = self.kind();
        if kind != Kind::Unchanged {
            let refuse = |refusal| refused(&self.path, refusal);
            let mut photo = Photo::open(&self.path)?;
            photo.check(&self.path)?;
            let old = photo.read(&self.path)?;
            if digest(&old) != self.segments.file {
                return Err(refuse(Refusal::Changed));
            }
            let new = patch::apply(&old, &self.edit.patches).unwrap_or_default();
            let is_sound = |written: &[u8]| {
                if digest(written) != self.after {
                    return Err(unsound("it reads back otherwise"));
                }
                verify(&old, written, self.container, &self.edit)?;
                same_picture(&self.path, &old, written)
            };
            photo.replace(&self.path, &new, &is_sound, &mut || {
                journal(&prior, &self.edit.record)
            })?;
        }
        Ok(Written {
            path: self.path,
            kind,
            record: self.edit.record,
        })
    }
}

/// Takes a write into a photo back, to the byte.
///
/// # Errors
/// [`Fault::ChangedSince`] if the photo is not what was written; see [`Fault`] for the others.
/// Nothing was changed.
pub(crate) fn restore_embed(
    path: &Path,
    segments: &Segments,
    after: Option<&str>,
) -> Result<(), SidecarError> {
    let changed = || SidecarError::new(path, Fault::ChangedSince);
    let mut photo = Photo::open(path)?;
    let now = photo.read(path)?;
    let found = digest(&now);
    if found == segments.file {
        // The write never happened, or was already undone.
        return Ok(());
    }
    if Some(found.as_str()) != after {
        return Err(changed());
    }
    photo.check(path)?;
    let old = patch::apply(&now, &segments.patches).ok_or_else(changed)?;
    if digest(&old) != segments.file {
        return Err(changed());
    }
    let is_sound = |written: &[u8]| match written == old {
        true => Ok(()),
        false => Err(unsound("it reads back otherwise")),
    };
    photo.replace(path, &old, &is_sound, &mut || Ok(()))
}

/// BLAKE3 of a photo, in hexadecimal; `None` if there is no file.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn photo_digest(path: &Path) -> Result<Option<String>, SidecarError> {
    let file = match open::open(path, Purpose::Reading) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(SidecarError::io(path, error)),
    };
    let mut hasher = blake3::Hasher::new();
    let hashed = hasher.update_reader(file);
    hashed.map_err(|error| SidecarError::io(path, error))?;
    Ok(Some(hasher.finalize().to_hex().to_string()))
}

/// The digest that [`SourceContents`] has of what is inside a photo; empty if it cannot be read.
pub(crate) fn embedded_digest(path: &Path) -> String {
    let nobodys = Bookkeeping::default();
    let embedded = Embedded::read(path);
    let contents = embedded.map(|embedded| SourceContents::of_embedded(&embedded, &nobodys));
    contents.map(|contents| contents.digest).unwrap_or_default()
}

impl Photo {
    fn open(path: &Path) -> Result<Self, SidecarError> {
        let fail = |error| SidecarError::io(path, error);
        let file = open::open(path, Purpose::Reading).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        check(&metadata).map_err(|fault| SidecarError::new(path, fault))?;
        Ok(Self { file, metadata })
    }

    /// The first bytes, from which the format can be told.
    fn start(&mut self, path: &Path) -> Result<Vec<u8>, SidecarError> {
        use std::io::Seek;
        let mut start = Vec::new();
        let read = self.file.by_ref().take(32).read_to_end(&mut start);
        let read = read.and_then(|_| self.file.rewind());
        read.map_err(|error| SidecarError::io(path, error))?;
        Ok(start)
    }

    /// Refuses a file that others meant to stay as it is, or work on.
    fn check(&self, path: &Path) -> Result<(), SidecarError> {
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

    fn read(&mut self, path: &Path) -> Result<Vec<u8>, SidecarError> {
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
    fn replace(
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
