//! Compares the known files with those found: a pure function.
//!
//! It compares only stamps, which needs no reading. The content decides later what a stamp cannot
//! tell: a [`Change::Moved`] is a hint to verify, and an added file may turn out to be a copy of a
//! known photo.
//!
//! The rules err on the side of keeping. A file counts as missing only if its folder was listed
//! without it. If something could not be seen, its files are offline. So are all files if the root
//! exists but is completely empty: an unmounted drive leaves an empty folder, which is far likelier
//! than a user who empties a whole library by hand. A *sub*-folder that is found empty was emptied.

mod change;
mod moves;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::ptr;

use crate::core::photo::{KnownFile, Presence};
use crate::folders::scan::{Found, FoundFile, RootState, path_bytes};

pub use change::Change;
use change::News;

/// Compares the files known below a root with those found there and lists the changes: moves first,
/// by id, then known files and added files, each by the bytes of their paths. Known files outside
/// the scan's scope are ignored, so the caller may include them or not.
///
/// The time is linear if the known files are sorted by the bytes of their paths, as a scan's files
/// are.
pub fn reconcile(known: &[KnownFile], found: &Found<'_>) -> Vec<Change> {
    let root_is_seen = *found.root == RootState::Present;
    let unseen: HashSet<&Path> = found.unseen.iter().map(PathBuf::as_path).collect();
    let is_seen = |path: &Path| {
        root_is_seen && (unseen.is_empty() || !path.ancestors().any(|p| unseen.contains(p)))
    };

    let mut news = News::default();
    let mut changes = Vec::new();
    let mut files = by_path(found.files, |f| &f.path).into_iter().peekable();
    let mut matched: Option<&FoundFile> = None;
    for file in by_path(known, |k| &k.path) {
        let path = path_bytes(&file.path);
        while let Some(passed) = files.next_if(|f| path_bytes(&f.path) < path) {
            if !matched.is_some_and(|m| ptr::eq(m, passed)) {
                news.added.push(passed);
            }
        }
        let here = files
            .peek()
            .copied()
            .filter(|f| path_bytes(&f.path) == path);
        matched = here.or(matched);
        match (here, file.presence) {
            (Some(here), Presence::Present) if here.stamp == file.stamp => {}
            (Some(here), _) if here.stamp == file.stamp => {
                let (id, stamp) = (file.id, file.stamp);
                changes.push(Change::Returned { id, stamp });
            }
            (Some(here), _) => news.replaced.push((file, here)),
            (None, Presence::Missing) => news.long_gone.push(file),
            (None, _) if !found.scope.covers(&file.path) => {}
            (None, presence) if !is_seen(&file.path) => {
                if presence == Presence::Present {
                    changes.push(Change::Offline { id: file.id });
                }
            }
            (None, _) if found.stopped => {}
            (None, _) => news.gone.push(file),
        }
    }
    let rest = files.filter(|f| !matched.is_some_and(|m| ptr::eq(m, *f)));
    news.added.extend(rest);
    news.changes(found.stopped, changes)
}

/// The items sorted by the bytes of their paths.
fn by_path<T>(items: &[T], path: impl Fn(&T) -> &PathBuf) -> Vec<&T> {
    let mut sorted: Vec<&T> = items.iter().collect();
    // Sorting a sorted list takes a single pass.
    sorted.sort_by(|a, b| path_bytes(path(a)).cmp(path_bytes(path(b))));
    sorted
}

impl News<'_> {
    /// Pairs vanished files with new ones and adds all to the other changes.
    fn changes(&self, stopped: bool, mut others: Vec<Change>) -> Vec<Change> {
        // A stopped scan cannot distinguish a move from a copy of an original it did not reach.
        let moves = if stopped {
            moves::Moves::default()
        } else {
            moves::find(self)
        };
        let mut changes = moves.changes();
        changes.append(&mut others);
        for (file, here) in &self.replaced {
            if !moves.has_left(file.id) {
                let (id, stamp) = (file.id, here.stamp);
                changes.push(Change::Edited { id, stamp });
            }
        }
        for file in &self.gone {
            if !moves.has_left(file.id) {
                changes.push(Change::Missing { id: file.id });
            }
        }
        // If a file has moved away from its path, the file there now is new.
        let left = self.replaced.iter().filter(|(f, _)| moves.has_left(f.id));
        for file in self.added.iter().chain(left.map(|(_, here)| here)) {
            if !moves.is_taken(file) {
                let (path, stamp) = (file.path.clone(), file.stamp);
                changes.push(Change::Added { path, stamp });
            }
        }
        changes
    }
}

#[cfg(test)]
mod tests;
