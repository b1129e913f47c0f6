//! Encoders that continue when a device fails: with smaller batches first, then on the CPU.

pub(crate) mod images;
pub(crate) mod texts;

use crate::engine::error::EngineError;
use crate::engine::open::Engine;

/// Opens the same model on the CPU.
pub(crate) type OpenOnCpu = Box<dyn Fn() -> Result<Engine, EngineError> + Send + Sync>;

/// Receives a sentence for the user when the engine runs in another way than requested.
pub(crate) type Report = Box<dyn Fn(String) + Send + Sync>;
