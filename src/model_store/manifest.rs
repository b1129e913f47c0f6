//! The manifest of an installed model, `taglens-model.json`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::model_store::catalogue::Entry;

/// The file in a model's folder.
pub(crate) const MANIFEST: &str = "taglens-model.json";

/// The content of `taglens-model.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The model's name, also its folder's.
    pub(crate) name: String,
    /// Its origin: the hub's address, or the path that was imported.
    pub source: String,
    /// The file to load: the weights, or the index of weights in several files.
    pub weights: String,
    /// All installed files, the weights first.
    pub files: Vec<ManifestFile>,
    /// Name of the catalogue's entry, if it came from there.
    pub(crate) entry: Option<String>,
    /// Whether the activation is QuickGELU, if the catalogue or the user says so.
    pub quick_gelu: Option<bool>,
    /// The weights' licence, if known.
    pub(crate) licence: Option<String>,
    /// When it was installed, in seconds since 1970-01-01 UTC.
    pub(crate) installed_unix_s: u64,
}

/// One file of an installed model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Its name in the model's folder.
    pub(crate) name: String,
    /// Its length in bytes.
    pub(crate) size_bytes: u64,
    /// Its SHA-256 digest in hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// The catalogue's entry that this model was pulled as.
    pub fn catalogue_entry(&self) -> Option<&'static Entry> {
        Entry::find(self.entry.as_deref()?)
    }
}

/// A model in the models folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// The manifest.
    pub manifest: Manifest,
    /// Its folder.
    pub folder: PathBuf,
}

impl Installed {
    /// The file to load.
    pub fn weights(&self) -> PathBuf {
        self.folder.join(&self.manifest.weights)
    }

    /// The total length of its files, in bytes.
    pub(crate) fn size_bytes(&self) -> u64 {
        self.manifest.files.iter().map(|f| f.size_bytes).sum()
    }
}
