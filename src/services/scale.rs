//! The last adjustment of tags to what is usual in the library.

use crate::core::ids::ModelId;
use crate::store::{ScaleChange, Store, StoreError};

/// Returns the last change of the library's scale for a model, if the scale is still as the change
/// or its undo has left it. A model that the library does not know has none.
///
/// # Errors
/// If the library cannot be read.
pub(crate) fn last_change(
    store: &Store,
    model: Option<ModelId>,
) -> Result<Option<ScaleChange>, StoreError> {
    let Some(model) = model else {
        return Ok(None);
    };
    let now = store.scale_photos(model)?;
    let change = store.scale_change(model)?;
    Ok(change.filter(|change| match change.undone {
        true => now == change.before,
        false => now == Some(change.after),
    }))
}

/// Whether the labels of a model are scaled to the library.
///
/// # Errors
/// If the library cannot be read.
pub(crate) fn is_scaled(store: &Store, model: Option<ModelId>) -> Result<bool, StoreError> {
    let scale = model.map(|model| store.scale_photos(model)).transpose()?;
    Ok(scale.flatten().is_some_and(|scale| scale.count > 0))
}

/// Undoes that change, or with `undone` unset makes it again. The tags follow with the next tagging.
/// Returns whether there was one to undo or to make again.
///
/// # Errors
/// If the library cannot be read or written.
pub(crate) fn undo(
    store: &mut Store,
    model: Option<ModelId>,
    undone: bool,
) -> Result<bool, StoreError> {
    match model.zip(last_change(store, model)?) {
        Some((model, change)) if change.undone != undone => {
            store.write(|w| w.undo_scale(model, &change, undone))?;
            Ok(true)
        }
        _ => Ok(false),
    }
}
