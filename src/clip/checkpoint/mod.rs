//! Checkpoint files: finds them in a folder, and reads safetensors and PyTorch state dicts.

pub(crate) mod config_file;
mod file;
mod find;
mod fingerprint;
mod foreign;
mod hugging_face;
pub(crate) mod infer;
mod infer_fastvit;
pub(crate) mod layout;
mod safetensors;
mod shapes;
mod tensor_info;
mod timm;
pub(crate) mod tokenizer_config;
mod torch;

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use candle_core::Tensor;

pub(crate) use fingerprint::fingerprint;
use tensor_info::TensorInfo;

use crate::clip::error::ModelError;

/// An open checkpoint of one or several files. Only the headers have been read.
pub(crate) struct Checkpoint {
    path: PathBuf,
    folder: PathBuf,
    shards: Vec<Shard>,
    tensors: BTreeMap<String, (usize, TensorInfo)>,
}

enum Shard {
    Safetensors(safetensors::SafetensorsFile),
    Torch(torch::TorchFile),
}

impl Checkpoint {
    /// Opens the checkpoint at `path`: a file, an index file, or a folder with either.
    pub(crate) fn open(path: &Path) -> Result<Self, ModelError> {
        let found = find::find(path)?;
        let mut tensors = BTreeMap::new();
        let mut shards = Vec::new();
        for file in &found.files {
            let (shard, infos) = open_shard(file)?;
            let length = std::fs::metadata(file)
                .map_err(|e| ModelError::io(file, e))?
                .len();
            for (name, info) in infos {
                check_size(file, length, &name, &info)?;
                if tensors.contains_key(&name) {
                    let reason = format!("tensor `{name}` is in several of its files");
                    return Err(ModelError::Mixed {
                        path: found.main,
                        reason,
                    });
                }
                tensors.insert(name, (shards.len(), info));
            }
            shards.push(shard);
        }
        if let Some(name) = found.listed.iter().find(|n| !tensors.contains_key(*n)) {
            let reason = format!("it lists tensor `{name}`, which none of its files holds");
            return Err(ModelError::format(found.main, reason));
        }
        Ok(Self {
            folder: found.main.parent().unwrap_or(Path::new("")).to_owned(),
            path: found.main,
            shards,
            tensors,
        })
    }

    /// The checkpoint file, or the index of its parts.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder with the checkpoint, and perhaps configuration files.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// All tensors, by their names in the files.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = (&str, &TensorInfo)> {
        self.tensors
            .iter()
            .map(|(name, (_, info))| (name.as_str(), info))
    }

    /// Reads a tensor into `out`, if the file stores exactly these numbers. Returns whether it
    /// does.
    pub(crate) fn read_to(&self, name: &str, out: &mut [f32]) -> Result<bool, ModelError> {
        let found = self.tensors.get(name);
        let shard = found.and_then(|(shard, info)| Some((self.shards.get(*shard)?, info)));
        match shard {
            Some((Shard::Safetensors(file), info)) => file.read_to(name, info, out),
            Some((Shard::Torch(file), _)) => file.read_to(name, out),
            None => Ok(false),
        }
    }

    /// Reads a row of a matrix into `out`, if the file stores rows. Returns whether it does.
    pub(crate) fn read_row(
        &self,
        name: &str,
        row: usize,
        out: &mut [f32],
    ) -> Result<bool, ModelError> {
        let found = self.tensors.get(name);
        match found.and_then(|(shard, info)| Some((self.shards.get(*shard)?, info))) {
            Some((Shard::Safetensors(file), info)) => file.read_row(name, info, row, out),
            // An archive's checksum is of the whole tensor.
            Some((Shard::Torch(_), _)) | None => Ok(false),
        }
    }

    /// Reads a tensor in its stored type, on the CPU.
    pub(crate) fn read(&self, name: &str) -> Result<Tensor, ModelError> {
        let missing = || ModelError::Missing {
            tensor: name.to_owned(),
        };
        let (shard, info) = self.tensors.get(name).ok_or_else(missing)?;
        match self.shards.get(*shard).ok_or_else(missing)? {
            Shard::Safetensors(file) => file.read(name, info),
            Shard::Torch(file) => file.read(name),
        }
    }
}

/// Reads every tensor of the checkpoint at `path`, in its stored type, on the CPU.
///
/// # Errors
/// If there is no checkpoint, or it cannot be read completely.
pub fn read_tensors(path: &Path) -> Result<HashMap<String, Tensor>, ModelError> {
    let checkpoint = Checkpoint::open(path)?;
    let names = checkpoint.tensors.keys();
    names
        .map(|name| Ok((name.clone(), checkpoint.read(name)?)))
        .collect()
}

/// Opens a file by content, not by name: `.bin` and `.pt` are used for anything.
fn open_shard(path: &Path) -> Result<(Shard, Vec<(String, TensorInfo)>), ModelError> {
    let mut start = Vec::new();
    File::open(path)
        .and_then(|file| file.take(16).read_to_end(&mut start))
        .map_err(|e| ModelError::io(path, e))?;
    let is_torch = start.starts_with(b"PK\x03\x04") || torch::is_legacy(&start);
    match *start.as_slice() {
        _ if is_torch => {
            let (file, infos) = torch::TorchFile::open(path)?;
            Ok((Shard::Torch(file), infos))
        }
        [_, _, _, _, _, _, _, _, b'{', ..] => {
            let (file, infos) = safetensors::SafetensorsFile::open(path)?;
            Ok((Shard::Safetensors(file), infos))
        }
        [] => Err(ModelError::format(path, "it is empty")),
        _ => {
            let reason = "it is neither safetensors nor a PyTorch archive";
            Err(ModelError::format(path, reason))
        }
    }
}

/// Refuses a tensor larger than its file, before memory is allocated for it.
fn check_size(path: &Path, length: u64, name: &str, info: &TensorInfo) -> Result<(), ModelError> {
    let bytes = info
        .shape
        .iter()
        .try_fold(info.dtype.size_in_bytes() as u64, |n, d| {
            n.checked_mul(*d as u64)
        });
    match bytes {
        Some(bytes) if bytes <= length => Ok(()),
        _ => {
            let reason = format!("tensor `{name}` claims more than the whole file");
            Err(ModelError::format(path, reason))
        }
    }
}
