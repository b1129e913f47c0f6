//! Embeds files in order, without a library.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::core::embedding::Embedding;
use crate::core::encoder::{EncodeError, ImageEncoder};
use crate::core::pixels::Pixels;
use crate::decode;
use crate::decode::{DecodeError, Limits};

/// Photos per batch.
const BATCH: usize = 16;
/// The most decoded squares that wait for the model.
const WAITING: usize = 2 * BATCH;

/// The result for a photo.
pub(crate) type Outcome = Result<Embedding, DecodeError>;

/// Embeds files: several threads decode, and the calling thread computes.
pub struct Embedder<'a> {
    encoder: &'a dyn ImageEncoder,
    limits: Limits,
    threads: usize,
}

/// A decoded photo, or why decoding failed, with its index in the list.
type Decoded = (usize, Result<Pixels, DecodeError>);

impl<'a> Embedder<'a> {
    /// Uses one decoding thread per core.
    pub fn new(encoder: &'a dyn ImageEncoder) -> Self {
        Self {
            encoder,
            limits: Limits::default(),
            threads: thread::available_parallelism().map_or(1, usize::from),
        }
    }

    /// Reads videos too, by their first key frame, if `videos` is set.
    #[must_use]
    pub fn with_videos(mut self, videos: bool) -> Self {
        self.limits.videos = videos;
        self
    }

    /// Passes every photo's outcome to `take`, in the order of `files`. Ends early once `stop` is
    /// set; the outcomes passed by then are complete.
    ///
    /// # Errors
    /// If the model itself fails, or `take` does. Photos that cannot be read are outcomes.
    pub fn run<E: From<EncodeError>>(
        &self,
        files: &[PathBuf],
        stop: &AtomicBool,
        mut take: impl FnMut(usize, Outcome) -> Result<(), E>,
    ) -> Result<(), E> {
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            let (sender, receiver) = sync_channel(WAITING);
            for i in 0..self.threads.min(files.len()) {
                let (sender, next) = (sender.clone(), &next);
                let work = move || self.decode(files, next, stop, &sender);
                // A missing thread makes it slower, not wrong; without any, the channel ends at
                // once.
                let name = format!("decode-{i}");
                let started = thread::Builder::new().name(name).spawn_scoped(scope, work);
                if let (0, Err(error)) = (i, started) {
                    return Err(EncodeError::Engine {
                        device: "the CPU".into(),
                        reason: format!("no thread could be started: {error}"),
                    }
                    .into());
                }
            }
            drop(sender);
            let result = self.collect(receiver, stop, &mut take);
            if result.is_err() {
                // Nobody is left to decode for.
                next.store(files.len(), Ordering::Relaxed);
            }
            result
        })
    }

    fn decode(
        &self,
        files: &[PathBuf],
        next: &AtomicUsize,
        stop: &AtomicBool,
        sender: &SyncSender<Decoded>,
    ) {
        let preprocessing = self.encoder.preprocessing();
        while !stop.load(Ordering::Relaxed) {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = files.get(i) else { return };
            let decoded = decode::prepare(path, preprocessing, &self.limits);
            if sender.send((i, decoded)).is_err() {
                return;
            }
        }
    }

    /// Batches the photos that are ready, and passes their outcomes on in order.
    fn collect<E: From<EncodeError>>(
        &self,
        receiver: Receiver<Decoded>,
        stop: &AtomicBool,
        take: &mut impl FnMut(usize, Outcome) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut done: BTreeMap<usize, Outcome> = BTreeMap::new();
        let mut following = 0;
        while let Ok(first) = receiver.recv() {
            let mut indices = Vec::with_capacity(BATCH);
            let mut pixels = Vec::with_capacity(BATCH);
            let mut received = Some(first);
            while let Some((i, decoded)) = received {
                match decoded {
                    Ok(picture) => {
                        indices.push(i);
                        pixels.push(picture);
                    }
                    Err(error) => drop(done.insert(i, Err(error))),
                }
                // Decoding is the slower side, so take what is ready and do not wait for more.
                received = (pixels.len() < BATCH)
                    .then(|| receiver.try_recv().ok())
                    .flatten();
            }
            let embeddings = self.encoder.encode_images(&pixels)?;
            done.extend(indices.into_iter().zip(embeddings.into_iter().map(Ok)));
            while let Some(outcome) = done.remove(&following) {
                take(following, outcome)?;
                following += 1;
                // Many outcomes may have waited for one.
                if stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
            }
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::encoder::Preprocessing;

    /// Embeds a picture by its first pixel.
    struct FirstPixel(Preprocessing);

    impl ImageEncoder for FirstPixel {
        fn dimension(&self) -> usize {
            2
        }

        fn preprocessing(&self) -> &Preprocessing {
            &self.0
        }

        fn encode_images(&self, images: &[Pixels]) -> Result<Vec<Embedding>, EncodeError> {
            let embed = |p: &Pixels| Embedding::normalised(vec![f32::from(p.data()[0]), 100.0]);
            Ok(images.iter().filter_map(embed).collect())
        }
    }

    fn pictures(folder: &std::path::Path, count: u8) -> Vec<PathBuf> {
        let make = |i: u8| {
            let path = folder.join(format!("{i}.png"));
            image::RgbImage::from_pixel(9, 9, image::Rgb([i, 0, 0]))
                .save(&path)
                .unwrap();
            path
        };
        (0..count).map(make).collect()
    }

    #[test]
    fn outcomes_come_in_order_and_failures_among_them() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = pictures(folder.path(), 60);
        files.insert(30, folder.path().join("missing.png"));
        let encoder = FirstPixel(Preprocessing::clip(8));
        let mut seen = Vec::new();
        let embedder = Embedder::new(&encoder);
        let result = embedder.run(&files, &AtomicBool::new(false), |i, outcome| {
            seen.push((
                i,
                outcome
                    .ok()
                    .map(|e| (e.values()[0] / e.values()[1] * 100.0).round()),
            ));
            Ok::<_, EncodeError>(())
        });
        result.unwrap();
        assert_eq!(seen.len(), 61);
        for (at, (i, value)) in seen.into_iter().enumerate() {
            assert_eq!(at, i);
            let expected = match at {
                30 => None,
                at => Some((at - usize::from(at > 30)) as f32),
            };
            assert_eq!(value, expected, "at {at}");
        }
    }

    #[test]
    fn stops_when_told_and_when_the_taker_fails() {
        let folder = tempfile::tempdir().unwrap();
        let files = pictures(folder.path(), 200);
        let encoder = FirstPixel(Preprocessing::clip(8));
        let stop = AtomicBool::new(false);
        let mut taken = 0;
        let result = Embedder::new(&encoder).run(&files, &stop, |_, _| {
            taken += 1;
            stop.store(true, Ordering::Relaxed);
            Ok::<_, EncodeError>(())
        });
        result.unwrap();
        assert!(taken < files.len(), "{taken}");

        let failing = Embedder::new(&encoder).run(&files, &AtomicBool::new(false), |_, _| {
            Err(EncodeError::Degenerate)
        });
        assert!(failing.is_err());
    }
}
