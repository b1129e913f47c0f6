//! safetensors files, read tensor by tensor.

use std::fs::File;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use safetensors::tensor::Metadata;

use crate::clip::checkpoint::file::{read_exact_at, read_vec_at};
use crate::clip::checkpoint::tensor_info::TensorInfo;
use crate::clip::error::ModelError;

/// The length of the field with the header's length.
const LENGTH_BYTES: usize = 8;
/// The header of the largest CLIP has 150 kB.
const MAX_HEADER_BYTES: u64 = 4 << 20;

/// An open file with a valid header.
pub(super) struct SafetensorsFile {
    path: PathBuf,
    file: File,
    data_start: usize,
    metadata: Metadata,
}

impl SafetensorsFile {
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<(String, TensorInfo)>), ModelError> {
        let io = |e| ModelError::io(path, e);
        let file = File::open(path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        let (data_start, metadata) = header(path, &file, length)?;
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
            file,
            data_start,
            metadata,
        };
        Ok((file, infos))
    }

    /// The start and length of a tensor's bytes.
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

    /// Reads a tensor into `out`, if the file stores exactly these numbers. Returns whether it
    /// does.
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

    /// Reads a row of a matrix into `out`, if the file stores floats. Returns whether it does.
    pub(super) fn read_row(
        &self,
        name: &str,
        info: &TensorInfo,
        row: usize,
        out: &mut [f32],
    ) -> Result<bool, ModelError> {
        if !matches!(info.dtype, DType::F32 | DType::F16 | DType::BF16) {
            return Ok(false);
        }
        let (start, length) = self.place(name)?;
        let bytes = out.len() * info.dtype.size_in_bytes();
        let at = row.saturating_mul(bytes);
        if at.saturating_add(bytes) > length {
            let reason = format!("tensor `{name}` has no row {row}");
            return Err(ModelError::format(&self.path, reason));
        }
        let stored = read_vec_at(&self.file, start + at as u64, bytes)
            .map_err(|error| ModelError::io(&self.path, error))?;
        let pairs = stored.as_chunks::<2>().0.iter().zip(&mut *out);
        match info.dtype {
            DType::F16 => pairs.for_each(|(b, v)| *v = half::f16::from_le_bytes(*b).to_f32()),
            DType::BF16 => pairs.for_each(|(b, v)| *v = half::bf16::from_le_bytes(*b).to_f32()),
            _ => {
                let fours = stored.as_chunks::<4>().0.iter().zip(out);
                fours.for_each(|(b, v)| *v = f32::from_le_bytes(*b));
            }
        }
        Ok(true)
    }

    pub(super) fn read(&self, name: &str, info: &TensorInfo) -> Result<Tensor, ModelError> {
        let (start, length) = self.place(name)?;
        let io = |error| ModelError::io(&self.path, error);
        // If the stored type is the computed one, numbers are read directly into place.
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

/// Returns the start of the tensors, and the header: tensors are adjacent and fill the file
/// exactly.
fn header(path: &Path, file: &File, length: u64) -> Result<(usize, Metadata), ModelError> {
    let mut field = [0; LENGTH_BYTES];
    read_exact_at(file, &mut field, 0).map_err(|e| ModelError::io(path, e))?;
    let header = u64::from_le_bytes(field);
    if header > MAX_HEADER_BYTES || header + LENGTH_BYTES as u64 > length {
        let reason = format!("its header claims {header} bytes");
        return Err(ModelError::format(path, reason));
    }
    let text = read_vec_at(file, LENGTH_BYTES as u64, header as usize)
        .map_err(|e| ModelError::io(path, e))?;
    let metadata: Metadata =
        serde_json::from_slice(&text).map_err(|e| ModelError::format(path, e))?;
    let data_start = LENGTH_BYTES + header as usize;
    match data_start.checked_add(metadata.data_len()) {
        Some(end) if end as u64 == length => Ok((data_start, metadata)),
        _ => {
            let reason = "its header describes other tensors than the file holds";
            Err(ModelError::format(path, reason))
        }
    }
}
