//! The model that computes, whichever it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use candle_core::DType;

use crate::clip::config::Normalisation;
use crate::clip::starter::Starter;
use crate::clip::zero_shot::TEMPLATES;
use crate::clip::zoo::{Entry, Installed, Manifest, ModelStore, ZooError};
use crate::clip::{self, ClipModel, CpuEngine, LoadOptions, ModelError};
use crate::encoder::{ImageEncoder, TextEncoder};
use crate::pipeline::device::{DeviceChoice, DeviceError, device_id};

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
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// A name, or a path to a checkpoint.
    pub model: String,
    /// Whether the model uses QuickGELU, where the person says so.
    pub quick_gelu: Option<bool>,
    /// Where to compute.
    pub device: DeviceChoice,
    /// Whether numbers of 16 bits, on the CPU of 8, may be computed with where that is faster.
    pub fast: bool,
}

/// Which model it is, known without loading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelIdentity {
    /// What it is called in output.
    pub name: String,
    /// Tells its embeddings from those of any other model or way of preprocessing.
    pub fingerprint: [u8; 32],
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
    /// The starter has no code for other devices.
    #[error("the starter model computes on the CPU only; take `--device cpu`, or a CLIP model")]
    StarterDevice,
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
}

impl Engine {
    /// Loads the model that `options` names: the starter, one in `store`, or a path.
    pub fn open(options: &EngineOptions, store: &ModelStore) -> Result<Self, EngineError> {
        let name = options.model.as_str();
        if name == STARTER {
            return match options.device {
                DeviceChoice::Auto | DeviceChoice::Cpu => Self::starter(),
                _ => Err(EngineError::StarterDevice),
            };
        }
        if store.contains(name) {
            return Self::installed(&store.info(name)?, options);
        }
        let path = Path::new(name);
        if path.exists() {
            return Self::clip(name, path, options.load(None)?);
        }
        Err(EngineError::absent(name))
    }

    fn starter() -> Result<Self, EngineError> {
        let load = Starter::load().map_err(|source| EngineError::Model {
            path: STARTER.into(),
            source,
        });
        let model = Arc::new(load?);
        Ok(Self {
            name: STARTER.into(),
            description: format!("EfficientNet-Lite1 and a {}", model.text_architecture()),
            device: "cpu".into(),
            image: model.clone(),
            text: model,
            scoring: Scoring::Starter,
            // Its text side was trained on words as much as on sentences.
            templates: Vec::new(),
        })
    }

    fn installed(installed: &Installed, options: &EngineOptions) -> Result<Self, EngineError> {
        let load = options.load(Some(&installed.manifest))?;
        Self::clip(&installed.manifest.name, &installed.weights(), load)
    }

    fn clip(name: &str, path: &Path, load: LoadOptions) -> Result<Self, EngineError> {
        let model = ClipModel::open(path, &load).map_err(|source| EngineError::Model {
            path: path.to_path_buf(),
            source,
        })?;
        let model = Arc::new(model);
        Ok(Self {
            name: name.into(),
            description: model.architecture(),
            device: device_id(&load.device),
            scoring: Scoring::Clip {
                logit_scale: model.logit_scale(),
            },
            image: model.clone(),
            text: model,
            templates: TEMPLATES.map(str::to_owned).to_vec(),
        })
    }
}

impl EngineOptions {
    /// Finds out which model is meant.
    ///
    /// # Errors
    /// As [`Engine::open`], as far as can be told without loading the model.
    pub fn identify(&self, store: &ModelStore) -> Result<ModelIdentity, EngineError> {
        let name = self.model.as_str();
        let weights = match () {
            () if name == STARTER => Starter::fingerprint(),
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
        })
    }

    /// How to load a checkpoint; what the person says comes before what is known of the model.
    fn load(&self, manifest: Option<&Manifest>) -> Result<LoadOptions, DeviceError> {
        let device = self.device.open()?;
        let entry = manifest.and_then(Manifest::zoo_entry);
        Ok(LoadOptions {
            quick_gelu: self.quick_gelu.or(manifest.and_then(|m| m.quick_gelu)),
            normalisation: entry.map(|entry| {
                let preprocessing = entry.preprocessing();
                Normalisation {
                    mean: preprocessing.mean,
                    std: preprocessing.std,
                }
            }),
            // CPUs compute faster in 32 bits than in 16, and in 8 faster than in either.
            dtype: if self.fast && !device.is_cpu() {
                DType::F16
            } else {
                DType::F32
            },
            device,
            cpu: if self.fast {
                CpuEngine::Fast
            } else {
                CpuEngine::Exact
            },
        })
    }
}

/// Whether a model's folder holds a checkpoint that computes: what the models folder asks before
/// it takes one in.
pub fn validate(folder: &Path) -> Result<(), String> {
    ClipModel::open(folder, &LoadOptions::default())
        .map(drop)
        .map_err(|error| error.to_string())
}
