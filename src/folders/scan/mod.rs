//! Scans folders: lists their pictures, and reports what could not be seen.
//!
//! A scan is careful about what it does *not* know, because "not found" could be read as "deleted".
//! It reports a folder that cannot be listed, an ignore file that cannot be read and being stopped
//! half-way, and [`reconcile`](crate::folders::reconcile::reconcile) takes nothing below them for
//! deleted.
//!
//! Links are ignored unless requested. If they are followed, all real folders below the root are
//! walked first; then each link in the order of its path, unless it leads to a folder that was
//! walked already. So loops end, no folder is walked twice, and two scans return the same paths.

mod passed_over;
mod result;
mod root;
mod walk;

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::folders::rules::{IGNORE_FILE, NO_MEDIA_FILE, Rules, skips_folder};

pub(crate) use passed_over::PassedOver;
pub(super) use result::path_bytes;
pub use result::{Found, FoundFile, Scan, ScanOptions};
pub(crate) use result::{ScanProblem, Scope};
use result::{is_gone, unseen_folder};
pub(crate) use root::RootState;
pub(super) use root::{FolderIdentity, folder_identity};
use walk::Walk;

/// Scans everything below `root`, an absolute path.
///
/// Setting `stop` ends the scan soon. `on_progress` gets the number of pictures found so far, from
/// several threads; the numbers may arrive out of order.
pub fn scan(
    root: &Path,
    options: &ScanOptions,
    stop: &AtomicBool,
    on_progress: &(dyn Fn(usize) + Sync),
) -> Scan {
    let state = RootState::of(root);
    if state != RootState::Present {
        return Scan::nothing(state, Scope::Root);
    }
    Walk::new(root, options, stop, on_progress).run(root, None, true, Scope::Root)
}

/// Scans one folder below `root` again, as a hint asks: its own files, or with `recursive`
/// everything below it too. The result is what [`scan`] would find there.
///
/// Check [`Scan::scope`]: it is wider than requested if the scan found out more (the folder, or the
/// root, has disappeared with everything below it), and it is the whole root if the folder is
/// reached through a link, which only a full scan can judge. A `folder` that is a file stands for
/// its parent.
pub(crate) fn scan_folder(
    root: &Path,
    folder: &Path,
    recursive: bool,
    options: &ScanOptions,
    stop: &AtomicBool,
    on_progress: &(dyn Fn(usize) + Sync),
) -> Scan {
    let state = RootState::of(root);
    if state != RootState::Present {
        return Scan::nothing(state, Scope::Root);
    }
    let Ok(relative) = folder.strip_prefix(root) else {
        return scan(root, options, stop, on_progress);
    };
    let walk = Walk::new(root, options, stop, on_progress);
    match way_to(root, relative, options, &walk) {
        Way::Open(rules) if recursive => {
            walk.run(folder, rules, true, Scope::Tree(folder.to_path_buf()))
        }
        Way::Open(rules) => walk.run(folder, rules, false, Scope::Folder(folder.to_path_buf())),
        Way::None => Scan::nothing(state, Scope::Tree(folder.to_path_buf())),
        Way::File(around) => scan_folder(root, &around, false, options, stop, on_progress),
        Way::Link => scan(root, options, stop, on_progress),
        Way::Blocked(problem) => Scan {
            unseen: vec![problem.path.clone()],
            problems: vec![problem],
            ..Scan::nothing(state, Scope::Tree(folder.to_path_buf()))
        },
    }
}

/// How to reach a folder from the root.
enum Way {
    /// A scan reaches it, with the rules of the folders around it.
    Open(Option<Arc<Rules>>),
    /// No scan reaches it: the folder is missing or skipped.
    None,
    /// It is a file in this folder.
    File(PathBuf),
    /// It leads through a link to follow.
    Link,
    /// Whether a scan reaches it is unknown.
    Blocked(ScanProblem),
}

fn way_to(root: &Path, relative: &Path, options: &ScanOptions, walk: &Walk<'_>) -> Way {
    let mut here = root.to_path_buf();
    let mut rules = None;
    for component in relative.components() {
        let Component::Normal(name) = component else {
            return Way::Link;
        };
        if fs::symlink_metadata(here.join(NO_MEDIA_FILE)).is_ok() {
            return Way::None;
        }
        if fs::symlink_metadata(here.join(IGNORE_FILE)).is_ok() {
            match Rules::read(&here, rules) {
                Ok((read, _)) => rules = Some(read),
                Err(reason) => return Way::Blocked(ScanProblem { path: here, reason }),
            }
        }
        let inner = here.join(name);
        let metadata = match fs::symlink_metadata(&inner) {
            Ok(metadata) => metadata,
            Err(e) if is_gone(&e) => return Way::None,
            Err(e) => return Way::Blocked(unseen_folder(inner, &e)),
        };
        if metadata.is_symlink() && options.follow_links {
            return Way::Link;
        } else if metadata.is_file() && inner == root.join(relative) {
            return Way::File(here);
        } else if !metadata.is_dir()
            || skips_folder(name, options.hidden)
            || rules.as_ref().is_some_and(|r| r.ignore(&inner, true))
            || !walk.on_right_file_system(&metadata)
        {
            return Way::None;
        }
        here = inner;
    }
    Way::Open(rules)
}

#[cfg(test)]
mod tests;
