//! What a person, or the models folder, says about a checkpoint beyond its file.

use candle_core::{DType, Device};

use crate::clip::spec::Normalisation;

/// How a model computes on the CPU in f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CpuEngine {
    /// By this project's own kernels, which give what candle gives, to the rounding.
    #[default]
    Exact,
    /// By the same kernels, with the linear layers or convolutions of the image side's blocks in 8
    /// bits, where the processor gains by that: weights by output, activations by row or pixel, and
    /// what stands out in a Transformer in f32.
    Fast,
    /// By candle: what the kernels are held against.
    Candle,
}

/// What the checkpoint does not say, or says wrongly.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// Whether the Transformers use QuickGELU. `None` asks the configuration file, or goes by the
    /// layout: yes for transformers' and OpenAI's own, no for OpenCLIP's.
    pub quick_gelu: Option<bool>,
    /// The pictures' normalisation. `None` asks the configuration file, or takes CLIP's own.
    pub normalisation: Option<Normalisation>,
    /// The type to compute in. On the CPU f32 is both the fastest and the closest; f16 and bf16
    /// checkpoints are widened to it without loss.
    pub dtype: DType,
    /// Where to compute.
    pub device: Device,
    /// How to compute there, if it is the CPU and `dtype` is f32.
    pub cpu: CpuEngine,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            quick_gelu: None,
            normalisation: None,
            dtype: DType::F32,
            device: Device::Cpu,
            cpu: CpuEngine::default(),
        }
    }
}
