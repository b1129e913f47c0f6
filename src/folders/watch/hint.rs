//! The options and the messages of a watcher.

use std::path::PathBuf;
use std::time::Duration;

/// The options of a watcher.
#[derive(Clone, Debug)]
pub(crate) struct WatchOptions {
    /// A hint is sent when its folder has been quiet for this long, or after eight times as long if
    /// it never is.
    pub(crate) debounce: Duration,
    /// How often to scan a root that cannot be watched.
    pub(crate) poll_interval: Duration,
    /// Whether to poll everything and watch nothing.
    pub(crate) force_polling: bool,
    /// As in [`ScanOptions`](crate::folders::scan::ScanOptions), which must agree.
    pub(crate) follow_links: bool,
    /// As in [`ScanOptions`](crate::folders::scan::ScanOptions), which must agree.
    pub(crate) hidden: bool,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self {
            debounce: Duration::from_millis(500),
            poll_interval: Duration::from_secs(30),
            force_polling: false,
            follow_links: false,
            hidden: false,
        }
    }
}

/// A place to scan again. Perhaps nothing has changed there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// Call [`scan_folder`](crate::folders::scan::scan_folder) on this folder, which may be
    /// missing.
    Look {
        /// Its root.
        root: PathBuf,
        /// The folder.
        folder: PathBuf,
        /// Whether to include everything below it.
        recursive: bool,
    },
    /// Call [`scan`](crate::folders::scan::scan).
    LookAll {
        /// The root.
        root: PathBuf,
    },
}

/// How changes below a root are noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WatchState {
    /// The system reports them.
    Watching,
    /// By scans at intervals.
    Polling {
        /// Why the system cannot report them, in sentences.
        reason: String,
    },
    /// Not at all: the root is not available now. Watching resumes when it is back.
    Offline {
        /// The reason, in a sentence.
        reason: String,
    },
}

/// A message of a watcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WatchEvent {
    /// Look again.
    Hint(Hint),
    /// A root has a new state. A scan of everything in it follows.
    State {
        /// The root.
        root: PathBuf,
        /// Its new state.
        state: WatchState,
    },
}
