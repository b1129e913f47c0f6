//! What the user said and the library does not have yet.

/// Whether the library has what the user said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Saving {
    /// The requests handled so far, of those that must be saved.
    pub(crate) handled: u64,
    /// What could not be saved and is tried again.
    pub(crate) unsaved: Option<Unsaved>,
}

/// Changes that could not be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unsaved {
    /// Their number.
    pub(crate) changes: usize,
    /// Why the library could not be written.
    pub(crate) reason: String,
}
