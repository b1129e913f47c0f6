//! What a scan looks at, and what it says.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::core::photo::FileStamp;
use crate::folders::rules::IGNORE_FILE;
use crate::folders::scan::passed_over::PassedOver;
use crate::folders::scan::root::RootState;

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

/// What [`reconcile`](crate::folders::reconcile::reconcile) goes by, as [`Scan::found`] gives it.
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

/// The path leads nowhere, which is different from a path that cannot be followed.
pub(super) fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// What paths are sorted by: unlike their components, it is compared at a stroke.
pub(in crate::folders) fn path_bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

pub(super) fn unseen_folder(path: PathBuf, error: &io::Error) -> ScanProblem {
    let reason = if error.kind() == io::ErrorKind::PermissionDenied {
        format!(
            "cannot be looked into ({error}). Allow reading it, or name it in a {IGNORE_FILE} file"
        )
    } else {
        format!("cannot be looked into ({error}). What is known of it is kept")
    };
    ScanProblem { path, reason }
}
