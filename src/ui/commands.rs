//! The commands of a frame, carried out before the next.

use crate::app::Command;

/// Commands in the order of the requests.
#[derive(Debug, Default)]
pub(crate) struct Commands(Vec<Command>);

impl Commands {
    /// Adds a command.
    pub(crate) fn push(&mut self, command: impl Into<Command>) {
        self.0.push(command.into());
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends all of `other`.
    pub(crate) fn append(&mut self, other: &mut Self) {
        self.0.append(&mut other.0);
    }

    /// All of them.
    pub(crate) fn into_iter(self) -> impl Iterator<Item = Command> {
        self.0.into_iter()
    }
}
