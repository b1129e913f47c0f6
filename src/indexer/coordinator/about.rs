//! Reads known photos once more for what an earlier version did not read: the hash of the picture,
//! when and with what it was taken.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::core::about::About;
use crate::core::ids::{FileId, PhotoId};
use crate::core::photo::{Identity, KnownFile};
use crate::decode::{self, Limits};
use crate::indexer::about::{about, about_file};
use crate::indexer::progress::Phase;
use crate::indexer::shared::{ABOUT_VERSION, PipelineError};

use super::{Coordinator, stamp_of};

/// The number of photos to read between checks for other work.
const BATCH: usize = 64;
/// With this, no more of a batch is read: whole files may be large, and a disk slow.
const BATCH_BYTES: u64 = 64 << 20;

impl Coordinator {
    /// Reads some of the remaining photos. Returns whether there may be more.
    pub(super) fn read_again(&mut self) -> Result<bool, PipelineError> {
        Ok(self.read_pictures()? || self.read_about()?)
    }

    /// Reads some whole files for the hashes of their pictures. None is decoded. The next run retries
    /// those that cannot be read.
    fn read_pictures(&mut self) -> Result<bool, PipelineError> {
        let Some(after) = self.files.pictures_after else {
            return Ok(false);
        };
        if self.shared.queue.is_paused() {
            return Ok(true);
        }
        let files = self.store.without_picture(after, BATCH)?;
        self.files.pictures_after = None;
        if files.is_empty() {
            return Ok(false);
        }
        self.shared.progress.set_phase(Phase::ReadingAgain);
        let folders = self.folder_set()?;
        let mut found: Vec<(FileId, Identity, About)> = Vec::new();
        let mut bytes = 0;
        for (photo, file) in files {
            if self.shared.stopped() || bytes > BATCH_BYTES {
                break;
            }
            self.files.pictures_after = Some(photo);
            bytes += file.stamp.size_bytes;
            let is_active = file.path.ancestors().any(|a| folders.contains(a));
            if let Some((identity, about)) = is_active.then(|| read_whole(&file)).flatten() {
                found.push((file.id, identity, about));
            }
        }
        self.channels.writer.apply_now(move |w| {
            for (file, identity, about) in &found {
                let photo = w.photo(identity)?.0;
                w.keep_about(*file, photo, ABOUT_VERSION, about)?;
            }
            Ok(())
        })?;
        Ok(true)
    }

    fn folder_set(&self) -> Result<HashSet<PathBuf>, PipelineError> {
        Ok(self.active_folders()?.into_iter().map(|f| f.path).collect())
    }

    /// Reads some of the remaining photos. Returns whether there may be more. The next run retries
    /// photos that cannot be read.
    fn read_about(&mut self) -> Result<bool, PipelineError> {
        let Some(after) = self.files.about_after else {
            return Ok(false);
        };
        if self.shared.queue.is_paused() {
            return Ok(true);
        }
        let files = self.store.without_about(ABOUT_VERSION, after, BATCH)?;
        self.files.about_after = files.last().map(|(photo, _)| *photo);
        if files.is_empty() {
            return Ok(false);
        }
        self.shared.progress.set_phase(Phase::ReadingAgain);
        let folders = self.folder_set()?;
        let mut found: Vec<(FileId, PhotoId, About)> = Vec::new();
        for (photo, file) in files {
            if self.shared.stopped() {
                break;
            }
            // A changed file is indexed again, with its facts.
            let is_same = || stamp_of(&file.path) == Some(file.stamp);
            if file.path.ancestors().any(|a| folders.contains(a))
                && is_same()
                && let Ok(about) = about_file(&file.path)
                && is_same()
            {
                found.push((file.id, photo, about));
            }
        }
        self.channels.writer.apply_now(move |w| {
            found.iter().try_for_each(|(file, photo, about)| {
                w.keep_about(*file, *photo, ABOUT_VERSION, about)
            })
        })?;
        Ok(true)
    }
}

/// The hashes and facts of a file, if it is still the known one. A changed file is indexed again, with
/// both.
fn read_whole(file: &KnownFile) -> Option<(Identity, About)> {
    let is_same = || stamp_of(&file.path) == Some(file.stamp);
    if !is_same() {
        return None;
    }
    let bytes = decode::read_file(&file.path, &Limits::default()).ok()?;
    let identity = decode::identity(&bytes);
    (is_same() && Some(identity.file) == file.hash).then(|| (identity, about(&bytes)))
}
