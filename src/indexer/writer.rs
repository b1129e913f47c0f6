//! The only thread that writes to the library.
//!
//! It gathers what the others send for a moment and stores it in one transaction: a commit waits
//! for the disk, and a thousand photos can share one wait.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use crate::core::about::About;
use crate::core::ids::ModelId;
use crate::core::photo::ContentHash;
use crate::indexer::notice::Notice;
use crate::indexer::queue::Job;
use crate::indexer::shared::{ABOUT_VERSION, DECODER_VERSION, PipelineError, Shared};
use crate::store::{Content, Outcome, Recorded, Store, StoreError, TagRow, Thumbnails, Writer};

/// The most writes in one transaction.
const GROUP: usize = 512;
/// How long to gather a transaction, while there is more to come and at the end.
const GROUP_TIME: Duration = Duration::from_millis(250);

const LAST_GROUP_TIME: Duration = Duration::from_millis(20);

/// Work inside a transaction.
pub(crate) type Work = Box<dyn FnOnce(&Writer<'_>) -> Result<(), StoreError> + Send>;

/// A message to the writer.
pub(crate) enum Write {
    /// A job is finished.
    Finished(Box<Finished>),
    /// Anything else. The reply comes after the commit.
    Apply {
        work: Work,
        reply: Option<Sender<Result<(), StoreError>>>,
    },
}

/// A finished job.
pub(crate) struct Finished {
    pub(crate) job: Job,
    pub(crate) outcome: Outcome,
    /// The photo's tags, and the vocabulary revision that they come from.
    pub(crate) tags: Option<(i64, Vec<TagRow>)>,
    pub(crate) thumbnail: Option<(ContentHash, Vec<u8>)>,
    /// What the photo says of itself, where that was read.
    pub(crate) about: Option<About>,
}

/// How often a thread that waits for the writer checks whether it is alive.
const LOOK: Duration = Duration::from_millis(50);

/// Held by the writer's thread, and dropped with it however it ends.
#[derive(Clone, Default)]
pub(crate) struct Alive(Arc<()>);

/// The channel to the writer.
#[derive(Clone)]
pub(crate) struct WriterHandle {
    inbox: Sender<Write>,
    alive: Weak<()>,
}

impl WriterHandle {
    pub(crate) fn new(inbox: Sender<Write>, alive: &Alive) -> Self {
        Self {
            inbox,
            alive: Arc::downgrade(&alive.0),
        }
    }

    pub(crate) fn finished(&self, finished: Finished) -> Result<(), PipelineError> {
        self.send(Write::Finished(Box::new(finished)))
    }

    /// Queues `work`.
    pub(crate) fn apply(&self, work: Work) -> Result<(), PipelineError> {
        self.send(Write::Apply { work, reply: None })
    }

    /// Queues `work`, and waits until it and all that was sent before it is stored.
    pub(crate) fn apply_now<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Writer<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, PipelineError> {
        let (reply, replies) = bounded(1);
        let (result, results) = bounded(1);
        let work: Work = Box::new(move |w| {
            // There is room for one result, and only one is sent.
            let _ = result.try_send(work(w)?);
            Ok(())
        });
        self.send(Write::Apply {
            work,
            reply: Some(reply),
        })?;
        // A request left in a dead writer's inbox is never answered: the channel keeps it, with its
        // reply sender, as long as anybody can send.
        loop {
            match replies.recv_timeout(LOOK) {
                Ok(result) => {
                    result?;
                    return results.try_recv().map_err(|_| lost());
                }
                Err(RecvTimeoutError::Timeout) if self.alive.strong_count() > 0 => {}
                Err(_) => return Err(lost()),
            }
        }
    }

    fn send(&self, write: Write) -> Result<(), PipelineError> {
        self.inbox.send(write).map_err(|_| lost())
    }
}

fn lost() -> PipelineError {
    PipelineError::Lost { name: "store" }
}

/// A stored job, and its photo's fault if that was known before.
type Kept = (Box<Finished>, Recorded, Option<String>);

pub(crate) struct LibraryWriter {
    pub(crate) store: Store,
    pub(crate) thumbnails: Option<Thumbnails>,
    pub(crate) model: ModelId,
    pub(crate) shared: Arc<Shared>,
    pub(crate) inbox: Receiver<Write>,
    /// Held as long as the writer lives.
    pub(crate) _alive: Alive,
}

impl LibraryWriter {
    /// Runs until all senders are gone.
    pub(crate) fn run(mut self) {
        while let Ok(first) = self.inbox.recv() {
            let group = self.gather(first);
            if let Err(error) = self.keep(group) {
                // Nothing can be stored any more. Dropping the inbox ends the other threads.
                self.shared.fail(error.into());
                return;
            }
        }
    }

    fn gather(&self, first: Write) -> Vec<Write> {
        // If nothing more is being read, somebody may be waiting for the end.
        let time = match self.shared.queue.is_dry() {
            true => LAST_GROUP_TIME,
            false => GROUP_TIME,
        };
        let deadline = Instant::now() + time;
        let mut group = vec![first];
        while group.len() < GROUP && !group.last().is_some_and(is_urgent) {
            match self.inbox.recv_deadline(deadline) {
                Ok(write) => group.push(write),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        group
    }

    fn keep(&mut self, group: Vec<Write>) -> Result<(), StoreError> {
        let model = self.model;
        let (kept, replies) = self.store.write(|w| {
            let mut kept = Vec::new();
            let mut replies = Vec::new();
            for write in group {
                match write {
                    Write::Finished(mut finished) => {
                        let recorded = record(w, model, &mut finished)?;
                        // Each of several files with the same damage is named.
                        let fault = match (recorded, &finished.outcome.result) {
                            (Recorded::Photo(photo), Ok((_, Content::Known))) => {
                                w.fault_of(photo, DECODER_VERSION)?
                            }
                            _ => None,
                        };
                        kept.push((finished, recorded, fault));
                    }
                    Write::Apply { work, reply } => {
                        let result = w.attempt(work);
                        if w.is_over() {
                            // SQLite rolled back the whole transaction, so nothing of the group is
                            // stored.
                            result?;
                            return Err(StoreError::GivenUp);
                        }
                        match reply {
                            Some(reply) => replies.push((reply, result)),
                            None => result?,
                        }
                    }
                }
            }
            Ok((kept, replies))
        })?;
        for (reply, result) in replies {
            // The asking thread may have ended.
            let _ = reply.send(result);
        }
        self.report(kept);
        Ok(())
    }

    fn report(&mut self, kept: Vec<Kept>) {
        if kept.is_empty() {
            return;
        }
        let (mut embedded, mut failed) = (0, 0);
        let mut thumbnails = Vec::new();
        let count = kept.len();
        for (finished, recorded, fault) in kept {
            thumbnails.extend(finished.thumbnail);
            if recorded == Recorded::Stale {
                continue;
            }
            let path = finished.job.path.display();
            let reason = match (finished.outcome.result, fault) {
                (Ok((_, Content::Embedded { .. })), _) => {
                    embedded += 1;
                    continue;
                }
                (Ok((_, Content::Known)), None) => continue,
                (Ok((_, Content::Known)), Some(fault)) => format!("cannot read {path}: {fault}"),
                (Ok((_, Content::Undecodable { reason })), _) => {
                    format!("cannot read {path}: {reason}")
                }
                (Err(reason), _) => reason,
            };
            failed += 1;
            self.shared.notices.add(Notice::Failed {
                path: finished.job.path,
                reason,
            });
        }
        self.shared.progress.add_done(count, embedded, failed);
        self.keep_thumbnails(&thumbnails);
        // Last, because an empty queue means that all of the above is done.
        self.shared.queue.finish(count);
    }

    fn keep_thumbnails(&mut self, thumbnails: &[(ContentHash, Vec<u8>)]) {
        if thumbnails.is_empty() {
            return;
        }
        let Some(cache) = &mut self.thumbnails else {
            return;
        };
        if let Err(error) = cache.put(thumbnails) {
            self.thumbnails = None;
            self.shared.notices.add(Notice::Degraded {
                what: format!("thumbnails are no longer stored: {error}"),
            });
        }
    }
}

fn is_urgent(write: &Write) -> bool {
    matches!(write, Write::Apply { reply: Some(_), .. })
}

fn record(w: &Writer<'_>, model: ModelId, finished: &mut Finished) -> Result<Recorded, StoreError> {
    let recorded = w.record(model, DECODER_VERSION, &finished.outcome)?;
    if let (Recorded::Photo(photo), Some((revision, tags))) = (recorded, &finished.tags) {
        // The labels may have changed while the photo was computed.
        if w.vocabulary_revision()? == *revision {
            w.set_tags(photo, tags)?;
        } else {
            w.set_unscored(photo)?;
        }
    }
    if let (Recorded::Photo(photo), Some(about)) = (recorded, &finished.about) {
        w.keep_about(finished.outcome.file_id, photo, ABOUT_VERSION, about)?;
    }
    if let (Recorded::Photo(photo), Some((hash, _))) = (recorded, &mut finished.thumbnail) {
        // The photo may have been seen first in a file with other metadata.
        *hash = w.first_hash(photo)?;
    }
    Ok(recorded)
}
