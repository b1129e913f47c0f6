//! How a command ended, and why it failed.

use std::io;

/// The result of a command that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All of it.
    Done,
    /// All except some photos, which were named.
    SomeFailed,
}

impl Outcome {
    pub(crate) fn of(failures: usize) -> Self {
        match failures {
            0 => Self::Done,
            _ => Self::SomeFailed,
        }
    }
}

/// Formats an error with each reason once, because many errors repeat their source in their own
/// message.
pub(crate) fn reasons(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for reason in error.chain().map(ToString::to_string) {
        if said.is_empty() {
            said = reason;
        } else if !said.contains(&reason) {
            said = format!("{said}: {reason}");
        }
    }
    said
}

pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = |cause: &(dyn std::error::Error + 'static)| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        // JSON's own error hides the one below it.
        io.or_else(|| cause.downcast_ref::<serde_json::Error>()?.io_error_kind())
    };
    error
        .chain()
        .any(|cause| kind(cause) == Some(io::ErrorKind::BrokenPipe))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_said_once() {
        let disk = io::Error::other("the disk is full");
        let library =
            anyhow::Error::new(disk).context("the library cannot be written: the disk is full");
        let error = library.context("cannot index /photos");
        assert_eq!(
            reasons(&error),
            "cannot index /photos: the library cannot be written: the disk is full"
        );
    }
}
