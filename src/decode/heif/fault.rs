//! Why a container cannot be read.

use crate::decode::error::Fault;

/// What the container's parser says.
pub(super) fn container_fault(error: heifer::heifer_isobmff::Error) -> Fault {
    Fault::damaged(&error.to_string())
}
