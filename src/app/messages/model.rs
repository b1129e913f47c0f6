//! A model that a person can choose.

/// A model that is here or can be had.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelInfo {
    /// Its name.
    pub name: String,
    /// What it is and what it is good for.
    pub description: String,
    /// What has to be fetched, in megabytes; `None` where that cannot be.
    pub size_mb: Option<u32>,
    /// Whether it is on this machine.
    pub installed: bool,
}
