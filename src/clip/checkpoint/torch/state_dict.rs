//! Extracts named tensors from a pickle's result.

use std::collections::BTreeMap;

use candle_core::DType;

use super::pickle_graph::{Graph, Result, TensorLayout, Value};

/// Keys under which a training checkpoint may have the state dict.
const KEYS: [&str; 2] = ["state_dict", "model"];
/// No tensor of a CLIP has a name of more than 100 bytes.
const MAX_NAME_BYTES: usize = 1024;

/// A tensor with all its values inside its storage.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TensorPlace {
    pub(super) storage_key: String,
    /// The number of values in the storage.
    pub(super) storage_count: usize,
    pub(super) dtype: DType,
    /// The index of the first value in the storage.
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    pub(super) strides: Vec<usize>,
}

impl TensorPlace {
    /// The number of values.
    pub(super) fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// The number of values from its first to its last, inclusive.
    pub(super) fn span(&self) -> usize {
        if self.count() == 0 {
            return 0;
        }
        let last: usize = self
            .shape
            .iter()
            .zip(&self.strides)
            .map(|(dimension, stride)| (dimension - 1) * stride)
            .sum();
        last + 1
    }

    /// Whether its values are adjacent and in order.
    pub(super) fn is_contiguous(&self) -> bool {
        if self.count() == 0 {
            return true;
        }
        let mut expected = 1;
        for (dimension, stride) in self.shape.iter().zip(&self.strides).rev() {
            if *dimension != 1 && *stride != expected {
                return false;
            }
            expected *= dimension;
        }
        true
    }
}

/// The tensors of the dict `root`, or of the state dict within it.
pub(super) fn tensors(graph: &Graph<'_>, root: Value<'_>) -> Result<BTreeMap<String, TensorPlace>> {
    let dict = match root {
        Value::Dict(dict) => dict,
        _ => return Err("it holds no dict of tensors".into()),
    };
    let found = tensors_of(graph, dict)?;
    if !found.is_empty() {
        return Ok(found);
    }
    for (key, value) in graph.dicts.get(dict).into_iter().flatten() {
        if let (Value::Text(key), Value::Dict(inner)) = (key, value)
            && KEYS.contains(key)
        {
            let found = tensors_of(graph, *inner)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
    }
    Err("it is an archive without a state dict".into())
}

fn tensors_of(graph: &Graph<'_>, dict: usize) -> Result<BTreeMap<String, TensorPlace>> {
    // Like in Python, the last of equal keys counts.
    let mut last = BTreeMap::new();
    for (key, value) in graph.dicts.get(dict).into_iter().flatten() {
        if let Value::Text(name) = key {
            last.insert(*name, *value);
        }
    }
    let mut found = BTreeMap::new();
    for (name, value) in last {
        let Value::Tensor(tensor) = value else {
            continue;
        };
        if name.len() > MAX_NAME_BYTES {
            return Err("it has a tensor whose name is longer than 1,024 bytes".into());
        }
        let tensor = graph.tensors.get(tensor);
        let place = tensor.and_then(|tensor| place(graph, tensor));
        let place = place.ok_or_else(|| format!("tensor `{name}` lies outside its storage"))?;
        found.insert(name.to_owned(), place);
    }
    Ok(found)
}

/// `None` if the tensor exceeds its storage, or has more values than that.
fn place(graph: &Graph<'_>, tensor: &TensorLayout) -> Option<TensorPlace> {
    let storage = graph.storages.get(tensor.storage)?;
    if tensor.shape.len() != tensor.strides.len() {
        return None;
    }
    let size = storage.dtype.size_in_bytes();
    storage.count.checked_mul(size)?;
    let count = tensor
        .shape
        .iter()
        .try_fold(1usize, |n, d| n.checked_mul(*d))?;
    let last = tensor
        .shape
        .iter()
        .zip(&tensor.strides)
        .try_fold(tensor.offset, |at, (dimension, stride)| {
            at.checked_add(dimension.saturating_sub(1).checked_mul(*stride)?)
        })?;
    let fits = match count {
        0 => tensor.offset <= storage.count,
        _ => last < storage.count && count <= storage.count,
    };
    fits.then(|| TensorPlace {
        storage_key: storage.key.to_owned(),
        storage_count: storage.count,
        dtype: storage.dtype,
        offset: tensor.offset,
        shape: tensor.shape.clone(),
        strides: tensor.strides.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::pickle_graph::Storage;
    use super::*;

    fn placed(offset: usize, shape: &[usize], strides: &[usize]) -> Option<TensorPlace> {
        let key = "0";
        let storage = Storage {
            key,
            dtype: DType::F32,
            count: 6,
        };
        let graph = Graph {
            storages: vec![storage],
            ..Graph::default()
        };
        let tensor = TensorLayout {
            storage: 0,
            offset,
            shape: shape.to_vec(),
            strides: strides.to_vec(),
        };
        place(&graph, &tensor)
    }

    #[test]
    fn a_tensor_stays_in_its_storage() {
        assert!(placed(0, &[2, 3], &[3, 1]).unwrap().is_contiguous());
        let transposed = placed(0, &[3, 2], &[1, 3]).unwrap();
        assert!(!transposed.is_contiguous());
        assert_eq!(transposed.span(), 6);
        assert!(placed(5, &[], &[]).unwrap().is_contiguous());
        assert!(placed(0, &[3, 0], &[9, 9]).is_some());
        for (offset, shape, strides) in [
            (1, &[2, 3][..], &[3, 1][..]),
            (6, &[], &[]),
            (7, &[0], &[1]),
            (0, &[7], &[0]),
            (0, &[2], &[usize::MAX]),
            (usize::MAX, &[2], &[1]),
            (0, &[usize::MAX, 2], &[0, 0]),
            (0, &[2, 3], &[1]),
        ] {
            assert_eq!(placed(offset, shape, strides), None, "{offset} {shape:?}");
        }
    }
}
