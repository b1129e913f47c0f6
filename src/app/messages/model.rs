//! A model that a person can choose.

/// A model that is here or can be had.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ModelInfo {
    /// Its name.
    pub(crate) name: String,
    /// What it is and what it is good for.
    pub(crate) description: String,
    /// What has to be fetched, in megabytes; `None` where that cannot be.
    pub(crate) size_mb: Option<u32>,
    /// Whether it is on this machine.
    pub(crate) installed: bool,
}
