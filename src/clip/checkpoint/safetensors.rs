//! safetensors files, memory-mapped.

use std::fs::File;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use memmap2::Mmap;
use safetensors::SafeTensors;
use safetensors::tensor::Metadata;

use super::TensorInfo;
use crate::clip::error::ModelError;

/// Length of the field that holds the header's length.
const LENGTH_BYTES: usize = 8;

/// A mapped file whose header has been checked against its length.
pub(super) struct SafetensorsFile {
    path: PathBuf,
    map: Mmap,
    data_start: usize,
    metadata: Metadata,
}

impl SafetensorsFile {
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<(String, TensorInfo)>), ModelError> {
        let file = File::open(path).map_err(|e| ModelError::io(path, e))?;
        // SAFETY: the map is only ever read. That nobody cuts the file short while the model is
        // being loaded is the assumption every reader of mapped weights makes; models lie in
        // folders that are written by renaming whole files into place.
        let map = unsafe { Mmap::map(&file) }.map_err(|e| ModelError::io(path, e))?;
        // Checks that the tensors lie side by side and fill the file exactly.
        let (header, metadata) =
            SafeTensors::read_metadata(&map).map_err(|e| ModelError::format(path, e))?;
        let mut infos = Vec::new();
        for (name, info) in metadata.tensors() {
            let dtype = DType::try_from(info.dtype).or_else(|_| match info.dtype {
                // Masks of this type are never read: any type of one byte will do.
                safetensors::Dtype::BOOL => Ok(DType::U8),
                other => Err(ModelError::tensor(
                    name.clone(),
                    format!("values of type {other:?} are not read"),
                )),
            })?;
            let shape = info.shape.clone();
            infos.push((name, TensorInfo { shape, dtype }));
        }
        let file = Self {
            path: path.to_owned(),
            map,
            data_start: header + LENGTH_BYTES,
            metadata,
        };
        Ok((file, infos))
    }

    pub(super) fn read(&self, name: &str, info: &TensorInfo) -> Result<Tensor, ModelError> {
        let data = self.metadata.info(name).and_then(|i| {
            let start = self.data_start.checked_add(i.data_offsets.0)?;
            let end = self.data_start.checked_add(i.data_offsets.1)?;
            self.map.get(start..end)
        });
        let Some(data) = data else {
            let reason = format!("tensor `{name}` lies outside the file");
            return Err(ModelError::format(&self.path, reason));
        };
        Ok(Tensor::from_raw_buffer(
            data,
            info.dtype,
            &info.shape,
            &Device::Cpu,
        )?)
    }
}
