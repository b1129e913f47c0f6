//! The parts put to work together: files in, embeddings and tags out.

pub mod device;
pub mod embedder;
pub mod engine;
pub mod labels;
pub mod walk;

pub use device::{DeviceChoice, DeviceError, DeviceInfo};
pub use embedder::{Embedder, Outcome};
pub use engine::{Engine, EngineError, EngineOptions};
