//! The format of `torch.save` before version 1.6: five pickles in a row, then the storages.
//!
//! Source: `_legacy_load` in PyTorch's `torch/serialization.py`.

use std::collections::HashMap;
use std::fs::File;

use crate::clip::checkpoint::file::read_exact_at;

use super::contents::Contents;
use super::pickle;
use super::pickle_graph::{Graph, Value};
use super::state_dict::tensors;
use super::zip::ZipError;

/// The whole first pickle: protocol 2, the magic number `0x1950a86a20f9469cfc6c` as LONG1, STOP.
const MAGIC: [u8; 15] = [
    0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, b'.',
];
/// The whole second pickle: protocol 2, the version 1001, STOP.
const VERSION: [u8; 6] = [0x80, 0x02, b'M', 0xe9, 0x03, b'.'];

/// Whether a file begins like this format.
pub(in crate::clip::checkpoint) fn is_legacy(start: &[u8]) -> bool {
    start.starts_with(&MAGIC)
}

/// Reads the pickles in `start`, the first bytes of the file, and finds the storages.
pub(super) fn read(file: &File, length: u64, start: &[u8]) -> Result<Contents, ZipError> {
    let format = |reason: &str| ZipError::Format(reason.to_owned());
    let rest = start
        .strip_prefix(&MAGIC)
        .and_then(|r| r.strip_prefix(&VERSION));
    let rest = rest.ok_or_else(|| format("it is not of version 1001"))?;
    let (system, value, used) = pickle::run(rest).map_err(ZipError::Format)?;
    if is_big_endian(&system, value) {
        return Err(format("its numbers have their highest byte first"));
    }
    let rest = rest.get(used..).unwrap_or(&[]);
    let (graph, root, used) = pickle::run(rest).map_err(ZipError::Format)?;
    let tensors = tensors(&graph, root).map_err(ZipError::Format)?;
    let rest = rest.get(used..).unwrap_or(&[]);
    let (keys, list, used) = pickle::run(rest).map_err(ZipError::Format)?;
    let rest = rest.get(used..).unwrap_or(&[]);

    let sizes: HashMap<&str, (usize, usize)> = graph
        .storages
        .iter()
        .map(|s| (s.key, (s.count, s.dtype.size_in_bytes())))
        .collect();
    let Value::Sequence(list) = list else {
        return Err(format("it has no list of storages"));
    };
    let mut storages = HashMap::new();
    let mut at = (start.len() - rest.len()) as u64;
    for key in keys.sequences.get(list).into_iter().flatten() {
        let Value::Text(key) = *key else {
            return Err(format("a storage has no name"));
        };
        let wrong = |reason: &str| ZipError::Format(format!("storage {key} {reason}"));
        let (count, size) = *sizes
            .get(key)
            .ok_or_else(|| wrong("belongs to no tensor"))?;
        let mut stored = [0; 8];
        let begin = at.checked_add(8).filter(|begin| *begin <= length);
        let begin = begin.ok_or_else(|| wrong("is cut off"))?;
        read_exact_at(file, &mut stored, at)?;
        if u64::from_le_bytes(stored) != count as u64 {
            return Err(wrong("has another length than its tensors say"));
        }
        let bytes = (count as u64).checked_mul(size as u64);
        let end = bytes.and_then(|bytes| begin.checked_add(bytes));
        at = end
            .filter(|end| *end <= length)
            .ok_or_else(|| wrong("is cut off"))?;
        storages.insert(key.to_owned(), (begin, at - begin, None));
    }
    Ok(Contents { tensors, storages })
}

/// Whether the third pickle says that a big-endian machine wrote the file.
fn is_big_endian(graph: &Graph<'_>, value: Value<'_>) -> bool {
    let dict = match value {
        Value::Dict(dict) => graph.dicts.get(dict),
        _ => None,
    };
    dict.is_some_and(|d| d.contains(&(Value::Text("little_endian"), Value::Bool(false))))
}
