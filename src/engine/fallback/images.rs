//! An image encoder that continues when its device fails.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::core::embedding::Embedding;
use crate::core::encoder::{EncodeError, ImageEncoder, Preprocessing};
use crate::core::pixels::Pixels;
use crate::engine::fallback::{OpenOnCpu, Report};
use crate::engine::open::Engine;

/// Pictures per call of the model.
pub(crate) const BATCH: usize = 32;
/// Pictures per call on a graphics device, which computes one half while the other is uploaded.
const GPU_BATCH: usize = 2 * BATCH;
/// After this many full batches without failure, a batch of twice the size is tried again.
const BATCHES_BEFORE_GROWTH: usize = 64;

/// An image encoder that tries smaller batches, and then the CPU, before a photo fails.
pub(crate) struct FallbackImageEncoder {
    preprocessing: Preprocessing,
    dimension: usize,
    state: Mutex<State>,
    report: Report,
}

struct State {
    encoder: Arc<dyn ImageEncoder>,
    device: String,
    /// `None` once the CPU is in use.
    open_on_cpu: Option<OpenOnCpu>,
    batch: usize,
    /// The largest batch that the device can handle.
    largest_batch: usize,
    /// Successful batches of the present size.
    whole_batches: usize,
    /// A message to report before anything is computed.
    notice: Option<String>,
}

impl FallbackImageEncoder {
    /// Wraps `engine`'s image encoder. `report` is called for each fallback.
    pub(crate) fn new(engine: &Engine, open_on_cpu: Option<OpenOnCpu>, report: Report) -> Self {
        let largest_batch = match engine.gpu {
            Some(_) => GPU_BATCH,
            None => BATCH,
        };
        Self {
            preprocessing: engine.image.preprocessing().clone(),
            dimension: engine.image.dimension(),
            state: Mutex::new(State {
                encoder: engine.image.clone(),
                device: engine.device.clone(),
                open_on_cpu,
                batch: largest_batch,
                largest_batch,
                whole_batches: 0,
                notice: engine.notice.clone(),
            }),
            report,
        }
    }

    /// The present device, as named by `--device`.
    pub(crate) fn device(&self) -> String {
        self.state().device.clone()
    }

    /// The best number of pictures per call.
    pub(crate) fn largest_batch(&self) -> usize {
        self.state().largest_batch
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns one result per picture, in order: an embedding or a reason.
    pub(crate) fn encode_each(&self, pictures: &[Pixels]) -> Vec<Result<Embedding, String>> {
        let mut state = self.state();
        if let Some(notice) = state.notice.take() {
            (self.report)(notice);
        }
        let mut results = Vec::with_capacity(pictures.len());
        let mut rest = pictures;
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(rest.len().min(state.batch));
            match state.encoder.encode_images(batch) {
                Ok(embeddings) if embeddings.len() == batch.len() => {
                    results.extend(embeddings.into_iter().map(Ok));
                    rest = later;
                    state.grow(batch.len());
                }
                Ok(embeddings) => {
                    let reason = format!(
                        "the model gave {} embeddings for {} photos",
                        embeddings.len(),
                        batch.len()
                    );
                    results.extend(batch.iter().map(|_| Err(reason.clone())));
                    rest = later;
                }
                Err(EncodeError::Engine { device, reason }) => {
                    match state.fall_back(batch.len(), &device, &reason) {
                        Some(fallback) => (self.report)(fallback),
                        None => {
                            results.push(Err(format!("computing on {device} failed: {reason}")));
                            rest = rest.get(1..).unwrap_or_default();
                        }
                    }
                }
                Err(error) => {
                    results.extend(one_by_one(&*state.encoder, batch, &error));
                    rest = later;
                }
            }
        }
        results
    }
}

/// Encodes the pictures one by one, because a single bad one must not fail the batch.
fn one_by_one(
    encoder: &dyn ImageEncoder,
    batch: &[Pixels],
    error: &EncodeError,
) -> Vec<Result<Embedding, String>> {
    if batch.len() == 1 {
        return vec![Err(error.to_string())];
    }
    let encode = |picture| {
        let one = encoder.encode_images(std::slice::from_ref(picture));
        one.map_err(|e| e.to_string()).and_then(|mut one| {
            one.pop()
                .ok_or_else(|| "the model gave no embedding".into())
        })
    };
    batch.iter().map(encode).collect()
}

impl State {
    /// Switches to an easier attempt and describes it; `None` if there is none left.
    fn fall_back(&mut self, tried: usize, device: &str, reason: &str) -> Option<String> {
        self.whole_batches = 0;
        if tried > 1 {
            self.batch = tried / 2;
            return Some(format!(
                "computing {tried} photos at once on {device} failed ({reason}); going on with {}",
                self.batch
            ));
        }
        let open_on_cpu = self.open_on_cpu.take()?;
        Some(match open_on_cpu() {
            Ok(engine) => {
                self.encoder = engine.image;
                self.device = engine.device;
                (self.batch, self.largest_batch) = (BATCH, BATCH);
                format!("computing on {device} failed ({reason}); going on with the CPU")
            }
            Err(error) => {
                format!("computing on {device} failed ({reason}), and so did the CPU: {error}")
            }
        })
    }

    fn grow(&mut self, done: usize) {
        if self.batch < self.largest_batch && done == self.batch {
            self.whole_batches += 1;
            if self.whole_batches >= BATCHES_BEFORE_GROWTH {
                self.whole_batches = 0;
                self.batch = (self.batch * 2).min(self.largest_batch);
            }
        }
    }
}

impl ImageEncoder for FallbackImageEncoder {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn preprocessing(&self) -> &Preprocessing {
        &self.preprocessing
    }

    fn encode_images(&self, images: &[Pixels]) -> Result<Vec<Embedding>, EncodeError> {
        let results = self.encode_each(images);
        let device = self.device();
        let engine = |reason| EncodeError::Engine {
            device: device.clone(),
            reason,
        };
        results.into_iter().map(|r| r.map_err(engine)).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::core::encoder::TextEncoder;
    use crate::engine::open::Scoring;

    /// The reports so far, and a function that records them.
    pub(crate) fn reports() -> (Arc<Mutex<Vec<String>>>, Report) {
        let reports: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = reports.clone();
        (
            reports,
            Box::new(move |what| kept.lock().unwrap().push(what)),
        )
    }

    /// Embeds a picture by its first pixel, and fails on demand.
    pub(crate) struct Fragile {
        pub(crate) preprocessing: Preprocessing,
        /// Larger batches fail; 0 always fails.
        pub(crate) limit: Mutex<usize>,
        pub(crate) calls: Mutex<Vec<usize>>,
    }

    impl Fragile {
        pub(crate) fn new(limit: usize) -> Arc<Self> {
            Arc::new(Self {
                preprocessing: Preprocessing::clip(8),
                limit: Mutex::new(limit),
                calls: Mutex::default(),
            })
        }
    }

    impl ImageEncoder for Fragile {
        fn dimension(&self) -> usize {
            2
        }

        fn preprocessing(&self) -> &Preprocessing {
            &self.preprocessing
        }

        fn encode_images(&self, images: &[Pixels]) -> Result<Vec<Embedding>, EncodeError> {
            self.calls.lock().unwrap().push(images.len());
            if images.len() > *self.limit.lock().unwrap() {
                return Err(EncodeError::Engine {
                    device: "gpu:0".into(),
                    reason: "out of memory".into(),
                });
            }
            let embed = |p: &Pixels| match p.data()[0] {
                255 => Err(EncodeError::Degenerate),
                first => Embedding::normalised(vec![f32::from(first), 100.0])
                    .ok_or(EncodeError::Degenerate),
            };
            images.iter().map(embed).collect()
        }
    }

    impl TextEncoder for Fragile {
        fn dimension(&self) -> usize {
            2
        }

        fn encode_texts(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
            let embed = |t: &&str| Embedding::normalised(vec![t.len() as f32, 9.0]);
            Ok(texts.iter().filter_map(embed).collect())
        }
    }

    pub(crate) fn engine(model: Arc<Fragile>, device: &str) -> Engine {
        Engine {
            name: "fragile".into(),
            description: "a test's".into(),
            device: device.into(),
            image: model.clone(),
            text: model,
            scoring: Scoring::Clip { logit_scale: 10.0 },
            templates: Vec::new(),
            notice: None,
            gpu: None,
        }
    }

    fn pictures(first_pixels: &[u8]) -> Vec<Pixels> {
        let make = |v: &u8| Pixels::new(8, 8, vec![*v; 192]).unwrap();
        first_pixels.iter().map(make).collect()
    }

    #[test]
    fn a_device_short_of_memory_gets_smaller_batches() {
        let model = Fragile::new(5);
        let (reports, report) = reports();
        let encoder = FallbackImageEncoder::new(&engine(model.clone(), "gpu:0"), None, report);
        let results = encoder.encode_each(&pictures(&[7; 40]));
        assert_eq!(results.len(), 40);
        assert!(results.iter().all(Result::is_ok));
        // 32, 16 and 8 fail; all others have four.
        assert_eq!(model.calls.lock().unwrap()[..4], [32, 16, 8, 4]);
        assert_eq!(reports.lock().unwrap().len(), 3);

        *model.limit.lock().unwrap() = 100;
        for _ in 0..20 {
            encoder.encode_each(&pictures(&[7; 32]));
        }
        assert!(model.calls.lock().unwrap().contains(&8), "it recovers");
    }

    #[test]
    fn a_lost_device_gives_way_to_the_cpu_and_no_photo_is_lost() {
        let (lost, cpu) = (Fragile::new(0), Fragile::new(100));
        let (reports, report) = reports();
        let spare = engine(cpu, "cpu");
        let encoder = FallbackImageEncoder::new(
            &engine(lost, "gpu:0"),
            Some(Box::new(move || Ok(spare.clone()))),
            report,
        );
        let firsts: Vec<u8> = (0..20).collect();
        let results = encoder.encode_each(&pictures(&firsts));
        for (first, result) in firsts.iter().zip(results) {
            let e = result.unwrap();
            let value = e.values()[0] / e.values()[1] * 100.0;
            assert_eq!(value.round(), f32::from(*first));
        }
        assert_eq!(encoder.device(), "cpu");
        let last = reports.lock().unwrap().pop().unwrap();
        assert!(last.contains("going on with the CPU"), "{last}");
    }

    #[test]
    fn without_any_device_each_photo_has_a_reason() {
        let (_, report) = reports();
        let encoder = FallbackImageEncoder::new(&engine(Fragile::new(0), "cpu"), None, report);
        let results = encoder.encode_each(&pictures(&[1, 2, 3]));
        assert_eq!(results.len(), 3);
        let reason = results[2].as_ref().unwrap_err();
        assert!(reason.contains("out of memory"), "{reason}");
    }

    #[test]
    fn one_picture_that_cannot_be_embedded_spoils_no_other() {
        let (_, report) = reports();
        let encoder = FallbackImageEncoder::new(&engine(Fragile::new(100), "cpu"), None, report);
        let results = encoder.encode_each(&pictures(&[1, 255, 3]));
        let ok: Vec<bool> = results.iter().map(Result::is_ok).collect();
        assert_eq!(ok, [true, false, true]);
    }
}
