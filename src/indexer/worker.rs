//! The only thread that owns the model and its device.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, after, never, select};

use crate::core::ids::ModelId;
use crate::engine::fallback::images::{BATCH, FallbackImageEncoder};
use crate::engine::fallback::{OpenOnCpu, Report};
use crate::engine::{Engine, EngineError, ModelIdentity};
use crate::indexer::calibrate;
use crate::indexer::notice::Notice;
use crate::indexer::prepared::{PreparedPhotos, Source};
use crate::indexer::reader::{Contents, Decoded};
use crate::indexer::retag::{Extent, Judging, Retag};
use crate::indexer::shared::{PipelineError, Shared};
use crate::indexer::tag_inputs::TagInputs;
use crate::indexer::task::Task;
use crate::indexer::text_cache::TextCache;
use crate::indexer::writer::{Finished, WriterHandle};
use crate::store::{Content, Outcome, ScaleConstants, Store};
use crate::tagging::Reference;

/// How long a decoded photo may wait for others to fill its batch.
const PATIENCE: Duration = Duration::from_millis(5);
/// The idle time before photos are prepared for a label edit.
const IDLE: Duration = Duration::from_millis(300);
/// The earliest time after the start for that: an opening window needs the processor first.
const FIRST_IDLE: Duration = Duration::from_secs(3);

/// Opens the model; with `true`, on the CPU.
pub(crate) type Opener = Arc<dyn Fn(bool) -> Result<Engine, EngineError> + Send + Sync>;

pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    pub(crate) contents: Arc<Contents>,
    pub(crate) open: Opener,
    pub(crate) identity: ModelIdentity,
    pub(crate) model: ModelId,
    pub(crate) store: Store,
    pub(crate) writer: WriterHandle,
    pub(crate) tasks: Receiver<Task>,
    pub(crate) decoded: Receiver<Decoded>,
    /// Whether to prepare photos for scoring ahead of time, for a user who edits labels.
    pub(crate) prefetches: bool,
    pub(crate) prepared: PreparedPhotos,
    pub(crate) state: Option<State>,
}

/// The state once the model is open.
pub(crate) struct State {
    engine: Engine,
    texts: Arc<TextCache>,
    images: FallbackImageEncoder,
    judging: Judging,
}

impl Worker {
    /// Runs until nobody sends photos any more.
    pub(crate) fn run(mut self) {
        let started = Instant::now();
        loop {
            let idle = match self.wants_to_prefetch() {
                true => after(IDLE.max(FIRST_IDLE.saturating_sub(started.elapsed()))),
                false => never(),
            };
            let done = select! {
                recv(idle) -> _ => self.prefetch(),
                recv(self.tasks) -> task => match task {
                    Ok(Task::Open(reply)) => {
                        let result = self.opened().map(drop);
                        drop(reply.send(result));
                        Ok(())
                    }
                    Ok(Task::Retag(inputs, reply)) => {
                        let result = self.refresh(*inputs, Extent::Changed);
                        drop(reply.send(result));
                        Ok(())
                    }
                    Ok(Task::Calibrate(inputs, reply)) => {
                        drop(reply.send(self.calibrate(&inputs)));
                        Ok(())
                    }
                    // No more tasks will come, but perhaps photos.
                    Err(_) => {
                        self.tasks = never();
                        Ok(())
                    }
                },
                recv(self.decoded) -> first => match first {
                    Ok(first) => self.embed(first),
                    Err(_) => return,
                },
            };
            if let Err(error) = done {
                self.shared.fail(error);
                return;
            }
        }
    }

    /// Whether there are photos to prepare and nothing better to do.
    fn wants_to_prefetch(&self) -> bool {
        let judges = self
            .state
            .as_ref()
            .is_some_and(|s| s.judging.judge.is_some());
        let is_ready = || judges && self.prepared.is_complete(&self.identity);
        self.prefetches && self.shared.queue.is_dry() && !is_ready()
    }

    /// Prepares some photos for a label edit, which would otherwise take seconds.
    fn prefetch(&mut self) -> Result<(), PipelineError> {
        if self.store.embedded(self.model)? == 0 {
            return Ok(());
        }
        if self.opened()?.judging.judge.is_none() {
            let inputs = TagInputs::read(&self.store, &self.identity)?;
            return self.refresh(inputs, Extent::All);
        }
        match self
            .state
            .as_ref()
            .and_then(|s| s.judging.reference.as_ref())
        {
            Some(reference) => self.prepared.prepare_some(&self.photos(reference)),
            None => Ok(()),
        }
    }

    /// The library's photos, for scoring.
    fn photos<'a>(&'a self, reference: &'a Reference) -> Source<'a> {
        Source {
            store: &self.store,
            identity: &self.identity,
            model: self.model,
            reference,
        }
    }

    fn opened(&mut self) -> Result<&mut State, PipelineError> {
        if self.state.is_none() {
            let mut engine = (self.open)(false)?;
            let on_cpu = engine.device == "cpu";
            let open = self.open.clone();
            let open_on_cpu: Option<OpenOnCpu> = match on_cpu {
                true => None,
                false => Some(Box::new(move || open(true))),
            };
            let texts = TextCache::new(engine.text.clone(), self.model, self.store.reader()?);
            let texts = Arc::new(texts);
            engine.text = texts.clone();
            let preprocessing = engine.image.preprocessing().clone();
            // The readers look at it only after this.
            let _ = self.shared.preprocessing.set(preprocessing);
            self.shared.set_device(&engine.device);
            let shared = self.shared.clone();
            let report: Report =
                Box::new(move |what| shared.notices.add(Notice::Degraded { what }));
            self.state = Some(State {
                images: FallbackImageEncoder::new(&engine, open_on_cpu, report),
                engine,
                texts,
                judging: Judging::default(),
            });
        }
        self.state
            .as_mut()
            .ok_or(PipelineError::Lost { name: "embed" })
    }

    /// Fits the model's constants to the starter's verdicts.
    fn calibrate(&mut self, inputs: &TagInputs) -> Result<Option<ScaleConstants>, PipelineError> {
        self.opened()?;
        let state = self.state.as_ref();
        let state = state.ok_or(PipelineError::Lost { name: "embed" })?;
        calibrate::by_starter(&state.engine, &self.store, self.model, inputs)
    }

    /// Fills a batch, computes it, and sends the results.
    fn embed(&mut self, first: Decoded) -> Result<(), PipelineError> {
        let batch = self.fill(first);
        if self.judge_is_old()? {
            let inputs = TagInputs::read(&self.store, &self.identity)?;
            self.refresh(inputs, Extent::All)?;
        }
        let (shared, contents) = (self.shared.clone(), self.contents.clone());
        let writer = self.writer.clone();
        let state = self.opened()?;
        let (items, squares): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|d| {
                let read = (d.identity, d.size, d.complete);
                ((d.job, read, d.thumbnail, d.about), d.square)
            })
            .unzip();
        let start = Instant::now();
        let results = {
            let alternates = shared.shares_cores.load(Ordering::Relaxed);
            let _closed = alternates.then(|| shared.compute_gate.close());
            state.images.encode_each(&squares)
        };
        shared.progress.add_computing(start.elapsed());
        shared.set_device(&state.images.device());
        for ((job, read, thumbnail, about), result) in items.into_iter().zip(results) {
            let (identity, size, complete) = read;
            let mut tags = None;
            let result = match result {
                Ok(embedding) => {
                    tags = state
                        .judging
                        .judge
                        .as_ref()
                        .map(|j| (j.revision(), j.tags(&embedding)));
                    let content = Content::Embedded {
                        size,
                        complete,
                        embedding,
                    };
                    Ok((identity, content))
                }
                Err(reason) => {
                    contents.release(&identity);
                    Err(format!("{} was not embedded: {reason}", job.path.display()))
                }
            };
            let outcome = Outcome {
                file_id: job.file_id,
                stamp: job.stamp,
                result,
            };
            writer.finished(Finished {
                job,
                outcome,
                tags,
                thumbnail: thumbnail.map(|jpeg| (identity.file, jpeg)),
                about: Some(about),
            })?;
        }
        Ok(())
    }

    /// Fills a batch, as long as more photos may come.
    fn fill(&self, first: Decoded) -> Vec<Decoded> {
        let most = self
            .state
            .as_ref()
            .map_or(BATCH, |s| s.images.largest_batch());
        let mut batch = Vec::with_capacity(most);
        batch.push(first);
        while batch.len() < most {
            // Checked before receiving, so that a photo passed on in between is not missed.
            let dry = self.shared.queue.is_dry();
            match self.decoded.try_recv() {
                Ok(decoded) => batch.push(decoded),
                Err(_) if dry => break,
                Err(_) => batch.extend(self.decoded.recv_timeout(PATIENCE).ok()),
            }
        }
        batch
    }

    /// Takes these labels into use, and updates all tags in the library.
    fn refresh(&mut self, inputs: TagInputs, extent: Extent) -> Result<(), PipelineError> {
        self.opened()?;
        let Some(state) = &mut self.state else {
            return Err(PipelineError::Lost { name: "embed" });
        };
        let retag = Retag {
            shared: &self.shared,
            store: &self.store,
            writer: &self.writer,
            prepared: &self.prepared,
            identity: &self.identity,
            model: self.model,
        };
        let texts = (&state.engine, &*state.texts);
        retag.refresh(inputs, extent, texts, &mut state.judging)
    }

    fn judge_is_old(&self) -> Result<bool, PipelineError> {
        let judge = self.state.as_ref().and_then(|s| s.judging.judge.as_ref());
        let revision = self.store.vocabulary_revision()?;
        Ok(judge.is_none_or(|j| j.revision() != revision || !j.is_complete()))
    }
}
