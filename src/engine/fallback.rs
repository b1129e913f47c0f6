//! Computing embeddings, come what may: smaller batches, then the CPU.

use std::sync::Arc;

use crate::core::embedding::Embedding;
use crate::core::encoder::{EncodeError, ImageEncoder};
use crate::core::notice::{Notice, Notices};
use crate::core::pixels::Pixels;
use crate::engine::open::{Engine, EngineError};

/// Pictures handed to the model at once.
pub(crate) const BATCH: usize = 32;
/// Pictures handed to a graphics device at once, which works on one half while the other is
/// uploaded.
const GPU_BATCH: usize = 2 * BATCH;
/// After this many whole batches without trouble, a smaller batch is tried to be doubled again.
const CALM: usize = 64;

/// Opens the model on the CPU.
pub type Fallback = Box<dyn Fn() -> Result<Engine, EngineError> + Send>;

/// An image encoder that does not give up.
pub(crate) struct Computer {
    encoder: Arc<dyn ImageEncoder>,
    device: String,
    /// `None` once it computes on the CPU.
    fallback: Option<Fallback>,
    batch: usize,
    /// The most that the device takes well.
    most: usize,
    calm: usize,
    /// What is to be said before anything is computed.
    notice: Option<String>,
}

impl Computer {
    pub fn new(engine: &Engine, fallback: Option<Fallback>) -> Self {
        let most = match engine.gpu {
            Some(_) => GPU_BATCH,
            None => BATCH,
        };
        Self {
            encoder: engine.image.clone(),
            device: engine.device.clone(),
            fallback,
            batch: most,
            most,
            calm: 0,
            notice: engine.notice.clone(),
        }
    }

    /// Where it computes now, as `--device` calls it.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// How many pictures it takes best at once.
    pub fn most(&self) -> usize {
        self.most
    }

    /// One result a picture, in order; where there is no embedding, why.
    pub fn encode(
        &mut self,
        pictures: &[Pixels],
        notices: &Notices,
    ) -> Vec<Result<Embedding, String>> {
        if let Some(what) = self.notice.take() {
            notices.add(Notice::Degraded { what });
        }
        let mut results = Vec::with_capacity(pictures.len());
        let mut rest = pictures;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(self.batch));
            match self.encoder.encode_images(now) {
                Ok(embeddings) if embeddings.len() == now.len() => {
                    results.extend(embeddings.into_iter().map(Ok));
                    rest = later;
                    self.recover(now.len());
                }
                Ok(embeddings) => {
                    let reason = format!(
                        "the model gave {} embeddings for {} photos",
                        embeddings.len(),
                        now.len()
                    );
                    results.extend(now.iter().map(|_| Err(reason.clone())));
                    rest = later;
                }
                Err(EncodeError::Engine { device, reason }) => {
                    if !self.give_way(now.len(), &device, &reason, notices) {
                        results.push(Err(format!("computing on {device} failed: {reason}")));
                        rest = rest.get(1..).unwrap_or_default();
                    }
                }
                // One of them is at fault: the others shall not suffer for it.
                Err(_) if now.len() > 1 => {
                    for picture in now {
                        let one = self.encoder.encode_images(std::slice::from_ref(picture));
                        results.push(one.map_err(|e| e.to_string()).and_then(|mut one| {
                            one.pop()
                                .ok_or_else(|| "the model gave no embedding".into())
                        }));
                    }
                    rest = later;
                }
                Err(error) => {
                    results.push(Err(error.to_string()));
                    rest = later;
                }
            }
        }
        results
    }

    /// Makes the next try an easier one; `false` where there is none left.
    fn give_way(&mut self, tried: usize, device: &str, reason: &str, notices: &Notices) -> bool {
        self.calm = 0;
        if tried > 1 {
            self.batch = tried / 2;
            notices.add(Notice::Degraded {
                what: format!(
                    "computing {tried} photos at once on {device} failed ({reason}); going on with {}",
                    self.batch
                ),
            });
            return true;
        }
        let Some(fallback) = self.fallback.take() else {
            return false;
        };
        let what = match fallback() {
            Ok(engine) => {
                self.encoder = engine.image;
                self.device = engine.device;
                (self.batch, self.most) = (BATCH, BATCH);
                format!("computing on {device} failed ({reason}); going on with the CPU")
            }
            Err(error) => {
                format!("computing on {device} failed ({reason}), and so did the CPU: {error}")
            }
        };
        notices.add(Notice::Degraded { what });
        true
    }

    fn recover(&mut self, done: usize) {
        if self.batch < self.most && done == self.batch {
            self.calm += 1;
            if self.calm >= CALM {
                self.calm = 0;
                self.batch = (self.batch * 2).min(self.most);
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::core::encoder::{Preprocessing, TextEncoder};
    use crate::engine::open::Scoring;

    /// Embeds a picture by its first pixel, and fails as it is told.
    pub struct Fragile {
        pub preprocessing: Preprocessing,
        /// Batches larger than this fail; 0 fails always.
        pub limit: Mutex<usize>,
        pub calls: Mutex<Vec<usize>>,
    }

    impl Fragile {
        pub fn new(limit: usize) -> Arc<Self> {
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

    pub fn engine(model: Arc<Fragile>, device: &str) -> Engine {
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
        let notices = Notices::default();
        let mut computer = Computer::new(&engine(model.clone(), "gpu:0"), None);
        let results = computer.encode(&pictures(&[7; 40]), &notices);
        assert_eq!(results.len(), 40);
        assert!(results.iter().all(Result::is_ok));
        // 32, 16 and 8 fail, and then it is fours to the end.
        assert_eq!(model.calls.lock().unwrap()[..4], [32, 16, 8, 4]);
        assert_eq!(notices.drain().len(), 3);

        *model.limit.lock().unwrap() = 100;
        for _ in 0..20 {
            computer.encode(&pictures(&[7; 32]), &notices);
        }
        assert!(model.calls.lock().unwrap().contains(&8), "it recovers");
    }

    #[test]
    fn a_lost_device_gives_way_to_the_cpu_and_no_photo_is_lost() {
        let (lost, cpu) = (Fragile::new(0), Fragile::new(100));
        let notices = Notices::default();
        let spare = engine(cpu, "cpu");
        let mut computer = Computer::new(
            &engine(lost, "gpu:0"),
            Some(Box::new(move || Ok(spare.clone()))),
        );
        let firsts: Vec<u8> = (0..20).collect();
        let results = computer.encode(&pictures(&firsts), &notices);
        for (first, result) in firsts.iter().zip(results) {
            let e = result.unwrap();
            let value = e.values()[0] / e.values()[1] * 100.0;
            assert_eq!(value.round(), f32::from(*first));
        }
        assert_eq!(computer.device(), "cpu");
        let last = notices.drain().pop().unwrap().to_string();
        assert!(last.contains("going on with the CPU"), "{last}");
    }

    #[test]
    fn without_any_device_each_photo_has_a_reason() {
        let notices = Notices::default();
        let mut computer = Computer::new(&engine(Fragile::new(0), "cpu"), None);
        let results = computer.encode(&pictures(&[1, 2, 3]), &notices);
        assert_eq!(results.len(), 3);
        let reason = results[2].as_ref().unwrap_err();
        assert!(reason.contains("out of memory"), "{reason}");
    }

    #[test]
    fn one_picture_that_cannot_be_embedded_spoils_no_other() {
        let notices = Notices::default();
        let mut computer = Computer::new(&engine(Fragile::new(100), "cpu"), None);
        let results = computer.encode(&pictures(&[1, 255, 3]), &notices);
        let ok: Vec<bool> = results.iter().map(Result::is_ok).collect();
        assert_eq!(ok, [true, false, true]);
    }
}
