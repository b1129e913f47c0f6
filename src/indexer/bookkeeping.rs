//! The list of other programs' notes among keywords, as the person edited it.

use crate::indexer::shared::PipelineError;
use crate::sidecar::Bookkeeping;
use crate::store::Store;

/// The library's list; where the person never edited one, what darktable and digiKam write.
///
/// # Errors
/// Where the library cannot be read.
pub(crate) fn of(store: &Store) -> Result<Bookkeeping, PipelineError> {
    let text = store.bookkeeping()?;
    let list = text.and_then(|text| serde_json::from_str(&text).ok());
    Ok(list.unwrap_or_default())
}

/// Keeps the list. The next look reads all sources by it.
///
/// # Errors
/// Where the library cannot be written.
pub(crate) fn set(store: &mut Store, list: &Bookkeeping) -> Result<(), PipelineError> {
    // A list of texts, which JSON can always hold.
    let text = serde_json::to_string(list).unwrap_or_default();
    Ok(store.write(|w| w.set_bookkeeping(&text))?)
}
