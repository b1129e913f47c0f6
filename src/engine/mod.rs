//! Engines that run a model: CPU kernels, wgpu or candle, all opened by [`Engine::open`].
//!
//! All three run the same [`Model`](crate::clip::Model) by the same [`Spec`](crate::clip::Spec) and
//! implement the same traits. `source` finds the model, `open` chooses the engine, `fallback`
//! continues when a device fails, and `cache` keeps the last engine for the next caller.

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
pub use open::{Engine, Scoring};
pub(crate) use open::{remark, validate};
pub use options::EngineOptions;
pub(crate) use source::STARTER;
