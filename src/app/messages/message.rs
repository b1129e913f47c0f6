//! Messages for the user.

/// How serious a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// Information.
    Info,
    /// Something is wrong.
    Problem,
}

/// A message for the user, who can read it again later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How serious.
    pub(crate) severity: Severity,
    /// A sentence.
    pub text: String,
}
