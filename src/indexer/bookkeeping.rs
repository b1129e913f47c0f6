//! The list of other programs' notes among keywords, as the user edited it.

use crate::indexer::shared::PipelineError;
use crate::sidecar::Bookkeeping;
use crate::store::Store;

/// Returns the library's list, or the notes of darktable and digiKam if the user never edited it.
///
/// # Errors
/// If the library cannot be read.
pub(crate) fn of(store: &Store) -> Result<Bookkeeping, PipelineError> {
    let text = store.bookkeeping()?;
    let list = text.and_then(|text| serde_json::from_str(&text).ok());
    Ok(list.unwrap_or_default())
}

/// Stores the list. The next index reads all sources again.
///
/// # Errors
/// If the library cannot be written.
pub(crate) fn set(store: &mut Store, list: &Bookkeeping) -> Result<(), PipelineError> {
    // JSON can hold any list of texts.
    let text = serde_json::to_string(list).unwrap_or_default();
    Ok(store.write(|w| w.set_bookkeeping(&text))?)
}
