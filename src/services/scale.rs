//! The last adjustment of tags to what is usual in the library.

use crate::core::ids::ModelId;
use crate::store::{ScaleChange, Store, StoreError};

/// Returns the last change of the library's scale for a model, if the scale is still as the change
/// or its undo has left it.
///
/// # Errors
/// If the library cannot be read.
pub(crate) fn last_change(
    store: &Store,
    model: ModelId,
) -> Result<Option<ScaleChange>, StoreError> {
    let now = store.scale_photos(model)?;
    let change = store.scale_change(model)?;
    Ok(change.filter(|change| match change.undone {
        true => now == change.before,
        false => now == Some(change.after),
    }))
}
