//! What drawing asks for, to be carried out before the next frame.

use crate::app::Command;

/// Commands in the order in which they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Commands(Vec<Command>);

impl Commands {
    /// Asks for one.
    pub(crate) fn push(&mut self, command: impl Into<Command>) {
        self.0.push(command.into());
    }

    /// Whether nothing is asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Moves all of `other` behind these.
    pub(crate) fn append(&mut self, other: &mut Self) {
        self.0.append(&mut other.0);
    }

    /// All of them.
    pub(crate) fn into_iter(self) -> impl Iterator<Item = Command> {
        self.0.into_iter()
    }
}
