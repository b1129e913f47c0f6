//! What has changed between the files that are known and those that were found: a pure function.
//!
//! Only stamps are compared, which costs no reading. What a stamp cannot tell is decided later by
//! content: a [`Change::Moved`] is a hint to be verified, and an added file may turn out to be a
//! copy of a known photo.
//!
//! The rules lean towards keeping. A file counts as missing only if its folder was looked into and
//! it was not there. Where something could not be seen, its files are offline, and when the root is
//! there but has nothing at all in it, they are offline too: a drive that is not mounted leaves an
//! empty folder behind, and this is far likelier than a person who empties a whole library by hand.
//! A *sub*-folder that is found empty was emptied.

mod moves;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::ptr;

use crate::core::photo::{FileStamp, KnownFile, Presence};
use crate::folders::scan::{FoundFile, RootState, Scope, path_bytes};

/// What a scan found, as [`Scan::found`](crate::folders::scan::Scan::found) gives it.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// Pictures, each path once, in any order.
    pub(crate) files: &'a [FoundFile],
    /// Paths at and below which nothing is known.
    pub(crate) unseen: &'a [PathBuf],
    /// Whether the root was there.
    pub(crate) root: &'a RootState,
    /// For which files this speaks.
    pub(crate) scope: &'a Scope,
    /// Files may be there that are not in `files`.
    pub(crate) stopped: bool,
}

/// Something that is different now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A file that is not known. It may be a copy, or have moved here from another root.
    Added {
        /// Where it lies.
        path: PathBuf,
        /// Its stamp.
        stamp: FileStamp,
    },
    /// The file at a known path has another stamp. If it was missing or offline, it is there again.
    /// It may also be another photo that was moved onto this path, and then that one is reported
    /// missing from where it was.
    Edited {
        /// The known file.
        id: i64,
        /// Its stamp now.
        stamp: FileStamp,
    },
    /// A known file seems to lie elsewhere now: a file with its stamp turned up, and no other
    /// file fits as well. If the content turns out to differ, this stands for a [`Self::Missing`]
    /// and an [`Self::Added`].
    ///
    /// Moves belong together: two files may have swapped their paths. Taken at once they leave
    /// every path to one file.
    Moved {
        /// The known file.
        id: i64,
        /// Where it seems to lie now.
        to: PathBuf,
        /// The stamp there, which is the known one.
        stamp: FileStamp,
    },
    /// A file that was missing or offline is back, with the stamp that it had.
    Returned {
        /// The known file.
        id: i64,
        /// Its stamp.
        stamp: FileStamp,
    },
    /// A file is gone from a folder that was looked into.
    Missing {
        /// The known file.
        id: i64,
    },
    /// A file cannot be seen at present: its drive, its share or its folder is out of reach.
    Offline {
        /// The known file.
        id: i64,
    },
}

/// Compares the files known below a root with those found there and lists what changed: moves
/// first, by number, then known files and added files, each kind by the bytes of its paths. Known files that
/// the scan does not speak for are left alone, so they may be given or left out.
///
/// It is quickest if the known files come sorted by the bytes of their paths, as a scan's files do;
/// then its time is in proportion to the number of files.
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
    // What is sorted already takes a single pass.
    sorted.sort_by(|a, b| path_bytes(path(a)).cmp(path_bytes(path(b))));
    sorted
}

/// The differences that may turn out to be moves.
#[derive(Default)]
struct News<'a> {
    /// Known files that are not where they were, since this look.
    gone: Vec<&'a KnownFile>,
    /// Known files that were not where they were at an earlier look already.
    long_gone: Vec<&'a KnownFile>,
    /// Known files at whose path lies a file with another stamp.
    replaced: Vec<(&'a KnownFile, &'a FoundFile)>,
    /// Files at paths that are not known.
    added: Vec<&'a FoundFile>,
}

impl News<'_> {
    /// Pairs what vanished with what appeared and adds everything to the other changes.
    fn changes(&self, stopped: bool, mut others: Vec<Change>) -> Vec<Change> {
        // A scan that was stopped cannot tell a move from a copy whose original it did not reach.
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
        // Where a file has moved away from its path, what lies there now is new.
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
