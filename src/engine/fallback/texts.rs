//! A text encoder that continues when its device fails.

use std::sync::{Arc, OnceLock};

use crate::core::embedding::Embedding;
use crate::core::encoder::{EncodeError, TextEncoder};

type OpenTextsOnCpu = Box<dyn Fn() -> Result<Arc<dyn TextEncoder>, String> + Send + Sync>;

/// A text encoder on a device, or on the CPU once the device has failed.
pub(crate) struct FallbackTextEncoder {
    device: Arc<dyn TextEncoder>,
    open_on_cpu: OpenTextsOnCpu,
    cpu: OnceLock<Result<Arc<dyn TextEncoder>, String>>,
}

impl FallbackTextEncoder {
    /// `open_on_cpu` is called at most once, when needed.
    pub(crate) fn new(
        device: Arc<dyn TextEncoder>,
        open_on_cpu: impl Fn() -> Result<Arc<dyn TextEncoder>, String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            device,
            open_on_cpu: Box::new(open_on_cpu),
            cpu: OnceLock::new(),
        }
    }
}

impl TextEncoder for FallbackTextEncoder {
    fn dimension(&self) -> usize {
        self.device.dimension()
    }

    fn encode_texts(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        if let Some(Ok(cpu)) = self.cpu.get() {
            return cpu.encode_texts(texts);
        }
        match self.device.encode_texts(texts) {
            Err(EncodeError::Engine { device, reason }) => {
                match self.cpu.get_or_init(|| (self.open_on_cpu)()) {
                    Ok(cpu) => cpu.encode_texts(texts),
                    Err(error) => Err(EncodeError::Engine {
                        device,
                        reason: format!("{reason}, and so did the CPU: {error}"),
                    }),
                }
            }
            result => result,
        }
    }
}
