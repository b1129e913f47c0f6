//! The model that computes, whichever it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use candle_core::{DType, Device};

use crate::clip;
use crate::clip::spec::Normalisation;
use crate::clip::starter;
use crate::clip::starter::StarterParts;
use crate::clip::starter::known_texts::LookupTextEncoder;
use crate::clip::zero_shot::TEMPLATES;
use crate::clip::{ClipParts, ModelError};
use crate::core::encoder::{ImageEncoder, TextEncoder};
use crate::engine::bridge as gpu;
use crate::engine::device::{DeviceChoice, DeviceError, Place, device_id};
use crate::engine::gpu::{AdapterKind, GpuError, GpuModel, GpuOptions};
use crate::engine::starter::Starter;
use crate::engine::steadfast::FallbackTextEncoder;
use crate::engine::{ClipModel, CpuEngine, LoadOptions};
use crate::model_store::{Entry, Manifest, ModelStore, ZooError};

/// The name of the model that is compiled in.
pub const STARTER: &str = "starter";

/// How a model's similarities become decisions; `labels` makes it so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scoring {
    /// As was measured for the starter, with its anchors as reference.
    Starter,
    /// As CLIP was trained, against texts about everything.
    Clip {
        /// The model's learned factor.
        logit_scale: f32,
    },
}

/// Which model, and how it shall compute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineOptions {
    /// A name, or a path to a checkpoint.
    pub model: String,
    /// Whether the model uses QuickGELU, where the person says so.
    pub quick_gelu: Option<bool>,
    /// Where to compute.
    pub device: DeviceChoice,
    /// Whether numbers of 16 bits, on the CPU of 8, may be computed with where that is faster.
    pub fast: bool,
    /// Prompt templates that labels are set into; none stands for the model's own.
    pub templates: Vec<String>,
}

/// Which model it is, known without loading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelIdentity {
    /// What it is called in output.
    pub name: String,
    /// Tells its embeddings from those of any other model or way of preprocessing.
    pub fingerprint: [u8; 32],
    /// Prompt templates that labels are set into, other than its own; they change what tags come
    /// out of its embeddings, not these.
    pub templates: Vec<String>,
}

/// Counted up whenever the same file and model give other embeddings than before: it keeps old and
/// new ones apart in libraries.
const PREPROCESSING_VERSION: u32 = 1;

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Neither compiled in, installed, nor a path.
    #[error(
        "there is no model `{name}` here, and no such file; `taglens model list` names those that are"
    )]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// In the catalogue, but not on this machine.
    #[error("the model `{name}` is not installed yet; `taglens model pull {name}` fetches it")]
    NotInstalled {
        /// The catalogue's name.
        name: String,
    },
    /// The checkpoint cannot be used.
    #[error("the model {} cannot be used: {source}", path.display())]
    Model {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: ModelError,
    },
    /// There is no such device.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The starter has no code for candle's other devices.
    #[error(
        "the starter model computes on the CPU and through wgpu only; take `--device cpu` or `--device gpu`, or a CLIP model"
    )]
    StarterDevice,
    /// The graphics device cannot compute it.
    #[error(transparent)]
    Compute(#[from] GpuError),
    /// The models folder is not in order.
    #[error(transparent)]
    Store(#[from] ZooError),
}

impl EngineError {
    /// Why a model cannot be had that is not here.
    fn absent(name: &str) -> Self {
        match Entry::find(name) {
            Some(entry) => Self::NotInstalled {
                name: entry.name.into(),
            },
            None => Self::Unknown { name: name.into() },
        }
    }
}

/// A model, loaded.
#[derive(Clone)]
pub struct Engine {
    /// What the model is called in output.
    pub name: String,
    /// What it is, for a person.
    pub description: String,
    /// Where it computes, as `--device` calls it.
    pub device: String,
    /// Embeds pictures.
    pub image: Arc<dyn ImageEncoder>,
    /// Embeds texts.
    pub text: Arc<dyn TextEncoder>,
    /// How its similarities become decisions.
    pub scoring: Scoring,
    /// Prompt templates that its labels are set into.
    pub templates: Vec<String>,
    /// What a person should know about where it computes, as when a device could not be had.
    pub notice: Option<String>,
    /// The model on a graphics device that wgpu drives, for what only that can tell.
    pub gpu: Option<Arc<GpuModel>>,
}

impl Engine {
    /// Loads the model that `options` names: the starter, one in `store`, or a path.
    ///
    /// Where `auto` chose a graphics device that then cannot be had, the CPU computes, and
    /// [`Engine::notice`] says so. Who asks for a device by name gets that one or an error.
    pub fn open(options: &EngineOptions, store: &ModelStore) -> Result<Self, EngineError> {
        let name = options.model.as_str();
        // The starter is so small that a card has little to win on it.
        let place = match options.device {
            DeviceChoice::Auto if name == STARTER => Place::Candle(Device::Cpu),
            choice => choice.open()?,
        };
        let found = Found::find(name, options, store)?;
        let gpu = GpuOptions {
            tiles: Some(store.data_folder().join("gpu-tiles.json")),
            ..GpuOptions::default()
        };
        let mut engine = Self::at(&found, options, place, gpu)?;
        if !options.templates.is_empty() {
            engine.templates = options.templates.clone();
        }
        Ok(engine)
    }

    /// As [`Engine::open`], at a place that is settled; `gpu` says what that leaves open.
    pub(crate) fn at(
        found: &Found,
        options: &EngineOptions,
        place: Place,
        gpu: GpuOptions,
    ) -> Result<Self, EngineError> {
        let device = match place {
            Place::Candle(device) => device,
            Place::Gpu(index) => {
                let gpu = GpuOptions {
                    index,
                    half: options.fast,
                    ..gpu
                };
                match found.on_gpu(gpu) {
                    Err(EngineError::Compute(error)) if options.device == DeviceChoice::Auto => {
                        let mut engine = found.on_candle(Device::Cpu, false)?;
                        engine.notice = Some(format!(
                            "the graphics device cannot be used ({error}); computing on the CPU"
                        ));
                        return Ok(engine);
                    }
                    result => return result,
                }
            }
        };
        found.on_candle(device, options.fast)
    }
}

/// Which model it is and where its weights lie.
#[derive(Clone)]
pub(crate) enum Found {
    /// The one that is compiled in.
    Starter,
    /// A checkpoint.
    Clip {
        /// What it is called in output.
        name: String,
        /// File or folder.
        path: PathBuf,
        /// How it is read.
        load: LoadOptions,
    },
}

impl Found {
    /// Finds the model called `name`.
    pub fn find(
        name: &str,
        options: &EngineOptions,
        store: &ModelStore,
    ) -> Result<Self, EngineError> {
        if name == STARTER {
            return Ok(Self::Starter);
        }
        if store.contains(name) {
            let installed = store.info(name)?;
            return Ok(Self::Clip {
                name: installed.manifest.name.clone(),
                path: installed.weights(),
                load: options.load(Some(&installed.manifest)),
            });
        }
        let path = PathBuf::from(name);
        if path.exists() {
            return Ok(Self::Clip {
                name: name.into(),
                path,
                load: options.load(None),
            });
        }
        Err(EngineError::absent(name))
    }

    fn path(&self) -> PathBuf {
        match self {
            Self::Starter => STARTER.into(),
            Self::Clip { path, .. } => path.clone(),
        }
    }

    /// The error of a model that cannot be used.
    fn unusable(&self, source: ModelError) -> EngineError {
        let path = self.path();
        EngineError::Model { path, source }
    }

    fn on_candle(&self, device: Device, fast: bool) -> Result<Engine, EngineError> {
        let unusable = |source| self.unusable(source);
        let id = device_id(&device);
        match self {
            Self::Starter if !device.is_cpu() => Err(EngineError::StarterDevice),
            Self::Starter => {
                let model = Arc::new(Starter::load().map_err(unusable)?);
                let architecture = model.text_architecture();
                let text = informed(model.clone()).map_err(unusable)?;
                Ok(Engine::starter(&architecture, id, model, text))
            }
            Self::Clip { name, path, load } => {
                // CPUs compute faster in 32 bits than in 16.
                let half = fast && !device.is_cpu();
                let load = LoadOptions {
                    dtype: if half { DType::F16 } else { DType::F32 },
                    device,
                    ..load.clone()
                };
                let model = Arc::new(ClipModel::open(path, &load).map_err(unusable)?);
                let (architecture, scale) = (model.architecture(), model.logit_scale());
                Ok(Engine::clip(
                    name,
                    (architecture, scale),
                    id,
                    model.clone(),
                    model,
                ))
            }
        }
    }

    fn on_gpu(&self, options: GpuOptions) -> Result<Engine, EngineError> {
        let unusable = |source| self.unusable(source);
        let mut engine = match self {
            Self::Starter => {
                let parts = Arc::new(StarterParts::load().map_err(unusable)?);
                let (spec, tokens) = (gpu::describe_starter(&parts), gpu::tokeniser(&parts.text));
                let architecture = parts.text.architecture();
                let model = Arc::new(GpuModel::open(spec, parts, tokens, options)?);
                let text = informed(model.clone()).map_err(unusable)?;
                let id = model.id().into();
                let mut engine = Engine::starter(architecture, id, model.clone(), text);
                engine.gpu = Some(model);
                engine
            }
            Self::Clip { name, path, load } => {
                let parts = Arc::new(ClipParts::open(path, load).map_err(unusable)?);
                let spec = gpu::describe_clip(&parts);
                let tokens = gpu::tokeniser(&parts.config.text);
                let model = Arc::new(GpuModel::open(spec, parts.clone(), tokens, options)?);
                parts.check_all_used().map_err(unusable)?;
                let about = (parts.config.architecture(), parts.logit_scale);
                let id = model.id().into();
                let mut engine = Engine::clip(name, about, id, model.clone(), model.clone());
                engine.gpu = Some(model);
                engine
            }
        };
        if let Some(adapter) = engine.gpu.as_ref().map(|model| model.adapter())
            && adapter.kind == AdapterKind::Software
        {
            let (id, name) = (&engine.device, adapter.name);
            engine.notice = Some(format!(
                "{id} is {name}, a program on the processor; `--device cpu` is faster"
            ));
        }
        // Labels are embedded before the first photo, where nobody can fall back for them.
        let (found, text) = (self.clone(), engine.text);
        engine.text = Arc::new(FallbackTextEncoder::new(text, move || {
            let engine = found.on_candle(Device::Cpu, false);
            engine.map(|e| e.text).map_err(|e| e.to_string())
        }));
        Ok(engine)
    }
}

impl Engine {
    fn starter(
        text_architecture: &str,
        device: String,
        image: Arc<dyn ImageEncoder>,
        text: Arc<dyn TextEncoder>,
    ) -> Self {
        Self {
            name: STARTER.into(),
            description: format!("EfficientNet-Lite1 and a {text_architecture}"),
            device,
            image,
            text,
            scoring: Scoring::Starter,
            // Its text side was trained on words as much as on sentences.
            templates: Vec::new(),
            notice: None,
            gpu: None,
        }
    }

    fn clip(
        name: &str,
        (architecture, logit_scale): (String, f32),
        device: String,
        image: Arc<dyn ImageEncoder>,
        text: Arc<dyn TextEncoder>,
    ) -> Self {
        Self {
            name: name.into(),
            description: architecture,
            device,
            scoring: Scoring::Clip { logit_scale },
            image,
            text,
            templates: TEMPLATES.map(str::to_owned).to_vec(),
            notice: None,
            gpu: None,
        }
    }
}

/// The starter's text side, with the texts that it need not compute.
fn informed(text: Arc<dyn TextEncoder>) -> Result<Arc<dyn TextEncoder>, ModelError> {
    Ok(Arc::new(LookupTextEncoder::new(
        text,
        starter::known_texts()?,
    )))
}

impl EngineOptions {
    /// Finds out which model is meant.
    ///
    /// # Errors
    /// As [`Engine::open`], as far as can be told without loading the model.
    pub fn identify(&self, store: &ModelStore) -> Result<ModelIdentity, EngineError> {
        let name = self.model.as_str();
        let weights = match () {
            () if name == STARTER => starter::fingerprint(),
            () => {
                let path = match store.contains(name) {
                    true => store.info(name)?.weights(),
                    false => PathBuf::from(name),
                };
                if !path.exists() {
                    return Err(EngineError::absent(name));
                }
                clip::fingerprint(&path).map_err(|source| EngineError::Model { path, source })?
            }
        };
        let mut hasher = blake3::Hasher::new();
        hasher.update(&weights);
        hasher.update(&PREPROCESSING_VERSION.to_le_bytes());
        // The person's word on it changes what the same weights compute.
        hasher.update(&[self.quick_gelu.map_or(2, u8::from)]);
        // Fast embeddings are near the exact ones, but not so near that a library should hold both;
        // the starter has no fast way.
        if self.fast && name != STARTER {
            hasher.update(b"fast");
        }
        Ok(ModelIdentity {
            name: name.to_owned(),
            fingerprint: hasher.finalize().into(),
            templates: self.templates.clone(),
        })
    }

    /// How to read a checkpoint; what the person says comes before what is known of the model.
    fn load(&self, manifest: Option<&Manifest>) -> LoadOptions {
        let entry = manifest.and_then(Manifest::zoo_entry);
        LoadOptions {
            quick_gelu: self.quick_gelu.or(manifest.and_then(|m| m.quick_gelu)),
            normalisation: entry.map(|entry| {
                let preprocessing = entry.preprocessing();
                Normalisation {
                    mean: preprocessing.mean,
                    std: preprocessing.std,
                }
            }),
            cpu: if self.fast {
                CpuEngine::Fast
            } else {
                CpuEngine::Exact
            },
            ..LoadOptions::default()
        }
    }
}

/// Whether a model's folder holds a checkpoint that computes: what the models folder asks before
/// it takes one in.
pub fn validate(folder: &Path) -> Result<(), String> {
    ClipModel::open(folder, &LoadOptions::default())
        .map(drop)
        .map_err(|error| error.to_string())
}
