//! PyTorch's zip archives of state dicts (`.pt`, `.bin`), through candle's reader.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use candle_core::Tensor;
use candle_core::pickle::PthTensors;

use crate::clip::checkpoint::TensorInfo;
use crate::clip::error::ModelError;
use crate::core::panics::contained;

/// Where a state dict may lie within a training checkpoint.
const KEYS: [&str; 2] = ["state_dict", "model"];

/// How much of the end of an archive is searched for the names of its entries.
const DIRECTORY_BYTES: u64 = 1 << 20;

/// An archive whose pickle has been read.
pub(super) struct PickleFile {
    path: PathBuf,
    tensors: PthTensors,
}

impl PickleFile {
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<(String, TensorInfo)>), ModelError> {
        // candle's reader cannot read a program's nested objects, and says so in no clear way.
        if is_torch_script(path).map_err(|e| ModelError::io(path, e))? {
            return Err(ModelError::TorchScript {
                path: path.to_owned(),
            });
        }
        let mut tensors = guarded(path, || PthTensors::new(path, None))?;
        for key in KEYS {
            if !tensors.tensor_infos().is_empty() {
                break;
            }
            if let Ok(inner) = guarded(path, || PthTensors::new(path, Some(key))) {
                tensors = inner;
            }
        }
        if tensors.tensor_infos().is_empty() {
            let reason = "it is an archive without a state dict";
            return Err(ModelError::format(path, reason));
        }
        let infos = tensors
            .tensor_infos()
            .iter()
            .map(|(name, info)| {
                let shape = info.layout.dims().to_vec();
                let dtype = info.dtype;
                (name.clone(), TensorInfo { shape, dtype })
            })
            .collect();
        let path = path.to_owned();
        Ok((Self { path, tensors }, infos))
    }

    pub(super) fn read(&self, name: &str) -> Result<Tensor, ModelError> {
        guarded(&self.path, || self.tensors.get(name))?.ok_or_else(|| ModelError::Missing {
            tensor: name.to_owned(),
        })
    }
}

/// candle's reader takes for granted that a pickle was written by PyTorch and panics on the
/// arguments of one that was not; to us that is a damaged file like any other.
pub(super) fn guarded<T>(
    path: &Path,
    read: impl FnOnce() -> candle_core::Result<T>,
) -> Result<T, ModelError> {
    match contained(read) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(ModelError::format(path, first_line(&error.to_string()))),
        Err(_) => Err(ModelError::format(path, "its pickle makes no sense")),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or(text)
}

/// A TorchScript archive has an entry `constants.pkl`; the zip's directory, at its end, names it.
fn is_torch_script(path: &Path) -> std::io::Result<bool> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(DIRECTORY_BYTES)))?;
    let mut end = Vec::new();
    file.take(DIRECTORY_BYTES).read_to_end(&mut end)?;
    let name = b"/constants.pkl";
    Ok(end.windows(name.len()).any(|w| w == name))
}
