//! Who computes a model: the CPU kernels, wgpu, or candle, behind one door.

pub mod bridge;
pub mod clip_model;
pub mod computer;
pub mod cpu;
pub mod device;
pub mod engines;
pub mod gpu;
pub mod known_texts;
pub mod open;
pub mod starter;
pub mod steadfast;
pub mod text_encoding;

pub use crate::clip::CpuEngine;
pub use crate::clip::LoadOptions;
pub use clip_model::ClipModel;
pub use computer::Fallback;
pub use device::DeviceChoice;
pub use device::DeviceError;
pub use device::DeviceInfo;
pub use engines::Engines;
pub use open::Engine;
pub use open::EngineError;
pub use open::EngineOptions;
pub use open::ModelIdentity;
pub use steadfast::{Report, SteadfastImages};
