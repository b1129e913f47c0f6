//! The one thread that owns the model and its device.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, after, never, select};

use crate::engine::fallback::images::{BATCH, FallbackImageEncoder};
use crate::engine::fallback::{OpenOnCpu, Report};
use crate::engine::{Engine, EngineError, ModelIdentity};
use crate::indexer::chunk::{Chunk, Scale, widen};
use crate::indexer::judge::{Judge, Library};
use crate::indexer::labels;
use crate::indexer::notice::Notice;
use crate::indexer::prepared::Prepared;
use crate::indexer::progress::Phase;
use crate::indexer::reader::{Contents, Decoded};
use crate::indexer::shared::{PipelineError, Shared};
use crate::indexer::tag_inputs::TagInputs;
use crate::indexer::task::Task;
use crate::indexer::text_cache::TextCache;
use crate::indexer::writer::{Finished, WriterHandle};
use crate::store::{Content, LabelId, ModelId, Outcome, Store, TagRow};
use crate::tagging::Reference;

/// How long a decoded photo may wait for others to share its batch.
const PATIENCE: Duration = Duration::from_millis(5);
/// Photos that are scored at once.
const CHUNK: usize = 16_384;
/// How long nothing has to be asked for until photos are made ready for a label's edit.
const IDLE: Duration = Duration::from_millis(300);
/// How long after the start that may begin: a window that opens needs the processor first.
const FIRST_IDLE: Duration = Duration::from_secs(3);
/// Labels whose tags are replaced in one transaction.
const LABELS_AT_ONCE: usize = 16;

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
    /// Whether photos are made ready for scoring ahead of time, for a person who edits labels.
    pub(crate) prefetches: bool,
    pub(crate) state: Option<State>,
}

/// What there is once the model is open.
pub(crate) struct State {
    engine: Engine,
    texts: Arc<TextCache>,
    images: FallbackImageEncoder,
    judge: Option<Judge>,
    reference: Option<Reference>,
    scale: Scale,
    prepared: Prepared,
}

impl Worker {
    /// Until nobody sends photos any more.
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
                    Ok(Task::Retag(reply)) => {
                        let result = self.refresh();
                        drop(reply.send(result));
                        Ok(())
                    }
                    // There will be no more of them, but perhaps photos.
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

    /// Whether there is something to make ready, and nothing better to do.
    fn wants_to_prefetch(&self) -> bool {
        let ready = |s: &State| s.prepared.complete && s.judge.is_some();
        self.prefetches && self.shared.queue.is_dry() && !self.state.as_ref().is_some_and(ready)
    }

    /// Makes ready, some at a time, what the edit of a label needs: it would take seconds then.
    fn prefetch(&mut self) -> Result<(), PipelineError> {
        if self.store.embedded(self.model)? == 0 {
            return Ok(());
        }
        if self.opened()?.judge.is_none() {
            return self.refresh();
        }
        let Self { store, state, .. } = self;
        let Some(State {
            prepared,
            reference: Some(reference),
            ..
        }) = state
        else {
            return Ok(());
        };
        let (matrix, last_id) = store.matrix_after(self.model, prepared.last_id, CHUNK)?;
        prepared.complete =
            matrix.is_empty() || !prepared.keep(Chunk::new(matrix, reference)?, last_id);
        Ok(())
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
            // The readers' first look is after this.
            let _ = self.shared.preprocessing.set(preprocessing);
            self.shared.set_device(&engine.device);
            let shared = self.shared.clone();
            let report: Report =
                Box::new(move |what| shared.notices.add(Notice::Degraded { what }));
            self.state = Some(State {
                images: FallbackImageEncoder::new(&engine, open_on_cpu, report),
                engine,
                texts,
                judge: None,
                reference: None,
                scale: Scale::default(),
                prepared: Prepared::default(),
            });
        }
        self.state
            .as_mut()
            .ok_or(PipelineError::Lost { name: "embed" })
    }

    /// Fills a batch, computes it, and sends it on.
    fn embed(&mut self, first: Decoded) -> Result<(), PipelineError> {
        let batch = self.fill(first);
        let (current, dropped): (Vec<Decoded>, Vec<Decoded>) = batch
            .into_iter()
            .partition(|d| self.shared.queue.is_current(d.job.generation));
        for decoded in &dropped {
            self.contents.release(&decoded.hash);
        }
        self.shared.queue.finish(dropped.len());
        if current.is_empty() {
            return Ok(());
        }
        if self.judge_is_old()? {
            self.refresh()?;
        }
        let (shared, contents) = (self.shared.clone(), self.contents.clone());
        let writer = self.writer.clone();
        let state = self.opened()?;
        let (items, squares): (Vec<_>, Vec<_>) = current
            .into_iter()
            .map(|d| ((d.job, d.hash, d.size, d.thumbnail, d.about), d.square))
            .unzip();
        let start = Instant::now();
        let results = {
            let alternates = shared.shares_cores.load(Ordering::Relaxed);
            let _closed = alternates.then(|| shared.compute_gate.close());
            state.images.encode_each(&squares)
        };
        shared.progress.add_computing(start.elapsed());
        shared.set_device(&state.images.device());
        for ((job, hash, size, thumbnail, about), result) in items.into_iter().zip(results) {
            let mut tags = None;
            let result = match result {
                Ok(embedding) => {
                    tags = state
                        .judge
                        .as_ref()
                        .map(|j| (j.revision(), j.tags(&embedding)));
                    Ok((hash, Content::Embedded { size, embedding }))
                }
                Err(reason) => {
                    contents.release(&hash);
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
                thumbnail: thumbnail.map(|jpeg| (hash, jpeg)),
                about: Some(about),
            })?;
        }
        Ok(())
    }

    /// Waits for a whole batch, as long as more is to come.
    fn fill(&self, first: Decoded) -> Vec<Decoded> {
        let most = self
            .state
            .as_ref()
            .map_or(BATCH, |s| s.images.largest_batch());
        let mut batch = Vec::with_capacity(most);
        batch.push(first);
        while batch.len() < most {
            // Asked before looking: what is handed on in between is seen by the look.
            let dry = self.shared.queue.is_dry();
            match self.decoded.try_recv() {
                Ok(decoded) => batch.push(decoded),
                Err(_) if dry => break,
                Err(_) => batch.extend(self.decoded.recv_timeout(PATIENCE).ok()),
            }
        }
        batch
    }

    fn judge_is_old(&self) -> Result<bool, PipelineError> {
        let judge = self.state.as_ref().and_then(|s| s.judge.as_ref());
        let revision = self.store.vocabulary_revision()?;
        Ok(judge.is_none_or(|j| j.revision() != revision))
    }

    /// Takes up the labels in force, and brings all tags in the library up to date with them.
    fn refresh(&mut self) -> Result<(), PipelineError> {
        let inputs = TagInputs::read(&self.store, &self.identity)?;
        let names: Vec<String> = inputs.names().map(str::to_owned).collect();
        let ids = self
            .writer
            .apply_now(move |w| Judge::label_ids(w, &names))?;
        // Everything sent so far is in the library before it is read.
        self.writer.apply_now(|_| Ok(()))?;
        self.opened()?;
        let model = self.model;
        let Some(state) = &mut self.state else {
            return Err(PipelineError::Lost { name: "embed" });
        };
        let reference = match state.reference.take() {
            Some(reference) => reference,
            None => labels::reference(&state.engine)?,
        };
        let reference = state.reference.insert(reference);
        let library = Library {
            engine: &state.engine,
            reference,
            store: &self.store,
            model,
            scale: state.scale.of(&inputs, &self.store, model, reference)?,
        };
        let judge = Judge::new(inputs, ids, &library, state.judge.as_ref())?;
        let fresh = state.texts.take_fresh();
        if !fresh.is_empty() {
            self.writer.apply(Box::new(move |w| {
                w.keep_texts(model, fresh.iter().map(|(t, e)| (t.as_str(), e)))
            }))?;
        }
        self.retag(&judge)?;
        self.opened()?.judge = Some(judge);
        Ok(())
    }

    fn retag(&mut self, judge: &Judge) -> Result<(), PipelineError> {
        let scored = self.store.scored_labels()?;
        let labels: HashMap<LabelId, [u8; 32]> = judge.labels().collect();
        let changed: HashSet<LabelId> = labels
            .iter()
            .filter(|(label, fingerprint)| scored.get(label) != Some(fingerprint))
            .map(|(label, _)| *label)
            .collect();
        let gone: Vec<LabelId> = scored
            .keys()
            .filter(|label| !labels.contains_key(label))
            .copied()
            .collect();
        let revision = judge.revision();
        if !gone.is_empty() {
            self.writer.apply(Box::new(move |w| {
                gone.iter().try_for_each(|label| w.drop_label_tags(*label))
            }))?;
        }
        if !changed.is_empty() {
            self.shared.progress.set_phase(Phase::Tagging);
            let mut tags: Vec<(LabelId, Vec<(i64, TagRow)>)> =
                self.tags_of(judge, &changed)?.into_iter().collect();
            while !tags.is_empty() {
                let some = tags.split_off(tags.len().saturating_sub(LABELS_AT_ONCE));
                let some: Vec<_> = some
                    .into_iter()
                    .filter_map(|(label, tags)| {
                        let learned = judge.learned(label);
                        Some((label, *labels.get(&label)?, learned, tags))
                    })
                    .collect();
                self.writer.apply(Box::new(move |w| {
                    if w.vocabulary_revision()? != revision {
                        return Ok(());
                    }
                    some.into_iter()
                        .try_for_each(|(label, print, learned, tags)| {
                            w.keep_learned(label, learned)?;
                            w.set_label_tags(label, &print, tags)
                        })
                }))?;
            }
        }
        self.tag_unscored(judge)?;
        self.writer.apply_now(|_| Ok(()))
    }

    /// The tags that some labels give to all photos.
    fn tags_of(
        &mut self,
        judge: &Judge,
        wanted: &HashSet<LabelId>,
    ) -> Result<HashMap<LabelId, Vec<(i64, TagRow)>>, PipelineError> {
        let lost = || PipelineError::Lost { name: "embed" };
        let state = self.state.as_mut().ok_or_else(lost)?;
        let reference = state.reference.as_ref().ok_or_else(lost)?;
        let mut by_label = wanted.iter().map(|label| (*label, Vec::new())).collect();
        let prepared = &mut state.prepared;
        for chunk in &prepared.chunks {
            judge.tag_chunk(chunk, wanted, &mut by_label)?;
        }
        let mut last_id = prepared.last_id;
        let mut keep = true;
        loop {
            let (matrix, last) = self.store.matrix_after(self.model, last_id, CHUNK)?;
            if matrix.is_empty() {
                prepared.complete = true;
                return Ok(by_label);
            }
            last_id = last;
            let chunk = Chunk::new(matrix, reference)?;
            judge.tag_chunk(&chunk, wanted, &mut by_label)?;
            // None after the first that is not kept, so that `last_id` speaks for all before it.
            keep = keep && prepared.keep(chunk, last_id);
        }
    }

    /// Gives tags to photos that were embedded while the labels changed.
    fn tag_unscored(&self, judge: &Judge) -> Result<(), PipelineError> {
        let unscored = self.store.unscored()?;
        if unscored.is_empty() {
            return Ok(());
        }
        let matrix = self.store.matrix_of(self.model, &unscored)?;
        let rows = matrix.rows.chunks(matrix.dimension.max(1));
        let tags: Vec<(i64, Vec<TagRow>)> = matrix
            .photo_ids
            .iter()
            .zip(rows)
            .filter_map(|(photo, row)| Some((*photo, judge.tags(&widen(row)?))))
            .collect();
        let revision = judge.revision();
        self.writer.apply(Box::new(move |w| {
            if w.vocabulary_revision()? != revision {
                return Ok(());
            }
            tags.iter()
                .try_for_each(|(photo, tags)| w.set_tags(*photo, tags))
        }))
    }
}
