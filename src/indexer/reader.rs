//! The threads that read and decode files.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Sender, TrySendError};

use crate::core::about::About;
use crate::core::photo::{ContentHash, FileStamp};
use crate::core::pixels::Pixels;
use crate::decode;
use crate::decode::{Fault, Limits, Scaling, Wanted};
use crate::indexer::about::about;
use crate::indexer::queue::Job;
use crate::indexer::shared::Shared;
use crate::indexer::writer::{Finished, WriterHandle};
use crate::store::{Content, Outcome};

/// A photo on its way to the model.
pub(crate) struct Decoded {
    pub(crate) job: Job,
    pub(crate) hash: ContentHash,
    pub(crate) square: Pixels,
    pub(crate) size: (u32, u32),
    /// Whether the file has the whole picture.
    pub(crate) complete: bool,
    pub(crate) thumbnail: Option<Vec<u8>>,
    pub(crate) about: About,
}

/// Something that the coordinator must check again.
pub(crate) enum Note {
    /// The file has changed since the job was made.
    Changed(Job, Option<FileStamp>),
}

/// Contents that need no decoding: embedded, undecodable, or in progress.
#[derive(Default)]
pub(crate) struct Contents(Mutex<HashSet<ContentHash>>);

impl Contents {
    pub(crate) fn replace(&self, contents: HashSet<ContentHash>) {
        *self.lock() = contents;
    }

    /// Whether the caller is to decode it. If so, nobody else will.
    pub(crate) fn claim(&self, hash: ContentHash) -> bool {
        self.lock().insert(hash)
    }

    /// Releases a claim on content that could not be embedded.
    pub(crate) fn release(&self, hash: &ContentHash) {
        self.lock().remove(hash);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<ContentHash>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone)]
pub(crate) struct Reader {
    pub(crate) shared: Arc<Shared>,
    pub(crate) contents: Arc<Contents>,
    pub(crate) limits: Limits,
    /// The longer side of thumbnails in pixels; `None` for no thumbnails.
    pub(crate) thumbnail_edge: Option<u32>,
    pub(crate) worker: Sender<Decoded>,
    pub(crate) writer: WriterHandle,
    pub(crate) notes: Sender<Note>,
}

impl Reader {
    /// Runs until the queue is closed, or nobody takes the results.
    pub(crate) fn run(self) {
        while let Some(job) = self.shared.queue.take() {
            if self.shared.shares_cores.load(Ordering::Relaxed) {
                self.shared.compute_gate.wait();
            }
            let passed = self.read(job);
            self.shared.queue.hand_on();
            if passed.is_none() {
                return;
            }
        }
    }

    /// Reads one file. `None` if the receiving thread has ended.
    fn read(&self, job: Job) -> Option<()> {
        if self.shared.stopped() {
            self.shared.queue.finish(1);
            return Some(());
        }
        let before = stamp(&job);
        if before.is_some_and(|s| s != job.stamp) {
            return self.note(job, before);
        }
        let bytes = match decode::read_file(&job.path, &self.limits) {
            Ok(bytes) => bytes,
            // It has disappeared since it was found; only a scan can tell where to.
            Err(error) if matches!(error.fault, Fault::NotFound) => return self.note(job, None),
            Err(error) => return self.finish(job, Err(error.to_string()), None),
        };
        let hash = ContentHash::new(blake3::hash(&bytes).into());
        // A file that changed while it was read is neither the old one nor the new one.
        let after = stamp(&job);
        if after != Some(job.stamp) {
            return self.note(job, after);
        }
        if !self.contents.claim(hash) {
            return self.finish(job, Ok((hash, Content::Known)), None);
        }
        let preprocessing = self.shared.preprocessing.get()?;
        let wanted = Wanted {
            preprocessing,
            thumbnail_edge: self.thumbnail_edge,
            scaling: Scaling::Allowed,
        };
        let about = about(&bytes);
        match decode::prepare_photo(&job.path, &bytes, &wanted, &self.limits) {
            Ok(prepared) => {
                drop(bytes);
                let thumbnail = prepared.thumbnail.as_ref();
                self.worker
                    .send(Decoded {
                        job,
                        hash,
                        size: (prepared.width, prepared.height),
                        complete: prepared.complete,
                        thumbnail: thumbnail.and_then(decode::encode_thumbnail),
                        square: prepared.square,
                        about,
                    })
                    .ok()
            }
            Err(error) => {
                let reason = error.fault.to_string();
                self.finish(
                    job,
                    Ok((hash, Content::Undecodable { reason })),
                    Some(about),
                )
            }
        }
    }

    /// Makes the coordinator check a file again. Never waits for it, because it may be waiting for
    /// the worker, and the worker for this thread's next photo.
    fn note(&self, job: Job, stamp: Option<FileStamp>) -> Option<()> {
        match self.notes.try_send(Note::Changed(job, stamp)) {
            Ok(()) => Some(()),
            Err(TrySendError::Full(_)) => {
                self.shared.missed.store(true, Ordering::Relaxed);
                self.shared.progress.add_done(1, 0, 0);
                self.shared.queue.finish(1);
                Some(())
            }
            Err(TrySendError::Disconnected(_)) => None,
        }
    }

    fn finish(
        &self,
        job: Job,
        result: Result<(ContentHash, Content), String>,
        about: Option<About>,
    ) -> Option<()> {
        let outcome = Outcome {
            file_id: job.file_id,
            stamp: job.stamp,
            result,
        };
        self.writer
            .finished(Finished {
                job,
                outcome,
                tags: None,
                thumbnail: None,
                about,
            })
            .ok()
    }
}

fn stamp(job: &Job) -> Option<FileStamp> {
    std::fs::metadata(&job.path)
        .ok()
        .map(|metadata| FileStamp::of(&metadata))
}
