//! The options and the result of a scan.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::core::photo::{FileStamp, is_picture, is_video};
use crate::folders::rules::IGNORE_FILE;
use crate::folders::scan::passed_over::PassedOver;
use crate::folders::scan::root::RootState;

/// The options of a scan.
#[derive(Clone, Debug, Default)]
pub struct ScanOptions {
    /// Whether to follow links to files and to folders. Loops are harmless.
    pub follow_links: bool,
    /// Whether to follow links to files only, as one-off commands do.
    pub links_to_files: bool,
    /// Whether to stay on the file system of the root. Works on Unix; elsewhere, mounted folders
    /// are links.
    pub one_file_system: bool,
    /// Whether to include files and folders with names that start with a dot.
    pub hidden: bool,
    /// Whether to include videos that can be read.
    pub videos: bool,
    /// The number of threads; 0 for one per processor core.
    pub threads: usize,
}

impl ScanOptions {
    /// Whether to take a file of this name.
    pub(super) fn takes(&self, name: &Path) -> bool {
        is_picture(name) || self.videos && is_video(name)
    }
}

/// A picture that a scan found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFile {
    /// Its path, below the root as given.
    pub path: PathBuf,
    /// Its length and time when it was found.
    pub stamp: FileStamp,
}

/// A message for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScanProblem {
    /// The folder or the file.
    pub(crate) path: PathBuf,
    /// The problem and what to do, to be read after the path.
    pub(crate) reason: String,
}

impl fmt::Display for ScanProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.reason)
    }
}

/// The files that a scan covers. It knows nothing about others, neither that they exist nor that
/// they are missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everything below the root.
    Root,
    /// The files directly in this folder.
    Folder(PathBuf),
    /// Everything at and below this path.
    Tree(PathBuf),
}

impl Scope {
    /// Whether the scan covers the file at `path`, which is below the root.
    pub(crate) fn covers(&self, path: &Path) -> bool {
        match self {
            Self::Root => true,
            Self::Folder(folder) => path.parent() == Some(folder),
            Self::Tree(tree) => path.starts_with(tree),
        }
    }
}

/// The result of a scan.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Pictures, sorted by the bytes of their paths, each path once.
    pub files: Vec<FoundFile>,
    /// Messages for the user, sorted by path.
    pub(crate) problems: Vec<ScanProblem>,
    /// Paths that could not be listed, sorted. Nothing at or below them is known.
    pub(crate) unseen: Vec<PathBuf>,
    /// The skipped files and folders.
    pub(crate) passed_over: PassedOver,
    /// The state of the root. If it was not there, `files` is empty.
    pub(crate) root: RootState,
    /// The files that this scan covers.
    pub(crate) scope: Scope,
    /// Whether the scan was stopped: files may exist that are not in `files`.
    pub(crate) stopped: bool,
}

impl Scan {
    /// The input for [`reconcile`](crate::folders::reconcile::reconcile).
    pub fn found(&self) -> Found<'_> {
        Found {
            files: &self.files,
            unseen: &self.unseen,
            root: &self.root,
            scope: &self.scope,
            stopped: self.stopped,
        }
    }

    pub(super) fn nothing(root: RootState, scope: Scope) -> Self {
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

/// The input of [`reconcile`](crate::folders::reconcile::reconcile), from [`Scan::found`].
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// Pictures, each path once, in any order.
    pub(crate) files: &'a [FoundFile],
    /// Paths at and below which nothing is known.
    pub(crate) unseen: &'a [PathBuf],
    /// The state of the root.
    pub(crate) root: &'a RootState,
    /// The files that this covers.
    pub(crate) scope: &'a Scope,
    /// Whether files may exist that are not in `files`.
    pub(crate) stopped: bool,
}

/// Whether the path leads nowhere, as opposed to a path that cannot be followed.
pub(super) fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// The key for sorting paths: unlike components, bytes are compared in one step.
pub(in crate::folders) fn path_bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

pub(super) fn unseen_folder(path: PathBuf, error: &io::Error) -> ScanProblem {
    let reason = if error.kind() == io::ErrorKind::PermissionDenied {
        format!("cannot be read ({error}). Allow reading it, or name it in a {IGNORE_FILE} file")
    } else {
        format!("cannot be read ({error}). What the library knows about it is kept")
    };
    ScanProblem { path, reason }
}
