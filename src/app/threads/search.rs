//! The thread that computes similarities: search, similar photos, a label's histogram, and
//! explanations.

use std::collections::HashSet;
use std::path::PathBuf;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::app::messages::answers::Sought;
use crate::app::messages::answers::{Explained, Neighbours};
use crate::app::messages::event::Event;
use crate::app::messages::label_scores::LabelScores;
use crate::app::messages::message::Severity;
use crate::app::messages::question::Question;
use crate::app::threads::crash;
use crate::app::threads::outbox::Outbox;
use crate::app::threads::shared_scoring::SharedScoring;
use crate::clip::zero_shot::label_embeddings;
use crate::core::embedding::Embedding;
use crate::core::ids::{ModelId, PhotoId};
use crate::engine::{Engine, EngineOptions, ModelIdentity};
use crate::indexer::prepared::PreparedPhotos;
use crate::indexer::{PipelineError, chunk};
use crate::services::explain::Explainer;
use crate::services::nearby::Nearby;
use crate::services::scores::{Confidences, Scores};
use crate::store::Store;
use crate::tagging::Label;
use crate::words::{decimal, phrase};

/// The most photos that a search lists.
const MOST_HITS: usize = 500;
/// The number of similar photos in the inspector.
const NEIGHBOURS: usize = 9;

/// The channel to the thread.
pub(crate) struct Seeker {
    questions: Sender<Question>,
    _thread: JoinHandle<()>,
}

impl Seeker {
    /// Starts the thread.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn start(
        library: PathBuf,
        scoring: SharedScoring,
        engine: EngineOptions,
        outbox: Outbox,
    ) -> std::io::Result<Self> {
        let (questions, inbox) = bounded(16);
        let worker = Worker {
            library,
            scoring,
            options: engine,
            inbox,
            outbox,
        };
        let thread = std::thread::Builder::new()
            .name("seek".into())
            .spawn(move || {
                let outbox = worker.outbox.clone();
                crash::guarded(phrase!("part-search"), &outbox, || worker.run());
            })?;
        Ok(Self {
            questions,
            _thread: thread,
        })
    }

    /// Sends a question. Returns `false` if too many are waiting: try again.
    pub(crate) fn ask(&self, question: Question) -> bool {
        self.questions.try_send(question).is_ok()
    }
}

struct Worker {
    library: PathBuf,
    scoring: SharedScoring,
    options: EngineOptions,
    inbox: Receiver<Question>,
    outbox: Outbox,
}

/// Data kept between questions.
struct Ready {
    engine: Engine,
    identity: ModelIdentity,
    store: Store,
    model: Option<ModelId>,
    version: Option<i64>,
    kept: Kept,
    prepared: PreparedPhotos,
    there: HashSet<PhotoId>,
}

/// Photos in memory, some hundred megabytes for a large library, so only in one form at a time.
enum Kept {
    Nothing,
    /// Embeddings, to find the nearest.
    Rows(Nearby),
    /// Prepared for labels.
    Scores(Box<Scores>),
}

type Failure = Box<dyn std::error::Error>;

impl Worker {
    fn run(mut self) {
        let mut ready: Option<Ready> = None;
        while let Ok(question) = self.inbox.recv() {
            if let Question::UseModel(options) = question {
                self.options = options;
                ready = None;
                continue;
            }
            let answer = self.answer(&mut ready, &question);
            let event = answer.unwrap_or_else(|error| match question {
                // The user did not ask for these explicitly.
                Question::Neighbours(photo) => Event::Neighbours(Neighbours {
                    photo,
                    photos: Vec::new(),
                }),
                _ => Event::Message(Severity::Problem, error.into()),
            });
            if !self.outbox.send(event) {
                return;
            }
        }
    }

    fn answer(&self, ready: &mut Option<Ready>, question: &Question) -> Result<Event, Failure> {
        let ready = match ready {
            Some(ready) => ready,
            none => {
                let made = self.open()?;
                // The window names the model and its device once they are known.
                let name = format!("{} · {}", made.engine.name, made.engine.device);
                self.outbox.send(Event::Engine(name));
                none.insert(made)
            }
        };
        ready.refresh()?;
        match question {
            Question::Words(words) => {
                let texts = [vec![words.clone()]];
                let engine = &ready.engine;
                let query = label_embeddings(&*engine.text, &texts, &engine.templates)?;
                let query = query.first().ok_or("the model gave no embedding")?;
                let (hits, relevant) = ready.found(query, 0)?;
                Ok(Event::Found {
                    query: Sought::Words(words.clone()),
                    hits,
                    relevant,
                })
            }
            Question::Similar(photo, name) => {
                let query = ready.embedding(*photo)?;
                let query = query.ok_or_else(|| phrase!("search-not-read", name = name))?;
                // The photo itself comes first, and says nothing about the others.
                let (hits, relevant) = ready.found(&query, 1)?;
                Ok(Event::Found {
                    query: Sought::Similar(name.clone()),
                    hits,
                    relevant,
                })
            }
            Question::Neighbours(photo) => {
                let photos = match ready.embedding(*photo)? {
                    Some(query) => ready.nearest(&query, NEIGHBOURS + 1)?.0,
                    None => Vec::new(),
                };
                let photos = photos.into_iter().map(|(p, _)| p).filter(|p| p != photo);
                Ok(Event::Neighbours(Neighbours {
                    photo: *photo,
                    photos: photos.take(NEIGHBOURS).collect(),
                }))
            }
            Question::Report => {
                let explainer = ready.explainer()?;
                Ok(Event::Report(explainer.vocabulary()?))
            }
            Question::Label(name) => {
                let found = ready.scores(|scores, ready| {
                    scores.label(&ready.engine, &ready.store, &ready.identity, name)
                })?;
                let found = found.ok_or_else(|| phrase!("search-no-label", label = name))?;
                Ok(Event::Scores(ready.shown(name, found)))
            }
            Question::Try(text) => {
                let label = Label::of_name(text);
                let found = ready.scores(|scores, ready| {
                    scores.tried(&ready.engine, &ready.store, &ready.identity, &label)
                })?;
                Ok(Event::Scores(ready.shown(text, found)))
            }
            Question::Why(photo, label) => self.explain(ready, *photo, label),
            Question::UseModel(_) => Err("this is no question".into()),
        }
    }

    fn open(&self) -> Result<Ready, Failure> {
        Ok(Ready {
            engine: self.scoring.engines.get(&self.options)?,
            identity: self.options.identify(self.scoring.engines.models())?,
            store: Store::open_existing(&self.library)?.reader()?,
            model: None,
            version: None,
            kept: Kept::Nothing,
            prepared: self.scoring.prepared.clone(),
            there: HashSet::new(),
        })
    }

    fn explain(&self, ready: &Ready, photo: PhotoId, label: &str) -> Result<Event, Failure> {
        let explainer = ready.explainer()?;
        let mut lines = Vec::new();
        match explainer.photo(photo, label)? {
            None => lines.push(phrase!("why-no-result")),
            Some(found) => {
                let e = &found.explanation;
                lines.push(phrase!(
                    "why-confidence",
                    confidence = decimal(e.confidence * 100.0, 0),
                    threshold = decimal(e.threshold * 100.0, 0)
                ));
                lines.extend(found.reasons(label));
                for (neighbour, _) in e.neighbours.iter().take(3) {
                    if let Some(path) = ready.store.paths_of(*neighbour)?.first() {
                        let name = path.file_name().unwrap_or(path.as_os_str());
                        let name = name.to_string_lossy();
                        lines.push(phrase!("why-neighbour", name = name));
                    }
                }
            }
        }
        Ok(Event::Explained(Explained {
            photo,
            label: label.to_owned(),
            lines,
        }))
    }
}

impl Ready {
    /// Takes over changes in the library.
    fn refresh(&mut self) -> Result<(), Failure> {
        let version = self.store.data_version()?;
        if self.version == Some(version) {
            return Ok(());
        }
        self.model = self.store.model(&self.identity.fingerprint)?;
        let count = self
            .model
            .map_or(Ok(0), |model| self.store.embedded(model))?;
        if matches!(&self.kept, Kept::Rows(rows) if rows.len() != count) {
            self.kept = Kept::Nothing;
        }
        self.there = self.store.photos_with_files()?;
        self.version = Some(version);
        Ok(())
    }

    fn explainer(&self) -> Result<Explainer<'_>, Failure> {
        let model = self.model.ok_or_else(|| phrase!("search-nothing-read"))?;
        let (engine, store) = (&self.engine, &self.store);
        Ok(Explainer::new(engine, store, model, &self.identity)?)
    }

    fn embedding(&self, photo: PhotoId) -> Result<Option<Embedding>, Failure> {
        let Some(model) = self.model else {
            return Ok(None);
        };
        let one = self.store.matrix_of(model, &[photo])?;
        Ok(chunk::widen(&one.rows).filter(|_| one.len() == 1))
    }

    /// The photos nearest to a query, and the similarity of the usual photo.
    fn nearest(
        &mut self,
        query: &Embedding,
        most: usize,
    ) -> Result<(Vec<(PhotoId, f32)>, f32), Failure> {
        let Some(model) = self.model else {
            return Ok((Vec::new(), 0.0));
        };
        if !matches!(self.kept, Kept::Rows(_)) {
            self.kept = Kept::Nothing;
            self.kept = Kept::Rows(Nearby::read(&self.store, model)?);
        }
        let Kept::Rows(nearby) = &self.kept else {
            return Ok((Vec::new(), 0.0));
        };
        let there = |photo| self.there.contains(&photo);
        Ok(nearby.nearest(&self.store, model, query, most, there)?)
    }

    /// The photos nearest to a query, and how many of them are relevant: those that are nearer to
    /// the best one than to the usual photo. The first `aside` do not count as the best.
    fn found(
        &mut self,
        query: &Embedding,
        aside: usize,
    ) -> Result<(Vec<(PhotoId, f32)>, usize), Failure> {
        let (hits, usual) = self.nearest(query, MOST_HITS)?;
        let relevant = relevant(&hits, usual, aside);
        Ok((hits, relevant))
    }

    /// Scores labels on the prepared photos, and prepares them first if necessary.
    fn scores<T: Default>(
        &mut self,
        ask: impl FnOnce(&mut Scores, &Self) -> Result<T, PipelineError>,
    ) -> Result<T, Failure> {
        let Some(model) = self.model else {
            return Ok(T::default());
        };
        let mut scores = match std::mem::replace(&mut self.kept, Kept::Nothing) {
            Kept::Scores(scores) => scores,
            _ => Box::new(Scores::new(&self.engine, model, self.prepared.clone())?),
        };
        let answer = ask(&mut scores, self);
        self.kept = Kept::Scores(scores);
        Ok(answer?)
    }

    fn shown(&self, label: &str, mut found: Confidences) -> LabelScores {
        found.photos.retain(|(photo, _)| self.there.contains(photo));
        LabelScores {
            label: label.to_owned(),
            confidences: found.photos,
            threshold: found.threshold,
        }
    }
}

/// How many hits are nearer to the best one than to the usual photo.
fn relevant(hits: &[(PhotoId, f32)], usual: f32, aside: usize) -> usize {
    let Some((_, best)) = hits.get(aside).or(hits.first()) else {
        return 0;
    };
    let least = (best + usual) / 2.0;
    hits.partition_point(|(_, similarity)| *similarity >= least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearer_to_the_best_hit_than_to_the_usual_photo_is_relevant() {
        let hits = [1.0, 0.34, 0.31, 0.26, 0.2].map(|s| (PhotoId::new(1), s));
        assert_eq!(relevant(&hits[1..], 0.2, 0), 2);
        assert_eq!(relevant(&hits, 0.2, 1), 3, "beside the photo itself");
        assert_eq!(relevant(&hits[..1], 0.9, 1), 1, "a photo alone");
        assert_eq!(relevant(&[], 0.2, 0), 0);
    }
}
