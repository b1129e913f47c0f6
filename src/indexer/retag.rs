//! Takes changed labels into use: only what a change needs is embedded, scaled and scored.

use std::collections::{HashMap, HashSet};

use crate::core::ids::{LabelId, ModelId, PhotoId};
use crate::engine::{Engine, ModelIdentity};
use crate::indexer::chunk::{Scale, widen};
use crate::indexer::judge::{Judge, Library, Wanted};
use crate::indexer::labels;
use crate::indexer::prepared::{PreparedPhotos, Source};
use crate::indexer::progress::Phase;
use crate::indexer::shared::{PipelineError, Shared};
use crate::indexer::tag_inputs::TagInputs;
use crate::indexer::text_cache::TextCache;
use crate::indexer::writer::WriterHandle;
use crate::store::{Store, TagRow};
use crate::tagging::Reference;

/// Labels with tags replaced in one transaction.
const LABELS_AT_ONCE: usize = 16;

/// Which labels a worker gets ready to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Those whose tags are outdated. The others cost seconds, which nobody needs until a photo
    /// comes.
    Changed,
    /// All, for photos that are to come.
    All,
}

/// What a change of labels leaves to do.
struct Outdated {
    /// Labels whose tags have other inputs than before.
    changed: HashSet<LabelId>,
    /// Labels that are no longer in use.
    gone: Vec<LabelId>,
    /// Photos that were embedded while labels changed.
    unscored: Vec<PhotoId>,
}

impl Outdated {
    /// The labels that a judge needs for it.
    fn wanted(&self, extent: Extent) -> Wanted<'_> {
        match extent == Extent::Changed && self.unscored.is_empty() {
            true => Wanted::Some(&self.changed),
            false => Wanted::All,
        }
    }
}

/// What judges a library's labels, kept between their changes.
#[derive(Default)]
pub(crate) struct Judging {
    /// The labels in use.
    pub(crate) judge: Option<Judge>,
    /// The reference texts that photos are compared with besides them.
    pub(crate) reference: Option<Reference>,
    scale: Scale,
}

/// The library whose tags follow its labels.
pub(crate) struct Retag<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) store: &'a Store,
    pub(crate) writer: &'a WriterHandle,
    pub(crate) prepared: &'a PreparedPhotos,
    pub(crate) identity: &'a ModelIdentity,
    pub(crate) model: ModelId,
}

impl Retag<'_> {
    /// Takes these labels into use, and updates all tags in the library. `texts` is the engine's.
    pub(crate) fn refresh(
        &self,
        inputs: TagInputs,
        extent: Extent,
        (engine, texts): (&Engine, &TextCache),
        judging: &mut Judging,
    ) -> Result<(), PipelineError> {
        let names: Vec<String> = inputs.names().map(str::to_owned).collect();
        let ids = self
            .writer
            .apply_now(move |w| Judge::label_ids(w, &names))?;
        // Everything sent so far must be in the library before it is read.
        self.writer.apply_now(|_| Ok(()))?;
        let outdated = self.outdated(&inputs, &ids)?;
        let (store, model) = (self.store, self.model);
        let reference = match judging.reference.take() {
            Some(reference) => reference,
            None => labels::reference(engine)?,
        };
        let reference = judging.reference.insert(reference);
        let library = Library {
            engine,
            reference,
            store,
            model,
            scale: judging.scale.of(&inputs, store, model, reference)?,
        };
        let wanted = outdated.wanted(extent);
        let judge = Judge::new(inputs, ids, &library, judging.judge.as_ref(), wanted)?;
        let fresh = texts.take_fresh();
        if !fresh.is_empty() {
            self.writer.apply(Box::new(move |w| {
                w.keep_texts(model, fresh.iter().map(|(t, e)| (t.as_str(), e)))
            }))?;
        }
        self.retag(&judge, outdated)?;
        judging.judge = Some(judge);
        Ok(())
    }

    /// Compares the labels with those that the library's tags come from.
    fn outdated(&self, inputs: &TagInputs, ids: &[LabelId]) -> Result<Outdated, PipelineError> {
        let scored = self.store.scored_labels()?;
        let labels: HashMap<LabelId, &[u8; 32]> =
            ids.iter().copied().zip(&inputs.fingerprints).collect();
        let changed = labels
            .iter()
            .filter(|(label, print)| scored.get(label) != Some(**print));
        let gone = scored.keys().filter(|label| !labels.contains_key(label));
        Ok(Outdated {
            changed: changed.map(|(label, _)| *label).collect(),
            gone: gone.copied().collect(),
            unscored: self.store.unscored()?,
        })
    }

    fn retag(&self, judge: &Judge, outdated: Outdated) -> Result<(), PipelineError> {
        let Outdated {
            changed,
            gone,
            unscored,
        } = outdated;
        let labels: HashMap<LabelId, [u8; 32]> = judge.labels().collect();
        let revision = judge.revision();
        if !gone.is_empty() {
            self.writer.apply(Box::new(move |w| {
                gone.iter().try_for_each(|label| w.drop_label_tags(*label))
            }))?;
        }
        if !changed.is_empty() {
            self.shared.progress.set_phase(Phase::Tagging);
            let mut tags: Vec<(LabelId, Vec<(PhotoId, TagRow)>)> =
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
        self.tag_unscored(judge, &unscored)?;
        self.writer.apply_now(|_| Ok(()))
    }

    /// The tags that some labels get on all photos.
    fn tags_of(
        &self,
        judge: &Judge,
        wanted: &HashSet<LabelId>,
    ) -> Result<HashMap<LabelId, Vec<(PhotoId, TagRow)>>, PipelineError> {
        let source = Source {
            store: self.store,
            identity: self.identity,
            model: self.model,
            reference: judge.reference(),
        };
        let mut by_label = wanted.iter().map(|label| (*label, Vec::new())).collect();
        self.prepared.for_each(&source, |chunk| {
            Ok(judge.tag_chunk(chunk, wanted, &mut by_label)?)
        })?;
        Ok(by_label)
    }

    /// Tags photos that were embedded while the labels changed.
    fn tag_unscored(&self, judge: &Judge, unscored: &[PhotoId]) -> Result<(), PipelineError> {
        if unscored.is_empty() {
            return Ok(());
        }
        let matrix = self.store.matrix_of(self.model, unscored)?;
        let rows = matrix.rows.chunks(matrix.dimension.max(1));
        let tags: Vec<(PhotoId, Vec<TagRow>)> = matrix
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
