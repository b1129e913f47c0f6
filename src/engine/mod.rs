//! Who computes a model: the CPU kernels, wgpu, or candle, behind one door.

pub(crate) mod bridge;
pub(crate) mod cache;
pub(crate) mod candle;
pub(crate) mod cpu;
pub(crate) mod device;
pub(crate) mod fallback;
pub mod gpu;
pub(crate) mod open;
pub(crate) mod starter;
pub(crate) mod steadfast;
pub(crate) mod text_encoding;

pub use crate::clip::CpuEngine;
pub use crate::clip::LoadOptions;
pub use cache::EngineCache;
pub use candle::ClipModel;
pub use device::{DeviceChoice, DeviceError, DeviceInfo};
pub use fallback::Fallback;
pub use open::{Engine, EngineError, EngineOptions, ModelIdentity, STARTER, Scoring, validate};
pub use starter::Starter;
pub use steadfast::{Report, SteadfastImages};
