//! PyTorch's state dicts (`.pt`, `.bin`), in the zip format and in that before version 1.6.
//!
//! Opening a file reads only the pickle and the archive's directory; tensors are read one by one on
//! request. No code in the file is ever run.

mod contents;
mod legacy;
mod pickle;
mod pickle_bytes;
mod pickle_graph;
mod state_dict;
mod zip;

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};

use crate::clip::checkpoint::file::{read_exact_at, read_vec_at};
use crate::clip::checkpoint::tensor_info::TensorInfo;
use crate::clip::error::ModelError;

use contents::Contents;
pub(super) use legacy::is_legacy;
use state_dict::TensorPlace;
use zip::ZipError;

/// The pickle of a CLIP has 100 kB, that of a training checkpoint 1 MB.
const MAX_PICKLE_BYTES: u64 = 16 << 20;

/// An open file, with all tensors checked to be inside it.
pub(super) struct TorchFile {
    path: PathBuf,
    file: File,
    contents: Contents,
}

impl TorchFile {
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<(String, TensorInfo)>), ModelError> {
        let io = |e| ModelError::io(path, e);
        let file = File::open(path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        let start = read_vec_at(&file, 0, length.min(16) as usize).map_err(io)?;
        let contents = if is_legacy(&start) {
            let pickles = length.min(MAX_PICKLE_BYTES) as usize;
            let start = read_vec_at(&file, 0, pickles).map_err(io)?;
            legacy::read(&file, length, &start)
        } else {
            match zip::directory(&file, length) {
                // Such an archive contains a program of nested objects.
                Ok(entries) if entries.keys().any(|name| name.ends_with("/constants.pkl")) => {
                    return Err(ModelError::TorchScript {
                        path: path.to_owned(),
                    });
                }
                Ok(entries) => read_archive(&file, length, &entries),
                Err(error) => Err(error),
            }
        };
        let contents = contents.map_err(|error| match error {
            ZipError::Io(error) => ModelError::io(path, error),
            ZipError::Format(reason) => ModelError::format(path, reason),
        })?;
        for (name, tensor) in &contents.tensors {
            check_storage(&contents, name, tensor).map_err(|r| ModelError::format(path, r))?;
        }
        let info = |(name, tensor): (&String, &TensorPlace)| {
            let (shape, dtype) = (tensor.shape.clone(), tensor.dtype);
            (name.clone(), TensorInfo { shape, dtype })
        };
        let infos = contents.tensors.iter().map(info).collect();
        let path = path.to_owned();
        let file = Self {
            path,
            file,
            contents,
        };
        Ok((file, infos))
    }

    /// The tensor, the offset of its bytes in the file, and the CRC-32 of its storage if the tensor
    /// fills it.
    fn place(&self, name: &str) -> Result<(&TensorPlace, u64, Option<u32>), ModelError> {
        let missing = || ModelError::Missing {
            tensor: name.to_owned(),
        };
        let tensor = self.contents.tensors.get(name).ok_or_else(missing)?;
        let storage = self.contents.storages.get(&tensor.storage_key);
        let (start, length, crc32) = *storage.ok_or_else(missing)?;
        let size = tensor.dtype.size_in_bytes();
        let whole = tensor.is_contiguous() && (tensor.count() * size) as u64 == length;
        let start = start + (tensor.offset * size) as u64;
        Ok((tensor, start, crc32.filter(|_| whole)))
    }

    fn check(&self, name: &str, bytes: &[u8], crc32: Option<u32>) -> Result<(), ModelError> {
        match crc32 {
            Some(expected) if checksum(bytes) != expected => {
                let reason = format!("tensor `{name}` has not the checksum it was saved with");
                Err(ModelError::format(&self.path, reason))
            }
            _ => Ok(()),
        }
    }

    /// Reads a tensor into `out`, if the file stores exactly these numbers. Returns whether it
    /// does.
    pub(super) fn read_to(&self, name: &str, out: &mut [f32]) -> Result<bool, ModelError> {
        let (tensor, start, crc32) = self.place(name)?;
        let fits = tensor.is_contiguous() && tensor.count() == out.len();
        if cfg!(target_endian = "big") || tensor.dtype != DType::F32 || !fits {
            return Ok(false);
        }
        let bytes = bytemuck::cast_slice_mut(out);
        read_exact_at(&self.file, bytes, start).map_err(|e| ModelError::io(&self.path, e))?;
        self.check(name, bytes, crc32)?;
        Ok(true)
    }

    /// Reads a tensor in its stored type, on the CPU.
    pub(super) fn read(&self, name: &str) -> Result<Tensor, ModelError> {
        let (tensor, start, crc32) = self.place(name)?;
        let size = tensor.dtype.size_in_bytes();
        let bytes = read_vec_at(&self.file, start, tensor.span() * size)
            .map_err(|e| ModelError::io(&self.path, e))?;
        self.check(name, &bytes, crc32)?;
        let bytes = match tensor.is_contiguous() {
            true => bytes,
            false => gather(tensor, &bytes),
        };
        let (dtype, shape) = (tensor.dtype, tensor.shape.as_slice());
        Ok(Tensor::from_raw_buffer(&bytes, dtype, shape, &Device::Cpu)?)
    }
}

fn read_archive(
    file: &File,
    length: u64,
    entries: &HashMap<String, zip::Entry>,
) -> Result<Contents, ZipError> {
    let format = |reason: &str| ZipError::Format(reason.to_owned());
    let mut pickles = entries.iter().filter_map(|(name, entry)| {
        let folder = name.strip_suffix("data.pkl")?;
        (folder.is_empty() || folder.ends_with('/')).then_some((folder, entry))
    });
    let (Some((folder, pickle)), None) = (pickles.next(), pickles.next()) else {
        return Err(format("it is an archive without a state dict"));
    };
    let small = |entry: &zip::Entry| -> Result<Vec<u8>, ZipError> {
        let start = entry.start(file, length)?;
        if entry.length > MAX_PICKLE_BYTES {
            return Err(format("its pickle is larger than 16 MiB"));
        }
        let bytes = read_vec_at(file, start, entry.length as usize)?;
        match checksum(&bytes) == entry.crc32 {
            true => Ok(bytes),
            false => Err(format("its pickle has not the checksum it was saved with")),
        }
    };
    if let Some(order) = entries.get(&format!("{folder}byteorder"))
        && small(order)? != b"little"
    {
        return Err(format("its numbers have their highest byte first"));
    }
    let bytes = small(pickle)?;
    let (graph, root, _) = pickle::run(&bytes).map_err(ZipError::Format)?;
    let tensors = state_dict::tensors(&graph, root).map_err(ZipError::Format)?;
    let mut storages = HashMap::new();
    for tensor in tensors.values() {
        let key = &tensor.storage_key;
        if storages.contains_key(key) {
            continue;
        }
        // A missing one is reported with its tensor.
        if let Some(entry) = entries.get(&format!("{folder}data/{key}")) {
            let start = entry.start(file, length)?;
            storages.insert(key.clone(), (start, entry.length, Some(entry.crc32)));
        }
    }
    Ok(Contents { tensors, storages })
}

/// Checks that the file has as many bytes for a tensor's storage as the pickle says.
fn check_storage(contents: &Contents, name: &str, tensor: &TensorPlace) -> Result<(), String> {
    let Some((_, length, _)) = contents.storages.get(&tensor.storage_key) else {
        return Err(format!("tensor `{name}` has no storage"));
    };
    let bytes = tensor
        .storage_count
        .checked_mul(tensor.dtype.size_in_bytes());
    match bytes {
        Some(bytes) if bytes as u64 <= *length => Ok(()),
        _ => Err(format!("tensor `{name}` lies outside its storage")),
    }
}

/// Reorders the values of a tensor; `bytes` are from its first value to its last.
fn gather(tensor: &TensorPlace, bytes: &[u8]) -> Vec<u8> {
    let size = tensor.dtype.size_in_bytes();
    let mut values = Vec::with_capacity(tensor.count() * size);
    let mut index = vec![0usize; tensor.shape.len()];
    for _ in 0..tensor.count() {
        let places = index.iter().zip(&tensor.strides);
        let at = places.map(|(i, stride)| i * stride).sum::<usize>() * size;
        values.extend_from_slice(bytes.get(at..at + size).unwrap_or(&[]));
        for (i, dimension) in index.iter_mut().zip(&tensor.shape).rev() {
            *i += 1;
            if *i < *dimension {
                break;
            }
            *i = 0;
        }
    }
    values
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests;
