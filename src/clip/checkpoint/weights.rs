//! The bridge from a checkpoint to candle's `VarBuilder`.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Device, Error, Result, Shape, Tensor};
use candle_nn::var_builder::SimpleBackend;

use crate::clip::checkpoint::Checkpoint;
use crate::clip::checkpoint::layout::{Index, Source};
use crate::clip::error::ModelError;

/// A checkpoint's tensors under their internal names, each read when it is asked for.
///
/// It remembers what was asked for, so that a tensor nobody asked for, the sign of a variant that
/// would be computed wrongly, is noticed.
#[derive(Clone)]
pub struct Weights {
    checkpoint: Arc<Checkpoint>,
    index: Arc<Index>,
    used: Arc<Mutex<HashSet<String>>>,
}

impl Weights {
    /// `index` must have been made of `checkpoint`'s tensors.
    pub fn new(checkpoint: Arc<Checkpoint>, index: Arc<Index>) -> Self {
        let used = Arc::default();
        Self {
            checkpoint,
            index,
            used,
        }
    }

    /// Fails with the first tensor that was never asked for.
    pub fn check_all_used(&self) -> std::result::Result<(), ModelError> {
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
            Source::Plain(in_file) => one(in_file)?,
            Source::Transposed(in_file) => one(in_file)?.t()?.contiguous()?,
            Source::Stacked([q, k, v]) => Tensor::cat(&[one(q)?, one(k)?, one(v)?], 0)?,
        };
        self.note(name);
        Ok(tensor)
    }

    /// Reads a tensor of `shape` to `out`, if it lies in its file as just these numbers; whether it
    /// did. Where it did not, [`VarBuilder::get`](candle_nn::VarBuilder::get) reads it.
    pub fn read_to(&self, name: &str, shape: &Shape, out: &mut [f32]) -> Result<bool> {
        let Some(Source::Plain(in_file)) = self.index.source(name) else {
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
        // In the file's own terms: what it holds transposed is reported as it holds it.
        let turn = matches!(self.index.source(name), Some(Source::Transposed(_)));
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

impl SimpleBackend for Weights {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        _: candle_nn::Init,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        self.check(name, &shape)?;
        self.read(name, dtype, device)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> Result<Tensor> {
        self.read(name, dtype, device)
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.index.shape(name).is_some()
    }
}
