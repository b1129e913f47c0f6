//! What a watcher is told, and what it tells.

use std::path::PathBuf;
use std::time::Duration;

/// How a watcher works.
#[derive(Clone, Debug)]
pub(crate) struct WatchOptions {
    /// A hint is given when its folder has been quiet for this long, or after eight times as long
    /// if it never is.
    pub(crate) debounce: Duration,
    /// How often a root that cannot be watched is to be looked at.
    pub(crate) poll_interval: Duration,
    /// Watch nothing, poll everything.
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

/// A place to look at again. Perhaps nothing changed there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// [`scan_folder`](crate::folders::scan::scan_folder) is to look at this folder, which may be gone.
    Look {
        /// The root that it lies in.
        root: PathBuf,
        /// The folder.
        folder: PathBuf,
        /// Everything below it, too.
        recursive: bool,
    },
    /// [`scan`](crate::folders::scan::scan) is to look at everything.
    LookAll {
        /// The root.
        root: PathBuf,
    },
}

/// How changes below a root are noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WatchState {
    /// The system tells of them.
    Watching,
    /// By looking at intervals.
    Polling {
        /// Why the system cannot tell of them, in sentences.
        reason: String,
    },
    /// Not at all: the root cannot be seen at present. It is picked up again when it is back.
    Offline {
        /// What is wrong with it, in a sentence.
        reason: String,
    },
}

/// What a watcher sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WatchEvent {
    /// Look again.
    Hint(Hint),
    /// A root is in another state than before. A look at everything in it follows.
    State {
        /// The root.
        root: PathBuf,
        /// Its state now.
        state: WatchState,
    },
}
