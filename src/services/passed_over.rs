//! What scans of the library's folders left out.

use crate::core::ids::FolderId;
use crate::folders::PassedOver;
use crate::store::{Store, StoreError};

/// What the last full scan of a folder left out; nothing before the first.
///
/// # Errors
/// If the library cannot be read.
pub(crate) fn of_folder(store: &Store, folder: FolderId) -> Result<PassedOver, StoreError> {
    let counts = store.passed_over(folder)?;
    let counts = counts.and_then(|text| serde_json::from_str(&text).ok());
    Ok(counts.unwrap_or_default())
}
