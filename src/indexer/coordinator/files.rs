//! Files on their way into the queue: waiting files, files that have changed meanwhile, and files
//! that are still being written.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::core::photo::FileStamp;
use crate::folders::{Now, roots};
use crate::indexer::burst::Burst;
use crate::indexer::notice::Notice;
use crate::indexer::progress::Phase;
use crate::indexer::queue::Job;
use crate::indexer::shared::{DECODER_VERSION, PipelineError};
use crate::indexer::task::Task;

use super::Coordinator;

/// How often the list of waiting files is read while there is work.
const REFILL_TICK: Duration = Duration::from_secs(2);

impl Coordinator {
    /// Queues the files that wait in the library.
    pub(super) fn refill(&mut self) -> Result<(), PipelineError> {
        let (waiting, open) = self.shared.queue.load();
        // Reading the whole list for each hint would waste the library's time.
        let hurried = waiting + open > 0 && self.files.refilled.elapsed() < REFILL_TICK;
        if !self.files.stale || hurried {
            return Ok(());
        }
        self.files.stale = false;
        self.files.refilled = Instant::now();
        let folders: HashSet<PathBuf> =
            self.active_folders()?.into_iter().map(|f| f.path).collect();
        let files = self.store.waiting(self.model, DECODER_VERSION)?;
        let now = Now::read();
        let mut ready = Vec::new();
        for file in files {
            if self.files.taken.get(&file.id) == Some(&file.stamp)
                || !file.path.ancestors().any(|a| folders.contains(a))
            {
                continue;
            }
            let settled = self.files.settled.get(&file.path) == Some(&file.stamp)
                || file.stamp.is_settled(now.wall_ns);
            if settled {
                self.files.settled.remove(&file.path);
                self.files.taken.insert(file.id, file.stamp);
                ready.push((file.id, file.path, file.stamp));
            } else {
                self.files.settler.offer(file.path, file.stamp, now);
            }
        }
        if ready.is_empty() {
            return Ok(());
        }
        if !self.files.opened {
            // Readers must know the model's input before they read the first file.
            self.ask(Task::Open)?;
            let settled = self.store.settled_contents(self.model, DECODER_VERSION)?;
            self.channels.contents.replace(settled);
            self.files.opened = true;
        }
        self.burst
            .get_or_insert_with(|| Burst::begin(&self.shared.progress));
        self.shared.progress.set_phase(Phase::Embedding);
        // Counted first, because the readers may finish before the next line runs.
        self.shared.progress.add_total(ready.len());
        self.shared.queue.push(ready);
        Ok(())
    }

    /// Handles a file that has changed since it was queued; `stamp` is its new stamp, or `None` if
    /// it is missing.
    pub(super) fn changed(
        &mut self,
        job: &Job,
        stamp: Option<FileStamp>,
    ) -> Result<(), PipelineError> {
        self.files.settled.remove(&job.path);
        let file_id = job.file_id;
        if let Some(stamp) = stamp {
            self.files.stale = true;
            self.files.taken.remove(&file_id);
            return self
                .channels
                .writer
                .apply_now(move |w| w.edit_file(file_id, stamp));
        }
        // A folder may list files that cannot be opened. Such a file is not retried for ever.
        if self.files.vanished.insert(file_id, job.stamp) == Some(job.stamp) {
            self.shared.notices.add(Notice::Unseen {
                path: job.path.clone(),
                reason: "its folder lists it, but it cannot be opened".into(),
            });
            return Ok(());
        }
        self.files.stale = true;
        self.files.taken.remove(&file_id);
        // Its folder, or the whole root, may be missing too.
        let folders: Vec<PathBuf> = self.active_folders()?.into_iter().map(|f| f.path).collect();
        let around = job.path.parent().unwrap_or(&job.path).to_path_buf();
        match roots::owner(&folders, &job.path).map(Path::to_path_buf) {
            Some(root) => self.look_again(&root, &around, false),
            None => Ok(()),
        }
    }

    /// Handles files that are no longer being written, some with new stamps.
    pub(super) fn settle(&mut self, due: Vec<(PathBuf, FileStamp)>) -> Result<(), PipelineError> {
        self.files.stale = true;
        let mut edited = Vec::new();
        let folders = self.active_folders()?;
        for (path, stamp) in due {
            for folder in &folders {
                if !path.starts_with(&folder.path) {
                    continue;
                }
                let known = self.store.files(folder.id, Some(&path))?;
                let known = known.into_iter().filter(|f| f.path == path);
                edited.extend(known.filter(|f| f.stamp != stamp).map(|f| (f.id, stamp)));
            }
            self.files.settled.insert(path, stamp);
        }
        if edited.is_empty() {
            return Ok(());
        }
        self.channels.writer.apply_now(move |w| {
            edited
                .iter()
                .try_for_each(|(id, stamp)| w.edit_file(*id, *stamp))
        })
    }
}
