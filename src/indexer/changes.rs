//! Stores the changes that a scan of a folder found.

use std::collections::HashSet;

use crate::core::ids::{FileId, FolderId};
use crate::core::photo::Presence;
use crate::folders::Change;
use crate::store::{StoreError, Writer};

/// Stores the output of [`reconcile`](crate::folders::reconcile()).
///
/// # Errors
/// If the library cannot be written.
pub(crate) fn apply(
    w: &Writer<'_>,
    folder: FolderId,
    changes: &[Change],
) -> Result<(), StoreError> {
    // Only the content shows whether a file was moved, once it is read in its new place. Until then
    // it is missing at the old place, unless another file is there now.
    let filled: HashSet<FileId> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Moved { to, stamp, .. } | Change::Added { path: to, stamp } => {
                Some(w.add_file(folder, to, *stamp))
            }
            _ => None,
        })
        .collect::<Result<_, _>>()?;
    for change in changes {
        match change {
            Change::Added { .. } => {}
            Change::Moved { id, .. } | Change::Missing { id } => {
                if !filled.contains(id) {
                    w.set_presence(*id, Presence::Missing)?;
                }
            }
            Change::Edited { id, stamp } => w.edit_file(*id, *stamp)?,
            Change::Returned { id, stamp } => w.return_file(*id, *stamp)?,
            Change::Offline { id } => w.set_presence(*id, Presence::Offline)?,
        }
    }
    Ok(())
}
