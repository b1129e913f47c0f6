//! Writes keywords into a photo: beside it, checked, then in its place. At every moment the old photo
//! or the new one is there, complete.

use std::io;
use std::path::{Path, PathBuf};

use crate::core::photo::FileStamp;
use crate::sidecar::edit::bytes::digest;
use crate::sidecar::edit::record::Record;
use crate::sidecar::edit::request::Request;
use crate::sidecar::embed::container::Container;
use crate::sidecar::embed::edit::{Edit, edit};
use crate::sidecar::embed::patch::{self, Segments};
use crate::sidecar::embed::photo::{Photo, refused};
use crate::sidecar::embed::verify::verify;
use crate::sidecar::read::bookkeeping::Bookkeeping;
use crate::sidecar::read::embedded::Embedded;
use crate::sidecar::read::error::{Fault, SidecarError};
use crate::sidecar::read::folder::resolve;
use crate::sidecar::read::keyword::Keyword;
use crate::sidecar::read::open::{self, Purpose, folder_of};
use crate::sidecar::read::refusal::{Refusal, unsound};
use crate::sidecar::read::source::SourceContents;
use crate::sidecar::write::file::remove_leftover;
use crate::sidecar::write::plan::{Kind, Prior, Written};

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
    /// What came of comparing the old and the new picture, if that was done ahead.
    compared: Option<Result<(), Refusal>>,
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
    if let Some(edit) = unchanged(&mut photo, &place, container, request)? {
        return Ok(EmbedPlan {
            path: place,
            container,
            // Nothing is written, so nothing can be undone.
            after: String::new(),
            segments: Segments::default(),
            edit,
            leftovers,
            compared: None,
        });
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
        compared: None,
    })
}

/// The edit of a photo that has its keywords already, made from its metadata alone: that of most photos,
/// most of the time. `None` if the whole photo is needed, be it to say why it must not be changed.
fn unchanged(
    photo: &mut Photo,
    path: &Path,
    container: Container,
    request: &Request<'_>,
) -> Result<Option<Edit>, SidecarError> {
    let head = photo.head(path, |bytes| container.metadata_end(bytes))?;
    let edit = head.and_then(|head| edit(&head, container, request).ok());
    Ok(edit.filter(|edit| edit.patches.is_empty()))
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

    /// Compares the pictures of the photo and of what is to be written. This takes longest, and needs no
    /// lock: callers do it for several photos at a time. [`Self::commit`] does not do it again, as it
    /// writes exactly these bytes, but fails with what was found.
    pub(crate) fn compare_pictures(&mut self, same_picture: SamePicture<'_>) {
        if self.kind() == Kind::Unchanged {
            return;
        }
        let old = Photo::open(&self.path).and_then(|mut photo| photo.read(&self.path));
        let old = old.ok().filter(|old| digest(old) == self.segments.file);
        let new = old
            .as_deref()
            .and_then(|old| patch::apply(old, &self.edit.patches));
        let new = new.filter(|new| digest(new) == self.after);
        // A photo that cannot be read, or has changed, is refused when it is to be written.
        self.compared = match (&old, &new) {
            (Some(old), Some(new)) => Some(same_picture(&self.path, old, new)),
            _ => None,
        };
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
                match &self.compared {
                    Some(found) => found.clone(),
                    None => same_picture(&self.path, &old, written),
                }
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
