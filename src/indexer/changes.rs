//! What a look at a folder has found, into the library.

use std::collections::HashSet;

use crate::core::ids::{FileId, FolderId};
use crate::core::photo::Presence;
use crate::folders::Change;
use crate::store::{StoreError, Writer};

/// Keeps what [`reconcile`](crate::folders::reconcile()) found.
///
/// # Errors
/// Where the library cannot be written.
pub(crate) fn apply(
    w: &Writer<'_>,
    folder: FolderId,
    changes: &[Change],
) -> Result<(), StoreError> {
    // Whether a file has moved is decided by its content, once it is read at its new place: until
    // then it is missing at the old one, unless something else has come to lie there.
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
