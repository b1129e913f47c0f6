//! How large a sidecar may be.

use crate::sidecar::read::error::Fault;

/// The largest sidecars, with masks and long histories, have a few megabytes.
pub(crate) const MAX_SIDECAR_BYTES: u64 = 16 << 20;

/// Refuses bytes by their number. A file of only zero bytes counts as empty: a crash or a drive
/// that reserved the space but did not deliver the content leaves one.
pub(crate) fn check_size(bytes: &[u8]) -> Result<(), Fault> {
    let length = bytes.len() as u64;
    if length > MAX_SIDECAR_BYTES {
        return Err(too_large(length));
    }
    if bytes.iter().all(|&byte| byte == 0) {
        return Err(Fault::Empty);
    }
    Ok(())
}

/// The fault of a file of this size.
pub(crate) fn too_large(bytes: u64) -> Fault {
    let limit = MAX_SIDECAR_BYTES;
    Fault::TooLarge { bytes, limit }
}
