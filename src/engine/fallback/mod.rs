//! Encoders that go on where a device does not: smaller batches first, then the CPU.

pub(crate) mod images;
pub(crate) mod texts;

use crate::engine::error::EngineError;
use crate::engine::open::Engine;

/// Opens the same model on the CPU.
pub(crate) type OpenOnCpu = Box<dyn Fn() -> Result<Engine, EngineError> + Send + Sync>;

/// Hears, in words for a person, how the engine computes other than it was told to.
pub(crate) type Report = Box<dyn Fn(String) + Send + Sync>;
