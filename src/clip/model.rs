//! A checkpoint's architecture and tensors, before any engine has made a model of them.

use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device};
use candle_nn::VarBuilder;

use crate::clip::LoadOptions;
use crate::clip::checkpoint::Checkpoint;
use crate::clip::checkpoint::config_file::ConfigFile;
use crate::clip::checkpoint::layout::{Index, Layout};
use crate::clip::checkpoint::weights::Weights;
use crate::clip::error::ModelError;
use crate::clip::spec::activation::Activation;
use crate::clip::spec::{ClipConfig, Normalisation};
use crate::core::encoder::Preprocessing;

/// What every engine starts from: candle's by [`ClipParts::var_builder`], others tensor by tensor.
pub struct ClipParts {
    /// The architecture.
    pub config: ClipConfig,
    /// What becomes of pictures first.
    pub preprocessing: Preprocessing,
    /// The inverse temperature.
    pub logit_scale: f32,
    /// How many numbers the model has learned.
    pub parameters: usize,
    weights: Weights,
}

impl ClipParts {
    /// Opens the checkpoint at `path`, a file or a folder; of `options` the type and the device do
    /// not matter here.
    ///
    /// # Errors
    /// Where the file is damaged, not one whole CLIP, or a variant that is not computed.
    pub fn open(path: &Path, options: &LoadOptions) -> Result<Self, ModelError> {
        let checkpoint = Arc::new(Checkpoint::open(path)?);
        let shapes = checkpoint.tensors().map(|(n, i)| (n, i.shape.as_slice()));
        let index = Arc::new(Index::new(checkpoint.path(), shapes)?);
        let file = ConfigFile::find(checkpoint.folder(), index.layout())?;

        let activation = match index.layout() {
            Layout::OpenAi if !index.is_original() => Activation::Gelu,
            Layout::OpenAi | Layout::HuggingFace => Activation::QuickGelu,
        };
        let mut config = ClipConfig::infer(&index, activation)?;
        if let Some(file) = &file {
            file.apply(&mut config)?;
        }
        match options.quick_gelu {
            Some(true) => config.set_activation(Activation::QuickGelu),
            Some(false) => config.set_activation(Activation::Gelu),
            None => {}
        }
        let mut preprocessing = Preprocessing::clip(config.image_size as u32);
        let normalisation = options
            .normalisation
            .or(file.as_ref().and_then(|f| f.normalisation));
        if let Some(Normalisation { mean, std }) = normalisation {
            (preprocessing.mean, preprocessing.std) = (mean, std);
        }
        if let Some(fit) = file.and_then(|f| f.fit) {
            preprocessing.fit = fit;
        }

        let weights = Weights::new(checkpoint, index.clone());
        let vs = VarBuilder::from_backend(Box::new(weights.clone()), DType::F32, Device::Cpu);
        Ok(Self {
            config,
            preprocessing,
            logit_scale: logit_scale(&index, &vs)?,
            parameters: parameters(&index),
            weights,
        })
    }

    /// The tensors as candle takes them.
    pub fn var_builder(&self, dtype: DType, device: Device) -> VarBuilder<'static> {
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
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let vs = self.var_builder(DType::F32, Device::Cpu);
        Ok(vs.get(shape, name)?.flatten_all()?.to_vec1::<f32>()?)
    }

    /// Fails with the first tensor that was never asked for.
    ///
    /// # Errors
    /// Where there is one: the sign of a variant that would be computed wrongly.
    pub fn check_all_used(&self) -> Result<(), ModelError> {
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
