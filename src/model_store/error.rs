//! Why models cannot be fetched, installed, listed or removed.

use std::io;
use std::path::{Path, PathBuf};

/// Why a model could not be fetched, installed, listed or removed.
#[derive(Debug, thiserror::Error)]
pub enum ModelStoreError {
    /// Neither the catalogue nor the models folder has such a name.
    #[error("no model is called \"{name}\"; `taglens model list` names those there are")]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
    /// The model is not in the models folder.
    #[error("the model \"{name}\" is not installed; `taglens model list` names those that are")]
    NotInstalled {
        /// The name that was asked for.
        name: String,
    },
    /// A model of that name is in the models folder already.
    #[error("a model \"{name}\" is installed already; remove it first, or choose another name")]
    Exists {
        /// The name.
        name: String,
    },
    /// The name cannot be that of a folder on every system.
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
        /// What was being done, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What Taglens wrote about a model cannot be read back.
    #[error("{path} is damaged ({reason}); remove the model and install it again")]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There are no weights, or several and nothing says which.
    #[error("{path} {reason}")]
    Weights {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong, as the rest of the sentence.
        reason: String,
    },
    /// The model was read and is not usable; nothing was installed.
    #[error("the model \"{name}\" was not installed: {reason}")]
    Invalid {
        /// The name that it was to have.
        name: String,
        /// What the model's reader said.
        reason: String,
    },
    /// The hub could not be reached, or the connection broke too often.
    #[error("cannot download {url}: {reason}; {by_hand}")]
    Unreachable {
        /// The file's address.
        url: String,
        /// What the network said.
        reason: String,
        /// What to do without this machine's network.
        by_hand: Box<ByHand>,
    },
    /// The connection is there, but nothing comes.
    #[error(
        "nothing came from {url} for {seconds} s; pull again to go on where it stopped, or {by_hand}"
    )]
    Stalled {
        /// The file's address.
        url: String,
        /// How long was waited, in seconds.
        seconds: u64,
        /// What to do without this machine's network.
        by_hand: Box<ByHand>,
    },
    /// The hub wants to know who asks.
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
        /// What was missing or wrong.
        reason: String,
        /// What to do instead.
        by_hand: Box<ByHand>,
    },
    /// The download does not have the hub's digest.
    #[error(
        "{url} came damaged ({algorithm} {found}, not {expected}) and was thrown away; pull it again"
    )]
    Corrupt {
        /// The file's address.
        url: String,
        /// How the digest is computed.
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
        /// What to do without the network.
        by_hand: Box<ByHand>,
    },
    /// The hub gives something else than it gave first, or than the catalogue knows.
    #[error(
        "{url} is not what {known_from} says it is ({what}: {found}, not {expected}), and was not \
         taken; {advice}"
    )]
    Changed {
        /// The file's address.
        url: String,
        /// Where the expected file is described.
        known_from: Box<str>,
        /// What differs: the commit, the length or the digest.
        what: &'static str,
        /// What the hub says.
        found: Box<str>,
        /// What is known.
        expected: Box<str>,
        /// What to do.
        advice: Box<str>,
    },
    /// The disk has no room.
    #[error("{folder} has no room: {needed_mb} MB are needed there, {available_mb} MB are free")]
    Space {
        /// The folder.
        folder: PathBuf,
        /// What is needed, with a reserve for others, in megabytes.
        needed_mb: u64,
        /// What is free, in megabytes.
        available_mb: u64,
    },
    /// The system has no thread to spare.
    #[error("cannot start a thread: {source}")]
    Thread {
        /// What the system said.
        source: io::Error,
    },
    /// Someone else downloads the same file into the same cache.
    #[error("{url} is being downloaded by another program; wait for it, then pull again")]
    Busy {
        /// The file's address.
        url: String,
    },
    /// A person did not want it any more.
    #[error(
        "the model \"{name}\" was not installed: it was cancelled; a download goes on next time"
    )]
    Cancelled {
        /// The model.
        name: String,
    },
    /// There is no place for the download cache.
    #[error("there is no home folder to keep downloads in: set HF_HOME to a folder")]
    NoCache,
}

/// How to bring a model to a machine without a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHand {
    pub(crate) url: String,
    pub(crate) file: String,
    pub(crate) name: String,
}

impl std::fmt::Display for ByHand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "download {} on another machine and run `taglens model import {} --name {}`",
            self.url, self.file, self.name
        )
    }
}

/// Turns an I/O error into one that names the file.
pub(crate) fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ModelStoreError {
    let path = path.to_path_buf();
    move |source| ModelStoreError::Io {
        action,
        path,
        source,
    }
}
