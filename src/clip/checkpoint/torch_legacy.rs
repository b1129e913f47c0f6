//! Reads state dicts in the format that `torch.save` wrote before version 1.6: not a zip archive,
//! but five pickles in a row and then the raw storages.
//!
//! Source: `_legacy_load` in PyTorch's `torch/serialization.py`. candle-core reads the zip form
//! only; its pickle machine is used here for the pickles.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use candle_core::pickle::{Object, Stack, TensorInfo};
use candle_core::{DType, Device, Error, Result, Tensor, bail};

/// The whole first pickle: protocol 2, the magic number `0x1950a86a20f9469cfc6c` as LONG1, STOP.
const MAGIC: [u8; 15] = [
    0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, b'.',
];
/// The whole second pickle: protocol 2, the version 1001, STOP.
const VERSION: [u8; 6] = [0x80, 0x02, b'M', 0xe9, 0x03, b'.'];

/// Whether a file begins as this format does.
pub fn is_legacy(start: &[u8]) -> bool {
    start.starts_with(&MAGIC)
}

/// All tensors of the state dict, on the CPU, in the type they were saved in.
///
/// # Errors
/// Where the file cannot be read, ends early, or holds something else than a plain dict of
/// tensors with names.
pub fn read(path: &Path) -> Result<HashMap<String, Tensor>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    read_from(&mut BufReader::new(file), length)
}

fn read_from(reader: &mut impl BufRead, length: u64) -> Result<HashMap<String, Tensor>> {
    let mut start = [0u8; MAGIC.len() + VERSION.len()];
    reader.read_exact(&mut start)?;
    if !is_legacy(&start) || !start.ends_with(&VERSION) {
        bail!("not a PyTorch state dict of the form before 1.6");
    }
    unpickle(reader)?; // the writing machine's byte order and sizes; only little-endian exists
    let dict = unpickle(reader)?;
    let keys = unpickle(reader)?;

    let infos = tensor_infos(dict)?;
    let mut dtypes: HashMap<&str, (DType, usize)> = HashMap::new();
    for info in &infos {
        dtypes.insert(&info.path, (info.dtype, info.storage_size));
    }
    let mut storages: HashMap<String, Vec<u8>> = HashMap::new();
    for key in list(keys)? {
        let key = format!("/{}", text(key)?);
        let mut count = [0u8; 8];
        reader.read_exact(&mut count)?;
        let count = u64::from_le_bytes(count);
        let Some((dtype, declared)) = dtypes.get(key.as_str()) else {
            bail!("storage {key} belongs to no tensor");
        };
        let bytes = count.saturating_mul(dtype.size_in_bytes() as u64);
        if count != *declared as u64 || bytes > length {
            bail!("storage {key} says {count} values, its tensor {declared}");
        }
        let mut data = Vec::new();
        reader.take(bytes).read_to_end(&mut data)?;
        if data.len() as u64 != bytes {
            bail!("the file ends within storage {key}");
        }
        storages.insert(key, data);
    }
    let mut tensors = HashMap::with_capacity(infos.len());
    for info in &infos {
        let Some(data) = storages.get(&info.path) else {
            bail!("tensor {} has no storage", info.name);
        };
        tensors.insert(info.name.clone(), tensor(info, data)?);
    }
    Ok(tensors)
}

fn unpickle(reader: &mut impl BufRead) -> Result<Object> {
    let mut stack = Stack::empty();
    stack.read_loop(reader)?;
    stack.finalize()
}

/// The tensors of a dict; an ordered dict arrives as a dict built by a call.
fn tensor_infos(dict: Object) -> Result<Vec<TensorInfo>> {
    let entries = match dict {
        Object::Dict(entries) => entries,
        Object::Build { callable, args } => match (*callable, *args) {
            (Object::Dict(entries), _) => entries,
            _ => bail!("the file holds no plain dict of tensors"),
        },
        _ => bail!("the file holds no plain dict of tensors"),
    };
    let mut infos = Vec::new();
    for (name, value) in entries {
        if let Some(info) = value.into_tensor_info(name, Path::new(""))? {
            infos.push(info);
        }
    }
    Ok(infos)
}

/// Takes a tensor out of its storage, whatever its strides.
fn tensor(info: &TensorInfo, data: &[u8]) -> Result<Tensor> {
    let size = info.dtype.size_in_bytes();
    let (dims, stride) = (info.layout.dims(), info.layout.stride());
    // candle keeps this offset in bytes.
    let start = info.layout.start_offset();
    let last = dims
        .iter()
        .zip(stride)
        .try_fold(0usize, |last, (dim, stride)| {
            dim.saturating_sub(1)
                .checked_mul(*stride)?
                .checked_add(last)
        });
    let end = last
        .and_then(|last| last.checked_add(1)?.checked_mul(size)?.checked_add(start))
        .filter(|end| *end <= data.len());
    let count = dims.iter().try_fold(1usize, |n, dim| n.checked_mul(*dim));
    let (Some(_), Some(count)) = (end, count.filter(|n| n.saturating_mul(size) <= data.len()))
    else {
        bail!("tensor {} does not fit its storage", info.name);
    };
    let mut values = Vec::with_capacity(count * size);
    let mut index = vec![0usize; dims.len()];
    for _ in 0..count {
        let element: usize = index.iter().zip(stride).map(|(i, stride)| i * stride).sum();
        let at = start + element * size;
        values.extend_from_slice(&data[at..at + size]);
        for (i, dim) in index.iter_mut().zip(dims).rev() {
            *i += 1;
            if *i < *dim {
                break;
            }
            *i = 0;
        }
    }
    Tensor::from_raw_buffer(&values, info.dtype, dims, &Device::Cpu)
}

fn list(object: Object) -> Result<Vec<Object>> {
    match object {
        Object::List(items) => Ok(items),
        _ => Err(Error::Msg("the file has no list of storages".into())),
    }
}

fn text(object: Object) -> Result<String> {
    object
        .unicode()
        .map_err(|_| Error::Msg("a storage has no name".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `torch.save({"a": torch.tensor([[1., 2.], [3., 4.]])}, …, _use_new_zipfile_serialization=False)`
    /// of torch 2.15, in hexadecimal.
    const SAVED: &str = include_str!("../../../tests/golden/torch_legacy.hex");

    fn bytes() -> Vec<u8> {
        let digits: Vec<u8> = SAVED.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn reads_what_torch_saved() {
        let saved = bytes();
        assert!(is_legacy(&saved));
        let tensors = read_from(&mut saved.as_slice(), saved.len() as u64).unwrap();
        assert_eq!(
            tensors["a"].to_vec2::<f32>().unwrap(),
            [[1.0, 2.0], [3.0, 4.0]]
        );
        assert_eq!(
            tensors["b"].to_vec2::<f32>().unwrap(),
            [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]
        );
    }

    #[test]
    fn every_truncation_is_an_error() {
        let saved = bytes();
        for end in 0..saved.len() {
            let cut = &saved[..end];
            assert!(read_from(&mut &*cut, end as u64).is_err(), "cut at {end}");
        }
    }
}
