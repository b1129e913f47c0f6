//! What shapes and names of tensors say.

use std::collections::BTreeSet;

use crate::clip::checkpoint::layout::Index;
use crate::clip::error::ModelError;

/// The number of different numbers after `prefix` in the tensor names.
pub(super) fn numbered(index: &Index, prefix: &str) -> usize {
    index
        .names_from(prefix)
        .filter_map(|name| name.strip_prefix(prefix)?.split('.').next())
        .collect::<BTreeSet<_>>()
        .len()
}

/// The dimensions of a tensor that must have so many.
pub(super) fn dims<const N: usize>(index: &Index, tensor: &str) -> Result<[usize; N], ModelError> {
    let shape = index.shape(tensor).ok_or_else(|| ModelError::Missing {
        tensor: index.name_in_file(tensor),
    })?;
    shape
        .try_into()
        .map_err(|_| rank(&index.name_in_file(tensor), shape, N))
}

pub(super) fn rank(tensor: &str, found: &[usize], expected: usize) -> ModelError {
    let reason = format!("it has shape {found:?} where {expected} dimensions are expected");
    ModelError::tensor(tensor, reason)
}
