//! The first download of each repository of the hub, which later ones must match.
//!
//! Without a pin in the catalogue, this is the only basis for trust: a hub that was honest once
//! cannot send something else later without being noticed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model_store::catalogue::Pin;

/// The file in the data folder.
pub(crate) const FIRST_DOWNLOADS: &str = "first-downloads.json";

/// By repository.
pub(crate) type FirstDownloads = BTreeMap<String, FirstDownload>;

/// The files of a repository at one commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FirstDownload {
    /// The commit, in hexadecimal.
    pub(crate) commit: String,
    /// By name.
    pub(crate) files: BTreeMap<String, KnownFile>,
}

/// One file whose content is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownFile {
    /// Its length in bytes.
    pub(crate) size_bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub(crate) sha256: String,
}

impl From<&Pin> for FirstDownload {
    fn from(pin: &Pin) -> Self {
        let known = |file: &crate::model_store::catalogue::PinnedFile| {
            let known = KnownFile {
                size_bytes: file.size_bytes,
                sha256: file.sha256.to_owned(),
            };
            (file.name.to_owned(), known)
        };
        Self {
            commit: pin.commit.to_owned(),
            files: pin.files.iter().map(known).collect(),
        }
    }
}
