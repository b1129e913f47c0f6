//! The expected files of a model on the hub.

/// The files of a model at one commit, which downloads must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The commit, in lower-case hexadecimal.
    pub commit: &'static str,
    /// The weights, and the configuration if there is one.
    pub files: &'static [PinnedFile],
}

/// One file of a [`Pin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinnedFile {
    /// Its name on the hub.
    pub name: &'static str,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// Its SHA-256 in lower-case hexadecimal.
    pub sha256: &'static str,
}
