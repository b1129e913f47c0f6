//! Watches and scans folders, and stores changes.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::bounded;

use crate::core::ids::PhotoId;
use crate::folders::{
    Change, Hint, RootState, Scan, Scope, WatchEvent, WatchState, Watcher, reconcile, scan,
    scan_folder,
};
use crate::indexer::changes;
use crate::indexer::notice::Notice;
use crate::indexer::progress::Phase;
use crate::indexer::shared::PipelineError;
use crate::store::{Folder, FolderState, Writer};

use super::Coordinator;

/// The capacity of the channel from the watcher.
const HINTS: usize = 1024;

impl Coordinator {
    /// Returns the folders to keep up to date. Folders added to the library later are included,
    /// because whoever added them found the library in use.
    pub(super) fn active_folders(&self) -> Result<Vec<Folder>, PipelineError> {
        let mut folders = self.store.folders()?;
        folders.retain(|folder| {
            folder.state != FolderState::Paused && !self.folders.left_out.contains(&folder.path)
        });
        Ok(folders)
    }

    /// Includes folders that another process has added or resumed. Returns whether there were any.
    pub(super) fn take_new_folders(&mut self) -> Result<bool, PipelineError> {
        let folders = self.active_folders()?;
        let paths: HashSet<PathBuf> = folders.iter().map(|f| f.path.clone()).collect();
        self.folders.scanned.retain(|path| paths.contains(path));
        if self.folders.scanned.len() == paths.len() {
            return Ok(false);
        }
        self.follow_folders()?;
        for folder in folders {
            if !self.folders.scanned.contains(&folder.path) {
                self.scan_one(&folder)?;
            }
        }
        Ok(true)
    }

    pub(super) fn watch(&mut self) -> Result<(), PipelineError> {
        if !self.plan.watch {
            return Ok(());
        }
        let (sender, hints) = bounded(HINTS);
        let watcher = Watcher::new(self.plan.watching.clone(), sender)?;
        for folder in self.active_folders()? {
            let state = watcher.add(&folder.path);
            self.note_watch(folder.path, state);
        }
        self.folders.watcher = Some((watcher, hints));
        Ok(())
    }

    /// Watches the current folders.
    pub(super) fn follow_folders(&mut self) -> Result<(), PipelineError> {
        let folders: Vec<PathBuf> = self.active_folders()?.into_iter().map(|f| f.path).collect();
        let Some((watcher, _)) = &self.folders.watcher else {
            return Ok(());
        };
        let watched: Vec<PathBuf> = watcher.states().into_iter().map(|(root, _)| root).collect();
        for root in watched.iter().filter(|root| !folders.contains(root)) {
            watcher.remove(root);
        }
        for root in folders.iter().filter(|root| !watched.contains(root)) {
            self.note_watch(root.clone(), watcher.add(root));
        }
        Ok(())
    }

    pub(super) fn scan_all(&mut self) -> Result<(), PipelineError> {
        for folder in self.active_folders()? {
            self.scan_one(&folder)?;
        }
        Ok(())
    }

    fn scan_one(&mut self, folder: &Folder) -> Result<(), PipelineError> {
        self.folders.scanned.insert(folder.path.clone());
        self.shared.progress.set_phase(Phase::Scanning);
        let seen = AtomicUsize::new(0);
        let progress = |count: usize| {
            // Counts arrive out of order: only a higher one than before is new.
            let before = seen.fetch_max(count, Ordering::Relaxed);
            self.shared.progress.add_found(count.saturating_sub(before));
        };
        let stop = self.shared.stop_flag();
        let found = scan(&folder.path, &self.plan.scan, stop, &progress);
        let counts = serde_json::to_string(&found.passed_over).unwrap_or_default();
        let id = folder.id;
        if self.store.passed_over(id)?.as_ref() != Some(&counts) && !found.stopped {
            self.channels
                .writer
                .apply_now(move |w| w.set_passed_over(id, &counts))?;
        }
        tracing::info!(
            photos = found.files.len(),
            problems = found.problems.len(),
            "scanned a folder"
        );
        self.take_up(folder, &found)
    }

    pub(super) fn look_again(
        &mut self,
        root: &Path,
        at: &Path,
        recursive: bool,
    ) -> Result<(), PipelineError> {
        let folders = self.active_folders()?;
        let Some(folder) = folders.iter().find(|f| f.path == root) else {
            return Ok(());
        };
        let stop = self.shared.stop_flag();
        let found = scan_folder(root, at, recursive, &self.plan.scan, stop, &|_| {});
        self.take_up(folder, &found)
    }

    /// Compares a scan with the library and stores the difference.
    fn take_up(&mut self, folder: &Folder, found: &Scan) -> Result<(), PipelineError> {
        for problem in &found.problems {
            self.shared.notices.add(Notice::Unseen {
                path: problem.path.clone(),
                reason: problem.reason.clone(),
            });
        }
        let below = match &found.scope {
            Scope::Root => None,
            Scope::Folder(folder) | Scope::Tree(folder) => Some(folder.as_path()),
        };
        let known = self.store.files(folder.id, below)?;
        let offline = match found.root {
            RootState::Present => false,
            RootState::Empty => !known.is_empty(),
            RootState::Missing | RootState::Unreadable(_) => true,
        };
        if offline != (folder.state == FolderState::Offline) {
            let path = folder.path.clone();
            self.shared.notices.add(match offline {
                true => Notice::Offline { path },
                false => Notice::Returned { path },
            });
        }
        self.sidecars
            .push(below.unwrap_or(&folder.path).to_path_buf());
        let changes = reconcile(&known, &found.found());
        if changes.is_empty() && offline == (folder.state == FolderState::Offline) {
            return Ok(());
        }
        self.files.stale = true;
        for change in &changes {
            // A file that returned or was away may have to be read again.
            if let Change::Returned { id, .. } | Change::Missing { id } | Change::Offline { id } =
                change
            {
                self.files.taken.remove(id);
                self.files.about_after = Some(PhotoId::new(0));
                self.files.pictures_after = Some(PhotoId::new(0));
            }
        }
        let id = folder.id;
        let keep = move |w: &Writer<'_>| {
            w.set_folder_offline(id, offline)?;
            changes::apply(w, id, &changes)
        };
        self.channels.writer.apply_now(keep)
    }

    pub(super) fn watched(&mut self, event: WatchEvent) -> Result<(), PipelineError> {
        match event {
            WatchEvent::Hint(Hint::Look {
                root,
                folder,
                recursive,
            }) => self.look_again(&root, &folder, recursive),
            WatchEvent::Hint(Hint::LookAll { root }) => {
                let everything = root.clone();
                self.look_again(&root, &everything, true)
            }
            WatchEvent::State { root, state } => {
                self.note_watch(root, state);
                Ok(())
            }
        }
    }

    fn note_watch(&self, path: PathBuf, state: WatchState) {
        let polling = match state {
            WatchState::Watching => None,
            WatchState::Polling { reason } => Some(reason),
            // The next scan reports it.
            WatchState::Offline { .. } => return,
        };
        self.shared.notices.add(Notice::Watching { path, polling });
    }
}
