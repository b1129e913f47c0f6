//! Looking at folders: which pictures lie there, and what could not be seen.
//!
//! A scan is careful about what it does *not* know, since "not found" is otherwise read as "gone".
//! A folder that cannot be listed, an ignore file that cannot be read and a scan that was stopped
//! half-way are all reported, and [`reconcile`](crate::folders::reconcile::reconcile) takes nothing below
//! them for gone.
//!
//! Links are left alone unless asked for. When they are followed, all real folders below the root
//! are walked first; then each link in the order of its path, unless it leads to a folder that was
//! walked already. So loops end, no folder is walked twice, and two scans give the same paths.

mod passed_over;
mod root;
mod walk;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::core::photo::FileStamp;
use crate::folders::reconcile::Found;
use crate::folders::rules::{IGNORE_FILE, NO_MEDIA_FILE, Rules, skips_folder};

pub(crate) use passed_over::PassedOver;
pub(crate) use root::RootState;
pub(super) use root::{FolderId, folder_id};
use walk::Walk;

/// What a scan looks at.
#[derive(Clone, Debug, Default)]
pub struct ScanOptions {
    /// Follow links to files and to folders. Loops are harmless.
    pub follow_links: bool,
    /// Follow links to files only, as a command does that is given a folder once.
    pub links_to_files: bool,
    /// Stay on the file system of the root. It holds on Unix; elsewhere, mounted folders are links.
    pub one_file_system: bool,
    /// Look at files and folders whose name starts with a dot, too.
    pub hidden: bool,
    /// Threads to look with; 0 for as many as there are processor cores.
    pub threads: usize,
}

/// A picture that a scan found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFile {
    /// Where it lies, below the root as it was given.
    pub path: PathBuf,
    /// Its length and time when it was seen.
    pub stamp: FileStamp,
}

/// Something that a person should hear about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScanProblem {
    /// The folder or the file.
    pub(crate) path: PathBuf,
    /// What is wrong with it and what to do, to be read after its path.
    pub(crate) reason: String,
}

impl fmt::Display for ScanProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.reason)
    }
}

/// Which files a scan speaks for: of others it knows nothing, neither that they are there nor that
/// they are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everything below the root.
    Root,
    /// The files directly in this folder.
    Folder(PathBuf),
    /// Everything below this path, and what lies at the path itself.
    Tree(PathBuf),
}

impl Scope {
    /// Whether the scan speaks for the file at `path`, which lies below the root.
    pub(crate) fn covers(&self, path: &Path) -> bool {
        match self {
            Self::Root => true,
            Self::Folder(folder) => path.parent() == Some(folder),
            Self::Tree(tree) => path.starts_with(tree),
        }
    }
}

/// What a scan saw.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Pictures, sorted by the bytes of their paths, each path once.
    pub files: Vec<FoundFile>,
    /// What a person should hear about, sorted by path.
    pub(crate) problems: Vec<ScanProblem>,
    /// Paths at and below which nothing is known, sorted: whatever could not be looked into.
    pub(crate) unseen: Vec<PathBuf>,
    /// What lies there and is not taken for photos.
    pub(crate) passed_over: PassedOver,
    /// Whether the root was there. If it was not, `files` is empty.
    pub(crate) root: RootState,
    /// Which files this scan speaks for.
    pub(crate) scope: Scope,
    /// The scan was stopped: files that it lacks may be there all the same.
    pub(crate) stopped: bool,
}

impl Scan {
    /// What [`reconcile`](crate::folders::reconcile::reconcile) compares with the files that are known.
    pub fn found(&self) -> Found<'_> {
        Found {
            files: &self.files,
            unseen: &self.unseen,
            root: &self.root,
            scope: &self.scope,
            stopped: self.stopped,
        }
    }

    fn nothing(root: RootState, scope: Scope) -> Self {
        Self {
            files: Vec::new(),
            problems: Vec::new(),
            unseen: Vec::new(),
            passed_over: PassedOver::default(),
            root,
            scope,
            stopped: false,
        }
    }
}

/// Looks at everything below `root`, an absolute path.
///
/// Setting `stop` ends the scan soon. `on_progress` hears, from several threads, how many pictures
/// were found so far; the numbers may arrive out of order.
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

/// Looks again at one folder below `root`, as a hint asks for: at its own files, or with
/// `recursive` at everything below it too. It finds what [`scan`] would have found there.
///
/// Read the answer's [`Scan::scope`]: it is wider than what was asked for when more turned out to
/// be known (the folder is gone with everything below it, or the root is), and it is the whole root
/// when the folder is reached through a link, which only a full scan can judge. A `folder` that is
/// a file stands for the folder that it lies in.
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

/// How a folder is reached from the root.
enum Way {
    /// A scan comes by, with the rules of the folders around it.
    Open(Option<Arc<Rules>>),
    /// No scan comes by: the folder is gone, or passed over.
    None,
    /// It is a file in this folder.
    File(PathBuf),
    /// It leads through a link that is to be followed.
    Link,
    /// It is not known whether a scan would come by.
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

/// The path leads nowhere, which is different from a path that cannot be followed.
fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// What paths are sorted by: unlike their components, it is compared at a stroke.
pub(super) fn path_bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

fn unseen_folder(path: PathBuf, error: &io::Error) -> ScanProblem {
    let reason = if error.kind() == io::ErrorKind::PermissionDenied {
        format!(
            "cannot be looked into ({error}). Allow reading it, or name it in a {IGNORE_FILE} file"
        )
    } else {
        format!("cannot be looked into ({error}). What is known of it is kept")
    };
    ScanProblem { path, reason }
}

#[cfg(test)]
mod tests;
