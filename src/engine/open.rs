//! Opens a model on the requested device, or on the CPU.

use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device};

use crate::clip::spec::activation::Activation;
use crate::clip::starter;
use crate::clip::starter::known_texts::LookupTextEncoder;
use crate::clip::zero_shot::{SIGLIP_TEMPLATES, TEMPLATES};
use crate::clip::{Model, ModelError, ReadOptions};
use crate::core::encoder::{ImageEncoder, TextEncoder};
use crate::engine::candle::CandleModel;
use crate::engine::cpu::{CpuModel, Precision};
use crate::engine::device::{Backend, DeviceChoice, device_id};
use crate::engine::error::EngineError;
use crate::engine::fallback::texts::FallbackTextEncoder;
use crate::engine::gpu::{AdapterKind, GpuModel, GpuOptions};
use crate::engine::options::EngineOptions;
use crate::engine::source::{ModelSource, STARTER};
use crate::model_store::ModelStore;

/// How similarities become decisions; `indexer::labels` applies this.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scoring {
    /// With the starter's measured constants, and its anchors as reference.
    Starter,
    /// With CLIP's scale, and general texts as reference.
    Clip {
        /// The model's learned scale.
        logit_scale: f32,
    },
    /// With a sigmoid model's scale and bias, and general texts as reference.
    Sigmoid {
        /// The model's learned scale.
        logit_scale: f32,
        /// What it adds to scaled similarities.
        logit_bias: f32,
    },
}

/// An open model.
#[derive(Clone)]
pub struct Engine {
    /// The model's name in output.
    pub(crate) name: String,
    /// A description for the user.
    pub(crate) description: String,
    /// The device, as named by `--device`.
    pub(crate) device: String,
    /// Embeds pictures.
    pub image: Arc<dyn ImageEncoder>,
    /// Embeds texts.
    pub text: Arc<dyn TextEncoder>,
    /// How its similarities become decisions.
    pub scoring: Scoring,
    /// The prompt templates for its labels.
    pub(crate) templates: Vec<String>,
    /// A message for the user about the device, for example that another one failed.
    pub(crate) notice: Option<String>,
    /// The model on a graphics device that wgpu drives, for facts only it has.
    pub(crate) gpu: Option<Arc<GpuModel>>,
}

impl Engine {
    /// Opens the model that `options` names: the starter, one in `store`, or a path.
    ///
    /// If `auto` chose a graphics device that cannot be opened, the CPU runs the model, and
    /// [`Engine::notice`] says so. A device requested by name is used, or is an error.
    ///
    /// # Errors
    /// If there is no such model, it cannot be used, or the device is not available.
    pub fn open(options: &EngineOptions, store: &ModelStore) -> Result<Self, EngineError> {
        let backend = match options.device {
            // The starter is so small that a card gains little.
            DeviceChoice::Auto if options.model == STARTER => Backend::Cpu,
            choice => choice.open()?,
        };
        let source = ModelSource::find(&options.model, options, store)?;
        let gpu = GpuOptions {
            variants: Some(store.data_folder().join("gpu-kernels.json")),
            ..GpuOptions::default()
        };
        let mut engine = Self::on(backend, &source, options, gpu)?;
        if !options.templates.is_empty() {
            engine.templates = options.templates.clone();
        }
        Ok(engine)
    }

    /// Opens the starter on the processor.
    ///
    /// # Errors
    /// If the built-in weights cannot be used.
    pub(crate) fn starter() -> Result<Self, EngineError> {
        Self::on_cpu(&ModelSource::Starter, false)
    }

    /// Like [`Engine::open`], on a chosen device; `gpu` has its other options.
    pub(crate) fn on(
        backend: Backend,
        source: &ModelSource,
        options: &EngineOptions,
        gpu: GpuOptions,
    ) -> Result<Self, EngineError> {
        let index = match backend {
            Backend::Cpu => return Self::on_cpu(source, options.fast),
            Backend::Candle(device) => return Self::on_candle(source, device, options.fast),
            Backend::Gpu(index) => index,
        };
        let gpu = GpuOptions {
            index,
            half: options.fast,
            ..gpu
        };
        match Self::on_gpu(source, gpu) {
            Err(EngineError::Gpu(error)) if options.device == DeviceChoice::Auto => {
                let mut engine = Self::on_cpu(source, false)?;
                engine.notice = Some(format!(
                    "the graphics device cannot be used ({error}); computing on the CPU"
                ));
                Ok(engine)
            }
            result => result,
        }
    }

    fn on_cpu(source: &ModelSource, fast: bool) -> Result<Self, EngineError> {
        let precision = match fast {
            true => Precision::Fast,
            false => Precision::Exact,
        };
        let model = source.model()?;
        let encoder = CpuModel::new(&model, precision).map_err(|error| source.unusable(error))?;
        Self::new(source, &model, "cpu".to_owned(), Arc::new(encoder))
    }

    fn on_candle(source: &ModelSource, device: Device, fast: bool) -> Result<Self, EngineError> {
        if let ModelSource::Starter = source {
            return Err(EngineError::StarterDevice);
        }
        let id = device_id(&device);
        let dtype = if fast { DType::F16 } else { DType::F32 };
        let model = source.model()?;
        let encoder = CandleModel::new(&model, dtype, device);
        let encoder = encoder.map_err(|error| source.unusable(error))?;
        Self::new(source, &model, id, Arc::new(encoder))
    }

    fn on_gpu(source: &ModelSource, options: GpuOptions) -> Result<Self, EngineError> {
        let model = Arc::new(source.model()?);
        let encoder = Arc::new(GpuModel::open(model.clone(), options)?);
        let unused = model.check_all_used();
        unused.map_err(|error| source.unusable(error))?;
        let mut engine = Self::new(source, &model, encoder.id().to_owned(), encoder.clone())?;
        let adapter = encoder.adapter();
        if adapter.kind == AdapterKind::Software {
            let (id, name) = (&engine.device, adapter.name);
            engine.notice = Some(format!(
                "{id} is {name}, a program on the processor; `--device cpu` is faster"
            ));
        }
        // Labels are embedded before the first photo, so the text encoder needs its own fallback.
        let source = source.clone();
        engine.text = Arc::new(FallbackTextEncoder::new(engine.text, move || {
            let engine = Self::on_cpu(&source, false);
            engine.map(|e| e.text).map_err(|e| e.to_string())
        }));
        engine.gpu = Some(encoder);
        Ok(engine)
    }

    fn new<E: ImageEncoder + TextEncoder + 'static>(
        source: &ModelSource,
        model: &Model,
        device: String,
        encoder: Arc<E>,
    ) -> Result<Self, EngineError> {
        let mut text: Arc<dyn TextEncoder> = encoder.clone();
        if let ModelSource::Starter = source {
            let known = starter::known_texts().map_err(|error| source.unusable(error))?;
            text = Arc::new(LookupTextEncoder::new(text, known));
        }
        let (scoring, templates) = match (model.logit_scale, model.logit_bias) {
            (Some(logit_scale), Some(logit_bias)) => (
                Scoring::Sigmoid {
                    logit_scale,
                    logit_bias,
                },
                SIGLIP_TEMPLATES.map(str::to_owned).to_vec(),
            ),
            (Some(logit_scale), None) => (
                Scoring::Clip { logit_scale },
                TEMPLATES.map(str::to_owned).to_vec(),
            ),
            // Its text tower was trained on words as much as on sentences.
            (None, _) => (Scoring::Starter, Vec::new()),
        };
        Ok(Self {
            name: source.name().to_owned(),
            description: model.spec.architecture(),
            device,
            image: encoder,
            text,
            scoring,
            templates,
            notice: None,
            gpu: None,
        })
    }
}

/// What its user should know about a checkpoint that can be used, if anything.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn remark(path: &Path, quick_gelu: Option<bool>) -> Result<Option<String>, ModelError> {
    let options = ReadOptions {
        quick_gelu,
        ..ReadOptions::default()
    };
    let taken = match Model::open(path, &options)?.guessed_activation {
        None => return Ok(None),
        Some(Activation::QuickGelu) => {
            "QuickGELU, as OpenAI's models have; if it has GELU, \
            import it again with `--quick-gelu=false --replace`"
        }
        Some(_) => {
            "GELU, as most of OpenCLIP's models have; if it has QuickGELU, as OpenAI's, \
            DFN and MetaCLIP have, import it again with `--quick-gelu --replace`"
        }
    };
    Ok(Some(format!(
        "no file says whether this model was trained with GELU or QuickGELU; Taglens takes {taken}"
    )))
}

/// Whether a model's folder has a usable checkpoint, for the models folder to check before
/// installing.
///
/// # Errors
/// Why not.
pub(crate) fn validate(folder: &Path) -> Result<(), String> {
    let model = Model::open(folder, &ReadOptions::default()).map_err(|error| error.to_string())?;
    model.check_tokenizer().map_err(|error| error.to_string())?;
    CpuModel::new(&model, Precision::Exact)
        .map(drop)
        .map_err(|error| error.to_string())
}
