//! Errors of fetching, installing, listing and removing models.

use std::io;
use std::path::{Path, PathBuf};

/// Why a model could not be fetched, installed, listed or removed.
#[derive(Debug, thiserror::Error)]
pub enum ModelStoreError {
    /// Neither the catalogue nor the models folder has such a name.
    #[error("no model is called \"{name}\"; `taglens model list` lists the models")]
    Unknown {
        /// The requested name.
        name: String,
    },
    /// The model is not in the models folder.
    #[error("the model \"{name}\" is not installed; `taglens model list` lists the installed ones")]
    NotInstalled {
        /// The requested name.
        name: String,
    },
    /// A model of that name is in the models folder already.
    #[error("a model \"{name}\" is installed already; remove it first, or choose another name")]
    Exists {
        /// The name.
        name: String,
    },
    /// The name is not valid for a folder on every system.
    #[error(
        "\"{name}\" cannot be a model's name: use 1 to 64 letters, digits, dots, hyphens and \
         underscores, with a letter or digit first and last"
    )]
    Name {
        /// The refused name.
        name: String,
    },
    /// A file or folder could not be read or written.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// The action, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file of Taglens about a model is damaged.
    #[error("{path} is damaged ({reason}); remove the model and install it again")]
    Manifest {
        /// The file.
        path: PathBuf,
        /// The damage.
        reason: String,
    },
    /// There are no weights, or several candidates.
    #[error("{path} {reason}")]
    Weights {
        /// The file or folder.
        path: PathBuf,
        /// The problem, as the rest of the sentence.
        reason: String,
    },
    /// The model was read and cannot be used; nothing was installed.
    #[error("the model \"{name}\" was not installed: {reason}")]
    Invalid {
        /// Its intended name.
        name: String,
        /// The reader's reason.
        reason: String,
    },
    /// The hub could not be reached, or the connection broke too often.
    #[error("cannot download {url}: {reason}; {by_hand}")]
    Unreachable {
        /// The file's address.
        url: String,
        /// The network's reason.
        reason: String,
        /// What to do without a network.
        by_hand: Box<ByHand>,
    },
    /// The connection is open, but nothing arrives.
    #[error(
        "nothing came from {url} for {seconds} s; pull again to go on where it stopped, or {by_hand}"
    )]
    Stalled {
        /// The file's address.
        url: String,
        /// The time waited, in seconds.
        seconds: u64,
        /// What to do without a network.
        by_hand: Box<ByHand>,
    },
    /// The hub requires a login.
    #[error(
        "the hub refuses {url} (HTTP {status}): set HF_TOKEN to a token whose owner has accepted \
         the model's terms, or {by_hand}"
    )]
    Refused {
        /// The file's address.
        url: String,
        /// The hub's status code, 401 or 403.
        status: u16,
        /// What to do without a token.
        by_hand: Box<ByHand>,
    },
    /// The hub has no such file.
    #[error("there is no {url} (HTTP 404): the hub moved it, or HF_ENDPOINT is wrong; {by_hand}")]
    NotFound {
        /// The file's address.
        url: String,
        /// What to do instead.
        by_hand: Box<ByHand>,
    },
    /// The answer is not that of a Hugging Face hub.
    #[error("{url} does not answer as a Hugging Face hub does ({reason}); {by_hand}")]
    Answer {
        /// The file's address.
        url: String,
        /// The missing or wrong part.
        reason: String,
        /// What to do instead.
        by_hand: Box<ByHand>,
    },
    /// The download does not match the hub's digest.
    #[error(
        "{url} arrived damaged ({algorithm} {found}, not {expected}) and was deleted; pull it again"
    )]
    Corrupt {
        /// The file's address.
        url: String,
        /// The digest's algorithm.
        algorithm: &'static str,
        /// The hub's digest, in hexadecimal.
        expected: String,
        /// The downloaded file's digest, in hexadecimal.
        found: String,
    },
    /// HF_HUB_OFFLINE forbids the download, and the cache does not have the file.
    #[error("HF_HUB_OFFLINE is set and {url} is not in the cache {cache}: unset it, or {by_hand}")]
    Offline {
        /// The file's address.
        url: String,
        /// The cache that was searched.
        cache: PathBuf,
        /// What to do without a network.
        by_hand: Box<ByHand>,
    },
    /// The hub's file differs from the first download, or from the catalogue.
    #[error(
        "{url} is not what {known_from} says it is ({what}: {found}, not {expected}), and was \
         rejected; {advice}"
    )]
    Changed {
        /// The file's address.
        url: String,
        /// The source of the expected values.
        known_from: Box<str>,
        /// The difference: the commit, the length or the digest.
        what: &'static str,
        /// The hub's value.
        found: Box<str>,
        /// The expected value.
        expected: Box<str>,
        /// What to do.
        advice: Box<str>,
    },
    /// The disk is full.
    #[error("{folder} has no room: {needed_mb} MB are needed there, {available_mb} MB are free")]
    Space {
        /// The folder.
        folder: PathBuf,
        /// The space needed, with a reserve for others, in megabytes.
        needed_mb: u64,
        /// The free space, in megabytes.
        available_mb: u64,
    },
    /// The system cannot start another thread.
    #[error("cannot start a thread: {source}")]
    Thread {
        /// The system's reason.
        source: io::Error,
    },
    /// Another program is downloading the same file into the same cache.
    #[error("{url} is being downloaded by another program; wait for it, then pull again")]
    Busy {
        /// The file's address.
        url: String,
    },
    /// The user cancelled it.
    #[error(
        "the model \"{name}\" was not installed: it was cancelled; the download continues next time"
    )]
    Cancelled {
        /// The model.
        name: String,
    },
    /// There is no folder for the download cache.
    #[error("there is no home folder to keep downloads in: set HF_HOME to a folder")]
    NoCache,
}

/// How to bring a model to a machine without a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHand {
    pub(crate) url: String,
    pub(crate) file: String,
    pub(crate) name: String,
    /// The files of a model that needs several.
    pub(crate) together: Vec<&'static str>,
}

impl std::fmt::Display for ByHand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some((last, others)) = self.together.split_last() {
            let place = self.url.rsplit_once('/').map_or("", |(place, _)| place);
            return write!(
                f,
                "download {} and {last} from {place} into one folder on another machine and run \
                 `taglens model import FOLDER --name {}`",
                others.join(", "),
                self.name
            );
        }
        write!(
            f,
            "download {} on another machine and run `taglens model import {} --name {}`",
            self.url, self.file, self.name
        )
    }
}

/// Converts an I/O error into one that names the file.
pub(crate) fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ModelStoreError {
    let path = path.to_path_buf();
    move |source| ModelStoreError::Io {
        action,
        path,
        source,
    }
}
