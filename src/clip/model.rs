//! A model before any engine computes with it: what it consists of, and its weights.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;

use crate::clip::checkpoint::Checkpoint;
use crate::clip::checkpoint::config_file::ConfigFile;
use crate::clip::checkpoint::infer::infer;
use crate::clip::checkpoint::layout::{Index, Layout};
use crate::clip::error::ModelError;
use crate::clip::spec::activation::Activation;
use crate::clip::spec::{Normalisation, Spec};
use crate::clip::weights::Weights;

/// What a person, or the models folder, says about a checkpoint beyond its files.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadOptions {
    /// Whether the Transformers use QuickGELU. `None` asks the configuration file, or goes by the
    /// layout: yes for transformers' and OpenAI's own, no for OpenCLIP's.
    pub quick_gelu: Option<bool>,
    /// The pictures' normalisation. `None` asks the configuration file, or takes CLIP's own.
    pub normalisation: Option<Normalisation>,
}

/// What every engine starts from: candle's by [`Model::var_builder`], others tensor by tensor.
pub struct Model {
    /// What it consists of.
    pub spec: Spec,
    /// What similarities are multiplied with before the softmax: the inverse temperature, 100 in
    /// the published models. `None` for the starter, whose similarities are calibrated otherwise.
    pub logit_scale: Option<f32>,
    /// How many numbers the model has learned.
    pub parameters: usize,
    weights: Weights,
}

impl Model {
    /// Opens the checkpoint at `path`, a file or a folder.
    ///
    /// # Errors
    /// Where the file is damaged, not one whole CLIP, or a variant that is not computed.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Self, ModelError> {
        let checkpoint = Arc::new(Checkpoint::open(path)?);
        let shapes = checkpoint.tensors().map(|(n, i)| (n, i.shape.as_slice()));
        let index = Arc::new(Index::new(checkpoint.path(), shapes)?);
        let file = ConfigFile::find(checkpoint.folder(), index.layout())?;

        let activation = match index.layout() {
            Layout::OpenAi if !index.is_original() => Activation::Gelu,
            Layout::OpenAi | Layout::HuggingFace => Activation::QuickGelu,
        };
        let mut spec = infer(&index, activation)?;
        if let Some(file) = &file {
            file.apply(&mut spec)?;
        }
        match options.quick_gelu {
            Some(true) => spec.set_activation(Activation::QuickGelu),
            Some(false) => spec.set_activation(Activation::Gelu),
            None => {}
        }
        if let Some(Normalisation { mean, std }) = options.normalisation {
            (spec.preprocessing.mean, spec.preprocessing.std) = (mean, std);
        }

        let parameters = parameters(&index);
        let weights = Weights::of_checkpoint(checkpoint, index.clone());
        let vs = VarBuilder::from_backend(Box::new(weights.clone()), DType::F32, Device::Cpu);
        Ok(Self {
            spec,
            logit_scale: Some(logit_scale(&index, &vs)?),
            parameters,
            weights,
        })
    }

    /// Of tensors in memory, under the names that the checkpoint of such a model has.
    pub(crate) fn in_memory(spec: Spec, tensors: HashMap<String, Tensor>) -> Self {
        Self {
            spec,
            logit_scale: None,
            parameters: tensors.values().map(Tensor::elem_count).sum(),
            weights: Weights::in_memory(tensors),
        }
    }

    /// The tensors as candle takes them.
    pub(crate) fn var_builder(&self, dtype: DType, device: Device) -> VarBuilder<'static> {
        VarBuilder::from_backend(Box::new(self.weights.clone()), dtype, device)
    }

    /// The tensors as they lie in their file.
    pub(crate) fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The tensor with OpenAI's name `name`, in row-major order, widened to f32.
    ///
    /// # Errors
    /// Where there is none, it has another shape than `shape`, or it cannot be read.
    pub(crate) fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let vs = self.var_builder(DType::F32, Device::Cpu);
        Ok(vs.get(shape, name)?.flatten_all()?.to_vec1::<f32>()?)
    }

    /// Fails with the first tensor of a checkpoint that was never asked for.
    ///
    /// # Errors
    /// Where there is one: the sign of a variant that would be computed wrongly.
    pub(crate) fn check_all_used(&self) -> Result<(), ModelError> {
        self.weights.check_all_used()
    }
}

/// The factor, of whose logarithm the checkpoint has one value.
fn logit_scale(index: &Index, vs: &VarBuilder) -> Result<f32, ModelError> {
    let name = index.name_in_file("logit_scale");
    if index
        .shape("logit_scale")
        .is_some_and(|s| s.iter().product::<usize>() != 1)
    {
        return Err(ModelError::tensor(name, "it is not a single number"));
    }
    let logarithm = vs
        .get_unchecked_dtype("logit_scale", DType::F32)?
        .flatten_all()?
        .to_vec1::<f32>()?;
    let scale = logarithm.first().copied().unwrap_or(f32::NAN).exp();
    if scale.is_finite() && scale > 0.0 {
        Ok(scale)
    } else {
        let reason = format!("a temperature of e^{logarithm:?} cannot be computed with");
        Err(ModelError::tensor(name, reason))
    }
}

/// Batch norm's running statistics are measured, not learned.
fn parameters(index: &Index) -> usize {
    index
        .names_from("")
        .filter(|name| !name.contains(".running_"))
        .filter_map(|name| Some(index.shape(name)?.iter().product::<usize>()))
        .sum()
}
