//! Errors of reading a container.

use crate::decode::error::Fault;

/// Converts an error of the container's parser.
pub(super) fn container_fault(error: heifer::heifer_isobmff::Error) -> Fault {
    Fault::damaged(&error.to_string())
}
