//! Who computes a model: kernels on the CPU, wgpu, or candle, behind one door, [`Engine::open`].
//!
//! All three compute the same [`Model`](crate::clip::Model) by the same
//! [`Spec`](crate::clip::Spec) and are behind the same traits. `source` finds the model, `open`
//! chooses who computes it, `fallback` goes on where a device fails, `cache` keeps the last engine
//! for whoever asks next.

pub(crate) mod cache;
pub(crate) mod candle;
pub mod cpu;
pub(crate) mod device;
pub(crate) mod error;
pub(crate) mod fallback;
pub mod gpu;
pub(crate) mod identity;
pub(crate) mod open;
pub(crate) mod options;
pub(crate) mod source;
#[cfg(test)]
mod starter_tests;
#[cfg(test)]
mod tests;

pub use cache::EngineCache;
pub use candle::CandleModel;
pub use device::DeviceChoice;
pub(crate) use device::DeviceInfo;
pub(crate) use error::EngineError;
pub(crate) use fallback::images::FallbackImageEncoder;
pub(crate) use identity::ModelIdentity;
pub(crate) use open::validate;
pub use open::{Engine, Scoring};
pub use options::EngineOptions;
pub(crate) use source::STARTER;
