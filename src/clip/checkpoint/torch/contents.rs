//! The location of a state dict's tensors.

use std::collections::{BTreeMap, HashMap};

use super::state_dict::TensorPlace;

/// The tensors and storages of a file. A storage is its start, its length in bytes and its CRC-32.
pub(super) struct Contents {
    pub(super) tensors: BTreeMap<String, TensorPlace>,
    pub(super) storages: HashMap<String, (u64, u64, Option<u32>)>,
}
