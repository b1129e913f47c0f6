//! A model's tensors under OpenAI's names, for candle's `VarBuilder`.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Device, Error, Result, Shape, Tensor};
use candle_nn::var_builder::SimpleBackend;

use crate::clip::checkpoint::Checkpoint;
use crate::clip::checkpoint::layout::{Index, TensorSource};
use crate::clip::error::ModelError;

/// Tensors in a checkpoint, each read on request, or in memory.
#[derive(Clone)]
pub(crate) enum Weights {
    /// In files.
    Checkpoint(CheckpointWeights),
    /// In memory.
    Memory(Arc<HashMap<String, Tensor>>),
}

/// A checkpoint's tensors under OpenAI's names.
///
/// It records which were requested, because an unused tensor is a sign of a variant that would be
/// computed wrongly.
#[derive(Clone)]
pub(crate) struct CheckpointWeights {
    checkpoint: Arc<Checkpoint>,
    index: Arc<Index>,
    used: Arc<Mutex<HashSet<String>>>,
}

impl Weights {
    /// `index` must be that of `checkpoint`'s tensors.
    pub(crate) fn of_checkpoint(checkpoint: Arc<Checkpoint>, index: Arc<Index>) -> Self {
        Self::Checkpoint(CheckpointWeights {
            checkpoint,
            index,
            used: Arc::default(),
        })
    }

    /// Takes tensors that are already read.
    pub(crate) fn in_memory(tensors: HashMap<String, Tensor>) -> Self {
        Self::Memory(Arc::new(tensors))
    }

    /// Fails with the first tensor of a checkpoint that was never requested.
    pub(crate) fn check_all_used(&self) -> std::result::Result<(), ModelError> {
        match self {
            Self::Checkpoint(weights) => weights.check_all_used(),
            Self::Memory(_) => Ok(()),
        }
    }

    /// Reads a tensor of `shape` into `out`, if the file stores exactly these numbers, and returns
    /// whether it does. Otherwise [`VarBuilder::get`](candle_nn::VarBuilder::get) reads it.
    pub(crate) fn read_to(&self, name: &str, shape: &Shape, out: &mut [f32]) -> Result<bool> {
        match self {
            Self::Checkpoint(weights) => weights.read_to(name, shape, out),
            Self::Memory(_) => Ok(false),
        }
    }
}

impl Weights {
    /// Reads row `row` of a matrix of `shape` into `out`, if the file stores rows, and returns
    /// whether it does.
    pub(crate) fn read_row(
        &self,
        name: &str,
        shape: &Shape,
        row: usize,
        out: &mut [f32],
    ) -> std::result::Result<bool, ModelError> {
        match self {
            Self::Checkpoint(weights) => {
                let Some(TensorSource::Plain(in_file)) = weights.index.source(name) else {
                    return Ok(false);
                };
                weights.check(name, shape)?;
                let read = weights.checkpoint.read_row(in_file, row, out)?;
                if read && row == 0 {
                    weights.note(name);
                }
                Ok(read)
            }
            Self::Memory(_) => Ok(false),
        }
    }
}

impl CheckpointWeights {
    fn check_all_used(&self) -> std::result::Result<(), ModelError> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        match self.index.names_from("").find(|name| !used.contains(*name)) {
            Some(name) => Err(ModelError::Unexpected {
                tensor: self.index.name_in_file(name),
            }),
            None => Ok(()),
        }
    }

    fn read(&self, name: &str, dtype: DType, device: &Device) -> Result<Tensor> {
        let one = |in_file: &str| {
            let tensor = self.checkpoint.read(in_file).map_err(Error::wrap)?;
            // Widened on the host first: f16 to f32 is exact, and devices lack some conversions.
            tensor.to_dtype(dtype)?.to_device(device)
        };
        let source = self.index.source(name).ok_or_else(|| self.missing(name))?;
        let tensor = match source {
            // Without a first dimension that is 1 in the file.
            TensorSource::Plain(in_file) => match self.index.shape(name) {
                Some(shape) => one(in_file)?.reshape(shape)?,
                None => one(in_file)?,
            },
            TensorSource::Transposed(in_file) => one(in_file)?.t()?.contiguous()?,
            TensorSource::Stacked(parts) => {
                let parts = parts.iter().map(|part| one(part));
                Tensor::cat(&parts.collect::<Result<Vec<_>>>()?, 0)?
            }
        };
        self.note(name);
        Ok(tensor)
    }

    fn read_to(&self, name: &str, shape: &Shape, out: &mut [f32]) -> Result<bool> {
        let Some(TensorSource::Plain(in_file)) = self.index.source(name) else {
            return Ok(false);
        };
        self.check(name, shape)?;
        let read = self.checkpoint.read_to(in_file, out).map_err(Error::wrap)?;
        if read {
            self.note(name);
        }
        Ok(read)
    }

    fn note(&self, name: &str) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.insert(name.to_owned());
    }

    fn check(&self, name: &str, shape: &Shape) -> Result<()> {
        let found = self.index.shape(name).ok_or_else(|| self.missing(name))?;
        if found == shape.dims() {
            return Ok(());
        }
        // In the file's own terms: a transposed tensor is reported as stored.
        let turn = matches!(self.index.source(name), Some(TensorSource::Transposed(_)));
        let order = |dims: &[usize]| -> Vec<usize> {
            if turn {
                dims.iter().rev().copied().collect()
            } else {
                dims.to_vec()
            }
        };
        Err(Error::UnexpectedShape {
            msg: self.index.name_in_file(name),
            expected: order(shape.dims()).into(),
            got: order(found).into(),
        })
    }

    fn missing(&self, name: &str) -> Error {
        Error::CannotFindTensor {
            path: self.index.name_in_file(name),
        }
    }
}

/// The tensor `name`, of `shape` if given.
fn in_memory(
    tensors: &HashMap<String, Tensor>,
    name: &str,
    shape: Option<&Shape>,
) -> Result<Tensor> {
    let tensor = tensors.get(name).ok_or_else(|| Error::CannotFindTensor {
        path: name.to_owned(),
    })?;
    match shape {
        Some(shape) if tensor.shape() != shape => Err(Error::UnexpectedShape {
            msg: name.to_owned(),
            expected: shape.clone(),
            got: tensor.shape().clone(),
        }),
        _ => Ok(tensor.clone()),
    }
}

impl SimpleBackend for Weights {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        _: candle_nn::Init,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        match self {
            Self::Checkpoint(weights) => {
                weights.check(name, &shape)?;
                weights.read(name, dtype, device)
            }
            Self::Memory(tensors) => in_memory(tensors, name, Some(&shape))?
                .to_dtype(dtype)?
                .to_device(device),
        }
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> Result<Tensor> {
        match self {
            Self::Checkpoint(weights) => weights.read(name, dtype, device),
            Self::Memory(tensors) => in_memory(tensors, name, None)?
                .to_dtype(dtype)?
                .to_device(device),
        }
    }

    fn contains_tensor(&self, name: &str) -> bool {
        match self {
            Self::Checkpoint(weights) => weights.index.shape(name).is_some(),
            Self::Memory(tensors) => tensors.contains_key(name),
        }
    }
}
