//! safetensors files, read tensor by tensor.
//!
//! The file is mapped while its header is read and checked, not longer: pages of mapped weights
//! would count as this program's memory beside the packed copy of the same weights, and a file that
//! is cut short while it is mapped ends the program.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use memmap2::Mmap;
use safetensors::SafeTensors;
use safetensors::tensor::Metadata;

use crate::clip::checkpoint::TensorInfo;
use crate::clip::error::ModelError;

/// Length of the field that holds the header's length.
const LENGTH_BYTES: usize = 8;

/// An open file whose header has been checked against its length.
pub(super) struct SafetensorsFile {
    path: PathBuf,
    file: File,
    data_start: usize,
    metadata: Metadata,
}

impl SafetensorsFile {
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<(String, TensorInfo)>), ModelError> {
        let file = File::open(path).map_err(|e| ModelError::io(path, e))?;
        // SAFETY: the map is only ever read, and only here. That nobody cuts the file short
        // meanwhile is the assumption every reader of mapped files makes; models lie in folders
        // that are written by renaming whole files into place.
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
        drop(map);
        let file = Self {
            path: path.to_owned(),
            file,
            data_start: header + LENGTH_BYTES,
            metadata,
        };
        Ok((file, infos))
    }

    /// Where a tensor's bytes lie: their start and length.
    fn place(&self, name: &str) -> Result<(u64, usize), ModelError> {
        let place = self.metadata.info(name).and_then(|i| {
            let start = self.data_start.checked_add(i.data_offsets.0)?;
            Some((
                start as u64,
                i.data_offsets.1.checked_sub(i.data_offsets.0)?,
            ))
        });
        place.ok_or_else(|| {
            let reason = format!("tensor `{name}` lies outside the file");
            ModelError::format(&self.path, reason)
        })
    }

    /// Reads a tensor to `out`, if it is stored as just these numbers; whether it was.
    pub(super) fn read_to(
        &self,
        name: &str,
        info: &TensorInfo,
        out: &mut [f32],
    ) -> Result<bool, ModelError> {
        let (start, length) = self.place(name)?;
        if cfg!(target_endian = "big") || info.dtype != DType::F32 || length != size_of_val(out) {
            return Ok(false);
        }
        read_exact_at(&self.file, bytemuck::cast_slice_mut(out), start)
            .map_err(|error| ModelError::io(&self.path, error))?;
        Ok(true)
    }

    pub(super) fn read(&self, name: &str, info: &TensorInfo) -> Result<Tensor, ModelError> {
        let (start, length) = self.place(name)?;
        let io = |error| ModelError::io(&self.path, error);
        // Numbers that are stored as they are computed with are read to where they stay.
        if cfg!(target_endian = "little")
            && info.dtype == DType::F32
            && length.is_multiple_of(size_of::<f32>())
        {
            let mut values = vec![0f32; length / size_of::<f32>()];
            let bytes = bytemuck::cast_slice_mut(&mut values);
            read_exact_at(&self.file, bytes, start).map_err(io)?;
            return Ok(Tensor::from_vec(
                values,
                info.shape.as_slice(),
                &Device::Cpu,
            )?);
        }
        let mut bytes = vec![0; length];
        read_exact_at(&self.file, &mut bytes, start).map_err(io)?;
        Ok(Tensor::from_raw_buffer(
            &bytes,
            info.dtype,
            &info.shape,
            &Device::Cpu,
        )?)
    }
}

/// Fills `bytes` from the place `offset`, whatever else reads the file at the same time.
#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

/// Fills `bytes` from the place `offset`, whatever else reads the file at the same time.
#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = bytes.split_at_mut(read).1;
                offset += read as u64;
            }
        }
    }
    Ok(())
}
