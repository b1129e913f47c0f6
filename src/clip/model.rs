//! A model independent of any engine: its description and its weights.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;

use crate::clip::checkpoint::Checkpoint;
use crate::clip::checkpoint::config_file::ConfigFile;
use crate::clip::checkpoint::infer::infer;
use crate::clip::checkpoint::layout::{Index, Layout};
use crate::clip::checkpoint::tokenizer_config::tokens;
use crate::clip::error::ModelError;
use crate::clip::spec::activation::Activation;
use crate::clip::spec::{ImageSpec, Normalisation, Spec, TextSpec, TokensSpec};
use crate::clip::tokenizer::file::present;
use crate::clip::weights::Weights;

/// What the user, or the models folder, specifies about a checkpoint.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadOptions {
    /// Whether the Transformers use QuickGELU. `None` takes it from the configuration file, or from
    /// the layout: yes for transformers and OpenAI's own, no for OpenCLIP.
    pub quick_gelu: Option<bool>,
    /// The pictures' normalisation. `None` takes it from the configuration file, or uses CLIP's
    /// own.
    pub normalisation: Option<Normalisation>,
}

/// The input of every engine: candle uses [`Model::var_builder`], others read tensor by tensor.
pub struct Model {
    /// Its description.
    pub spec: Spec,
    /// The factor of similarities before the softmax: the inverse temperature, 100 in the published
    /// models. `None` for the starter, which is calibrated differently.
    pub logit_scale: Option<f32>,
    /// What is added to scaled similarities before the sigmoid, by models that were trained with
    /// one (SigLIP); `None` for the others.
    pub logit_bias: Option<f32>,
    /// The number of learned parameters.
    pub parameters: usize,
    /// The activation that was taken for want of a word on it, in the files or by the user.
    pub(crate) guessed_activation: Option<Activation>,
    weights: Weights,
}

impl Model {
    /// Opens the checkpoint at `path`, a file or a folder.
    ///
    /// # Errors
    /// If the file is damaged, not one complete CLIP model, or an unsupported variant.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Self, ModelError> {
        let checkpoint = Arc::new(Checkpoint::open(path)?);
        let shapes = checkpoint.tensors().map(|(n, i)| (n, i.shape.as_slice()));
        let index = Arc::new(Index::new(checkpoint.path(), shapes)?);
        let file = ConfigFile::find(checkpoint.folder(), index.layout())?;

        let is_siglip = index.shape("text_projection_bias").is_some();
        let activation = match (index.layout(), is_siglip) {
            (Layout::HuggingFace, true) => Activation::GeluTanh,
            (Layout::OpenAi, true) => Activation::Gelu,
            (Layout::OpenAi, _) if !index.is_original() => Activation::Gelu,
            (Layout::OpenAi | Layout::HuggingFace, _) => Activation::QuickGelu,
        };
        let mut spec = infer(&index, activation)?;
        if let Some(file) = &file {
            file.apply(&mut spec)?;
        }
        // A bag of words has CLIP's tokens; there is no other.
        if let TextSpec::Transformer(text) = &spec.text {
            let folder = checkpoint.folder();
            spec.tokens = tokens(folder, index.layout(), text.vocabulary, file.as_ref())?;
        }
        let said = |file: &ConfigFile| file.says_activation();
        let is_known = file.as_ref().is_some_and(said) || index.is_original();
        // Every text tower beside a FastViT has GELU.
        let is_fast_vit = matches!(spec.image, ImageSpec::FastVit(_));
        let guessed = options.quick_gelu.is_none() && !is_known && !is_siglip && !is_fast_vit;
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
            logit_bias: logit_bias(&index, &vs)?,
            parameters,
            guessed_activation: guessed.then_some(activation),
            weights,
        })
    }

    /// Creates a model from tensors in memory, under the names of such a model's checkpoint.
    pub(crate) fn in_memory(spec: Spec, tensors: HashMap<String, Tensor>) -> Self {
        Self {
            spec,
            logit_scale: None,
            logit_bias: None,
            guessed_activation: None,
            parameters: tensors.values().map(Tensor::elem_count).sum(),
            weights: Weights::in_memory(tensors),
        }
    }

    /// Checks that the files are there that the model's texts need.
    ///
    /// # Errors
    /// If its tokenizer is missing.
    pub(crate) fn check_tokenizer(&self) -> Result<(), ModelError> {
        match &self.spec.tokens {
            TokensSpec::Clip => Ok(()),
            TokensSpec::File(file) => {
                present(&file.path).map_err(|reason| ModelError::Tokenizer { reason })
            }
        }
    }

    /// The tensors for candle.
    pub(crate) fn var_builder(&self, dtype: DType, device: Device) -> VarBuilder<'static> {
        VarBuilder::from_backend(Box::new(self.weights.clone()), dtype, device)
    }

    /// The tensors as stored.
    pub(crate) fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Reads the tensor with OpenAI's name `name`, in row-major order, widened to f32.
    ///
    /// # Errors
    /// If there is none, it has another shape than `shape`, or it cannot be read.
    pub(crate) fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let vs = self.var_builder(DType::F32, Device::Cpu);
        Ok(vs.get(shape, name)?.flatten_all()?.to_vec1::<f32>()?)
    }

    /// Checks that every tensor of a checkpoint was used.
    ///
    /// # Errors
    /// For the first unused tensor: it is a sign of a variant that would be computed wrongly.
    pub(crate) fn check_all_used(&self) -> Result<(), ModelError> {
        self.weights.check_all_used()
    }
}

/// The factor; the checkpoint stores its logarithm.
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
        let reason = format!("a temperature of e^{logarithm:?} cannot be used");
        Err(ModelError::tensor(name, reason))
    }
}

/// What is added to scaled similarities, if the model has it.
fn logit_bias(index: &Index, vs: &VarBuilder) -> Result<Option<f32>, ModelError> {
    if index.shape("logit_bias").is_none() {
        return Ok(None);
    }
    let values = vs
        .get_unchecked_dtype("logit_bias", DType::F32)?
        .flatten_all()?
        .to_vec1::<f32>()?;
    match values.as_slice() {
        [bias] if bias.is_finite() => Ok(Some(*bias)),
        _ => {
            let name = index.name_in_file("logit_bias");
            Err(ModelError::tensor(name, "it is not a single number"))
        }
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
