//! The requested model, and how to run it.

use crate::clip::ReadOptions;
use crate::clip::spec::Normalisation;
use crate::engine::device::DeviceChoice;
use crate::model_store::Manifest;

/// The requested model, and how to run it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineOptions {
    /// A name, or a path to a checkpoint.
    pub model: String,
    /// Whether the model uses QuickGELU, if the user says so.
    pub quick_gelu: Option<bool>,
    /// The device.
    pub device: DeviceChoice,
    /// Whether to use 16-bit numbers (on the CPU, 8-bit) where that is faster.
    pub fast: bool,
    /// Prompt templates for labels; none for the model's own.
    pub templates: Vec<String>,
}

impl EngineOptions {
    /// How to read a checkpoint; the user's options take precedence over the manifest.
    pub(crate) fn read(&self, manifest: Option<&Manifest>) -> ReadOptions {
        let entry = manifest.and_then(Manifest::catalogue_entry);
        ReadOptions {
            quick_gelu: self.quick_gelu.or(manifest.and_then(|m| m.quick_gelu)),
            normalisation: entry.and_then(|entry| {
                let (mean, std) = entry.reading?.normalisation.values();
                Some(Normalisation { mean, std })
            }),
        }
    }
}
