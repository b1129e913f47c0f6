//! Reads the facts of photos that an earlier version indexed without them.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::core::about::About;
use crate::core::ids::PhotoId;
use crate::indexer::about::about_file;
use crate::indexer::progress::Phase;
use crate::indexer::shared::{ABOUT_VERSION, PipelineError};

use super::{Coordinator, stamp_of};

/// The number of photos to read between checks for other work.
const BATCH: usize = 64;

impl Coordinator {
    /// Reads some of the remaining photos. Returns whether there may be more. The next run retries
    /// photos that cannot be read.
    pub(super) fn read_about(&mut self) -> Result<bool, PipelineError> {
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
        self.shared.progress.set_phase(Phase::ReadingAbout);
        let folders: HashSet<PathBuf> =
            self.active_folders()?.into_iter().map(|f| f.path).collect();
        let mut found: Vec<(PhotoId, About)> = Vec::new();
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
                found.push((photo, about));
            }
        }
        self.channels.writer.apply_now(move |w| {
            found
                .iter()
                .try_for_each(|(photo, about)| w.keep_about(*photo, ABOUT_VERSION, about))
        })?;
        Ok(true)
    }
}
