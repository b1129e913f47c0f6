//! What a person should hear about while the work goes on.

use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Older notices make way for newer ones past this many.
const KEPT: usize = 1000;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A photo cannot be read or decoded; the reason names it.
    Failed {
        /// The photo.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A folder, or a file's metadata, could not be looked at.
    Unseen {
        /// What.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// A folder of the library cannot be seen; nothing of it was deleted.
    Offline {
        /// The folder.
        path: PathBuf,
    },
    /// A folder of the library is there again.
    Returned {
        /// The folder.
        path: PathBuf,
    },
    /// How a folder is kept in view.
    Watching {
        /// The folder.
        path: PathBuf,
        /// `None` where the system tells of changes; else why it is looked at time and again.
        polling: Option<String>,
    },
    /// A sidecar could not be read.
    SidecarUnread {
        /// The sidecar.
        path: PathBuf,
        /// Why, and what to do; a sentence that names it.
        reason: String,
    },
    /// Another program has written over what Taglens had in a sidecar.
    SidecarOverwritten {
        /// The sidecar.
        path: PathBuf,
        /// What happened, and what to do; a sentence that names it.
        reason: String,
    },
    /// Something in the library's file is damaged.
    Damaged {
        /// What, in a sentence.
        what: String,
    },
    /// The model computes in another way than it was told to.
    Degraded {
        /// What happened and what is done instead.
        what: String,
    },
}

impl Notice {
    fn kind(&self) -> &'static str {
        match self {
            Self::Failed { .. } => "failed",
            Self::Unseen { .. } => "unseen",
            Self::Offline { .. } => "offline",
            Self::Returned { .. } => "returned",
            Self::Watching { .. } => "watching",
            Self::SidecarUnread { .. } => "sidecar unread",
            Self::SidecarOverwritten { .. } => "sidecar overwritten",
            Self::Damaged { .. } => "damaged",
            Self::Degraded { .. } => "degraded",
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { reason, .. } => f.write_str(reason),
            Self::Unseen { path, reason } => {
                write!(f, "{} was not looked at: {reason}", path.display())
            }
            Self::Offline { path } => write!(
                f,
                "{} cannot be seen, as when a drive is not connected; its photos are kept as they were",
                path.display()
            ),
            Self::Returned { path } => write!(f, "{} is there again", path.display()),
            Self::Watching {
                path,
                polling: None,
            } => write!(f, "watching {}", path.display()),
            Self::Watching {
                path,
                polling: Some(reason),
            } => write!(
                f,
                "{} is looked at time and again instead of being watched: {reason}",
                path.display()
            ),
            Self::SidecarUnread { reason, .. } | Self::SidecarOverwritten { reason, .. } => {
                f.write_str(reason)
            }
            Self::Damaged { what } => write!(
                f,
                "the library is damaged: {what}; `taglens library repair` mends it"
            ),
            Self::Degraded { what } => f.write_str(what),
        }
    }
}

/// Notices on their way to whoever shows them.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    waiting: Mutex<VecDeque<Notice>>,
}

impl Notices {
    /// Adds one.
    pub(crate) fn add(&self, notice: Notice) {
        // What it says names files.
        tracing::info!(kind = notice.kind(), "notice");
        tracing::debug!("{notice}");
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() == KEPT {
            waiting.pop_front();
        }
        waiting.push_back(notice);
    }

    /// Takes all that wait; never waits itself.
    pub(crate) fn drain(&self) -> Vec<Notice> {
        match self.waiting.try_lock() {
            Ok(mut waiting) => waiting.drain(..).collect(),
            Err(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept() {
        let notices = Notices::default();
        for n in 0..KEPT + 5 {
            notices.add(Notice::Degraded {
                what: n.to_string(),
            });
        }
        let drained = notices.drain();
        assert_eq!(drained.len(), KEPT);
        assert_eq!(drained[0].to_string(), "5");
        assert!(notices.drain().is_empty());
    }
}
