//! Encoders that go on where a device does not.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::core::embedding::Embedding;
use crate::core::encoder::{EncodeError, ImageEncoder, Preprocessing, TextEncoder};
use crate::core::notice::Notices;
use crate::core::pixels::Pixels;
use crate::engine::fallback::{Computer, Fallback};
use crate::engine::open::Engine;

type OpenTexts = Box<dyn Fn() -> Result<Arc<dyn TextEncoder>, String> + Send + Sync>;

/// A text encoder on a device, and on the CPU once the device has failed.
pub(crate) struct FallbackTextEncoder {
    device: Arc<dyn TextEncoder>,
    open_on_cpu: OpenTexts,
    cpu: OnceLock<Result<Arc<dyn TextEncoder>, String>>,
}

impl FallbackTextEncoder {
    /// `open_on_cpu` is called at most once, when it is needed.
    pub fn new(
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

/// What a person is told, as it happens.
pub type Report = Box<dyn Fn(&str) + Send + Sync>;

/// An image encoder for one-off work, whose batches become smaller and then go to the CPU rather
/// than fail; the indexer does the same with its own notices.
pub struct SteadfastImages {
    preprocessing: Preprocessing,
    dimension: usize,
    computer: Mutex<Computer>,
    notices: Notices,
    report: Report,
}

impl SteadfastImages {
    /// Around `engine`'s image encoder; `fallback` opens the same model on the CPU.
    pub fn new(engine: &Engine, fallback: Fallback, report: Report) -> Self {
        Self {
            preprocessing: engine.image.preprocessing().clone(),
            dimension: engine.image.dimension(),
            computer: Mutex::new(Computer::new(engine, Some(fallback))),
            notices: Notices::default(),
            report,
        }
    }
}

impl ImageEncoder for SteadfastImages {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn preprocessing(&self) -> &Preprocessing {
        &self.preprocessing
    }

    fn encode_images(&self, images: &[Pixels]) -> Result<Vec<Embedding>, EncodeError> {
        let mut computer = self.computer.lock().unwrap_or_else(PoisonError::into_inner);
        let results = computer.encode(images, &self.notices);
        let device = computer.device().to_owned();
        drop(computer);
        for notice in self.notices.drain() {
            (self.report)(&notice.to_string());
        }
        let engine = |reason| EncodeError::Engine {
            device: device.clone(),
            reason,
        };
        results.into_iter().map(|r| r.map_err(engine)).collect()
    }
}
