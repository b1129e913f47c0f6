//! Messages for the user about the work in progress.

use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::core::count;
use crate::store::{NamedChange, ScaleConstants};

/// The most notices kept; newer ones replace older ones.
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
    /// A folder, or a file's metadata, could not be read.
    Unseen {
        /// The folder or file.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// A folder of the library is not available; nothing in it was deleted.
    Offline {
        /// The folder.
        path: PathBuf,
    },
    /// A folder of the library is available again.
    Returned {
        /// The folder.
        path: PathBuf,
    },
    /// How changes in a folder are noticed.
    Watching {
        /// The folder.
        path: PathBuf,
        /// `None` if the system reports changes; else why the folder is scanned at intervals.
        polling: Option<String>,
    },
    /// A sidecar could not be read.
    SidecarUnread {
        /// The sidecar.
        path: PathBuf,
        /// A sentence with the sidecar's name, the reason and what to do.
        reason: String,
    },
    /// Another program overwrote Taglens's keywords in a sidecar.
    SidecarOverwritten {
        /// The sidecar.
        path: PathBuf,
        /// A sentence with the sidecar's name, what happened and what to do.
        reason: String,
    },
    /// Labels were scaled to the library, which changed tags.
    Rescaled {
        /// How many photos determine the scale.
        photos: usize,
        /// The model's constants, if they were fitted to these photos.
        constants: Option<ScaleConstants>,
        /// The changed labels, those with the most changes first.
        labels: Vec<NamedChange>,
    },
    /// Something in the library's file is damaged.
    Damaged {
        /// The damage, in a sentence.
        what: String,
    },
    /// The model runs in another way than requested.
    Degraded {
        /// What happened, and what is done instead.
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
            Self::Rescaled { .. } => "rescaled",
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
                write!(f, "{} was not checked: {reason}", path.display())
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
                "{} is scanned at intervals instead of being watched: {reason}",
                path.display()
            ),
            Self::SidecarUnread { reason, .. } | Self::SidecarOverwritten { reason, .. } => {
                f.write_str(reason)
            }
            Self::Rescaled {
                photos,
                constants,
                labels,
            } => {
                rescaled(f, *photos, labels)?;
                match constants {
                    Some(constants) => write!(f, "; {constants}"),
                    None => Ok(()),
                }
            }
            Self::Damaged { what } => write!(
                f,
                "the library is damaged: {what}; `taglens library repair` repairs it"
            ),
            Self::Degraded { what } => f.write_str(what),
        }
    }
}

/// Labels that a message names.
const NAMED: usize = 5;

fn rescaled(f: &mut fmt::Formatter<'_>, photos: usize, labels: &[NamedChange]) -> fmt::Result {
    let gained = labels.iter().map(|l| l.gained).sum();
    let lost = labels.iter().map(|l| l.lost).sum();
    let named = labels.iter().take(NAMED).map(NamedChange::to_string);
    let mut named = named.collect::<Vec<_>>().join(", ");
    if labels.len() > NAMED {
        named.push_str(", …");
    }
    write!(
        f,
        "tags now follow what is usual among the {} of this library: {} added, {} removed ({named})",
        count::photos(photos),
        count::number(gained),
        count::number(lost),
    )
}

/// Notices waiting to be shown.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    waiting: Mutex<VecDeque<Notice>>,
}

impl Notices {
    /// Adds a notice.
    pub(crate) fn add(&self, notice: Notice) {
        // The message itself names files.
        tracing::info!(kind = notice.kind(), "notice");
        tracing::debug!("{notice}");
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() == KEPT {
            waiting.pop_front();
        }
        waiting.push_back(notice);
    }

    /// Takes all waiting notices without blocking.
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
    fn a_new_scale_is_told_with_its_numbers() {
        let label = |n: usize| NamedChange {
            name: format!("label {n}"),
            gained: 10 - n,
            lost: n,
        };
        let notice = |count| Notice::Rescaled {
            photos: 1024,
            constants: None,
            labels: (0..count).map(label).collect(),
        };
        assert_eq!(
            notice(2).to_string(),
            "tags now follow what is usual among the 1,024 photos of this library: 19 added, \
             1 removed (label 0 +10, label 1 +9 −1)"
        );
        assert!(notice(6).to_string().ends_with("label 4 +6 −4, …)"));
        let calibrated = Notice::Rescaled {
            photos: 1024,
            constants: Some(ScaleConstants {
                slope: 1620,
                bias: -2130,
            }),
            labels: Vec::new(),
        };
        assert!(calibrated.to_string().ends_with(
            "; confidences follow the starter's verdicts on these photos (slope 1.62, bias −2.13)"
        ));
    }

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
