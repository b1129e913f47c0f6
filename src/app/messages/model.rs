//! A model that the user can choose.

use crate::words::Phrase;
/// A model that is installed or available.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ModelInfo {
    /// Its name.
    pub(crate) name: String,
    /// A description of the model and its uses.
    pub(crate) description: Phrase,
    /// The size of the download in megabytes; `None` if it is not available.
    pub(crate) size_mb: Option<u32>,
    /// Whether it is on this machine.
    pub(crate) installed: bool,
}
