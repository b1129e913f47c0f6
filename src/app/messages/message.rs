//! What a person is told.

/// How serious a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// Good to know.
    Info,
    /// Something does not go as it should.
    Problem,
}

/// Something a person should be told, and can read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How serious.
    pub(crate) severity: Severity,
    /// A sentence.
    pub text: String,
}
