//! A model's tensors by name.

use candle_core::{DType, Device};
use candle_nn::VarBuilder;

use crate::clip::Model;
use crate::engine::gpu::error::{GpuError, Result};

/// The tensors below a prefix.
#[derive(Clone)]
pub(crate) struct Scope<'a> {
    model: &'a Model,
    prefix: String,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(model: &'a Model) -> Self {
        let prefix = String::new();
        Self { model, prefix }
    }

    /// The tensors below `name` as well.
    pub(crate) fn below(&self, name: impl std::fmt::Display) -> Self {
        let prefix = format!("{}{name}.", self.prefix);
        Self {
            model: self.model,
            prefix,
        }
    }

    /// The same tensors for code that reads them itself, in f32 on the processor.
    pub(crate) fn tensors(&self) -> VarBuilder<'static> {
        let all = self.model.var_builder(DType::F32, Device::Cpu);
        all.pp(self.prefix.trim_end_matches('.'))
    }

    pub(crate) fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let name = format!("{}{name}", self.prefix);
        let wrong = |reason| GpuError::Weights {
            name: name.clone(),
            reason,
        };
        let values = self.model.tensor(&name, shape);
        let values = values.map_err(|error| wrong(error.to_string()))?;
        let expected: usize = shape.iter().product();
        if values.len() != expected {
            let reason = format!("it has {} values, not {expected}", values.len());
            return Err(wrong(reason));
        }
        Ok(values)
    }
}
