//! Which model a person asks for, and how it shall compute.

use crate::clip::ReadOptions;
use crate::clip::spec::Normalisation;
use crate::engine::device::DeviceChoice;
use crate::model_store::Manifest;

/// Which model, and how it shall compute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineOptions {
    /// A name, or a path to a checkpoint.
    pub model: String,
    /// Whether the model uses QuickGELU, where the person says so.
    pub quick_gelu: Option<bool>,
    /// Where to compute.
    pub device: DeviceChoice,
    /// Whether numbers of 16 bits (on the CPU, of 8) may be used where that is faster.
    pub fast: bool,
    /// Prompt templates that labels are set into; none stands for the model's own.
    pub templates: Vec<String>,
}

impl EngineOptions {
    /// How to read a checkpoint; what the person says comes before what is known of the model.
    pub(crate) fn read(&self, manifest: Option<&Manifest>) -> ReadOptions {
        let entry = manifest.and_then(Manifest::catalogue_entry);
        ReadOptions {
            quick_gelu: self.quick_gelu.or(manifest.and_then(|m| m.quick_gelu)),
            normalisation: entry.map(|entry| {
                let preprocessing = entry.preprocessing();
                Normalisation {
                    mean: preprocessing.mean,
                    std: preprocessing.std,
                }
            }),
        }
    }
}
