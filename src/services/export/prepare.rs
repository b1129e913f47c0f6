//! Plans a photo's sidecar, and the keywords inside it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::core::ids::PhotoId;
use crate::indexer::keywords::given;
use crate::indexer::readback::{now_ms, of_store};
use crate::indexer::shared::PipelineError;
use crate::indexer::source_files::{EMBEDDED, Folders};
use crate::indexer::source_rows::{keyword, mark, record};
use crate::indexer::sources::{Survey, survey};
use crate::keywords::{By, KeywordPath, Labels, Named, Now, Reconciled, Wanted, reconcile};
use crate::services::export::options::ExportOptions;
use crate::services::export::output::Output;
use crate::services::export::parts::{
    confidences, keywords, notes_of_others, others, row_before, state, stated, target, written,
};
use crate::sidecar::{
    Bookkeeping, Fault, Folder, Keyword, Record, Refusal, Request, SidecarError, Terms, plan_embed,
    plan_in,
};
use crate::store::{SourceRow, Store, TaggedFile};

/// Data shared by all photos of an export.
pub(crate) struct Context<'a> {
    pub(crate) labels: Labels,
    pub(crate) bookkeeping: Bookkeeping,
    pub(crate) options: &'a ExportOptions,
}

/// The work for a photo.
pub(crate) enum Step<'a> {
    /// The sidecar has none of our keywords, and should have none.
    Nothing,
    /// The sidecar cannot be determined, read or edited.
    Refused(SidecarError),
    /// Keywords are not written into the photo, for this reason. Its sidecar gets them.
    NotEmbedded(SidecarError),
    /// The sidecar or the photo as planned.
    Planned(Box<Prepared<'a>>),
}

impl Step<'_> {
    /// Refuses a sidecar of which nobody knows whether an export that was killed has written it:
    /// another write would take the content before from the journal.
    pub(crate) fn unless_unsettled(self, unsettled: &HashMap<PathBuf, String>) -> Self {
        match self {
            Self::Planned(prepared) => match unsettled.get(prepared.plan.path()) {
                Some(reason) => Self::Refused(SidecarError {
                    path: prepared.plan.path().to_path_buf(),
                    fault: Fault::Unsettled {
                        reason: reason.clone(),
                    },
                }),
                None => Self::Planned(prepared),
            },
            other => other,
        }
    }
}

/// A planned sidecar.
pub(crate) struct Prepared<'a> {
    pub(crate) file: &'a TaggedFile,
    pub(crate) plan: Output,
    /// The source as stored before the write.
    pub(crate) row: SourceRow,
    /// Sources that are new to the library or have moved. They are stored before other sources
    /// change, because a written file may then have the same bytes as one of them.
    pub(crate) others: Vec<SourceRow>,
    /// Taglens's keywords in it before and after, each with its label.
    pub(crate) keywords: [Vec<(String, String)>; 2],
    /// Keywords on which the sidecar only has a note, already known to the library.
    pub(crate) stated: Vec<(String, String)>,
    /// Whether the library must be updated even if the sidecar is unchanged.
    pub(crate) is_news: bool,
}

impl Context<'_> {
    /// Reads a photo's sources and plans its sidecar. If keywords go into photos, plans that too:
    /// then a photo has a sidecar only if there is one already, or if the photo must not be written.
    pub(crate) fn steps<'f>(
        &self,
        store: &Store,
        folders: &mut Folders,
        file: &'f TaggedFile,
    ) -> Result<Vec<Step<'f>>, PipelineError> {
        let Some(photo) = file.photo_id else {
            return Ok(vec![Step::Nothing]);
        };
        let mut survey = self.look(store, folders, file, photo)?;
        let folder = file.path.parent().unwrap_or(Path::new(""));
        let folder = match folders.get(folder) {
            Ok(folder) => folder,
            Err(error) => return Ok(vec![Step::Refused(error)]),
        };
        let mut steps = Vec::new();
        if self.options.embed {
            let name = file.path.file_name().unwrap_or_default();
            let existing = folder.existing(name);
            let has_sidecar = existing.full_name.is_some() || existing.stem.is_some();
            match self.inside(store, &survey, folder, file)? {
                Step::Refused(SidecarError {
                    fault: Fault::NotEmbedded(refusal),
                    path,
                }) if refusal.is_passing() => {
                    let fault = Fault::NotEmbedded(refusal);
                    return Ok(vec![Step::Refused(SidecarError { path, fault })]);
                }
                Step::Refused(error) if matches!(error.fault, Fault::NotEmbedded(_)) => {
                    steps.push(Step::NotEmbedded(error));
                }
                step => steps.push(step),
            }
            if !has_sidecar && !matches!(steps.as_slice(), [Step::NotEmbedded(_)]) {
                return Ok(steps);
            }
        }
        let sidecar = match folder.sidecar(&file.path, self.options.naming) {
            Ok(sidecar) => sidecar,
            Err(error) => {
                steps.push(Step::Refused(error));
                return Ok(steps);
            }
        };
        let at = target(&mut survey, file, &sidecar);
        steps.push(self.step(&survey, at, file, |request| {
            let plan = plan_in(folder, &file.path, request, self.options.naming);
            plan.map(|plan| Output::Sidecar(Box::new(plan)))
        }));
        keep_apart(&mut steps);
        Ok(steps)
    }

    /// Plans the keywords inside a photo.
    fn inside<'f>(
        &self,
        store: &Store,
        survey: &Survey,
        folder: &Folder,
        file: &'f TaggedFile,
    ) -> Result<Step<'f>, PipelineError> {
        let is_its = |row: &SourceRow| row.owner.as_os_str().is_empty() || row.owner == file.path;
        let mut rows = survey.rows.iter();
        let at = rows.position(|row| row.kind == EMBEDDED && is_its(row));
        let Some((at, stamp)) = at.zip(store.stamp_at(&file.path)?) else {
            // It cannot be read, or has just gone.
            let fault = Fault::NotEmbedded(Box::new(Refusal::Changed));
            let path = file.path.clone();
            return Ok(Step::Refused(SidecarError { path, fault }));
        };
        Ok(self.step(survey, at, file, |request| {
            let leftovers = folder.leftovers.clone();
            let plan = plan_embed(&file.path, stamp, request, leftovers);
            plan.map(|plan| Output::Photo(Box::new(plan)))
        }))
    }

    /// Plans the source at index `at`. `plan` makes the file's plan.
    fn step<'f>(
        &self,
        survey: &Survey,
        at: usize,
        file: &'f TaggedFile,
        plan: impl FnOnce(&Request<'_>) -> Result<Output, SidecarError>,
    ) -> Step<'f> {
        let result = reconcile(&survey.model, &self.labels, now_ms());
        let (Some(row), Some(wanted)) = (survey.rows.get(at), result.wanted.get(at)) else {
            return Step::Nothing;
        };
        let taken_out = match self.options.take_out_rejected {
            true => keywords(&result.refused),
            false => Vec::new(),
        };
        let before = written(row);
        if wanted.is_empty() && before.is_empty() && row.record.is_none() && taken_out.is_empty() {
            return Step::Nothing;
        }
        let is_wanted = |w: &&Wanted| !self.options.confirmed_only || w.by != By::Machine;
        let wanted: Vec<(&Wanted, Keyword)> = wanted
            .iter()
            .filter(is_wanted)
            .filter_map(|w| Some((w, keyword(&w.named.path)?)))
            .collect();
        let record = self.record(survey, at, &result);
        let confidences = confidences(file, &wanted);
        let synonyms = self.synonyms(&wanted, &result);
        let state = state(&wanted, &synonyms, &result, at);
        let synonyms: Vec<String> = synonyms.iter().map(|(_, p)| p.to_string()).collect();
        let plain: Vec<Keyword> = wanted.iter().map(|(_, keyword)| keyword.clone()).collect();
        let request = Request {
            wanted: &plain,
            confidences: &confidences,
            previously: record.as_ref(),
            properties: &self.options.properties,
            terms: Terms {
                state: &state,
                synonyms: &synonyms,
                refused: &keywords(&result.refused),
                taken_out: &taken_out,
            },
        };
        let plan = match plan(&request) {
            Ok(plan) => plan,
            Err(error) => return Step::Refused(error),
        };
        let after: Vec<(String, String)> = wanted
            .iter()
            .map(|(w, _)| (w.named.path.to_string(), w.named.label.clone()))
            .collect();
        let text = serde_json::to_string(plan.record()).ok();
        let text = text.filter(|_| !plan.record().is_empty());
        let row = row_before(survey, at, &result);
        let is_news = before != after || survey.rows.get(at).is_none_or(|r| r.record != text);
        Step::Planned(Box::new(Prepared {
            others: others(survey, at),
            file,
            plan,
            row,
            keywords: [before, after],
            stated: stated(survey, at, &result),
            is_news,
        }))
    }

    /// Reads a photo's sources, decisions and tags.
    fn look(
        &self,
        store: &Store,
        folders: &mut Folders,
        file: &TaggedFile,
        photo: PhotoId,
    ) -> Result<Survey, PipelineError> {
        let (places, known) = (store.places_of(photo)?, store.sources(photo)?);
        let mut survey = survey(known, folders, &self.bookkeeping, photo, &places);
        let decided = file
            .tags
            .iter()
            .filter_map(|tag| Some((tag, tag.decision?)));
        let decided = decided.map(|(tag, decision)| (tag.label.clone(), of_store(decision)));
        survey.model.decisions = decided.collect();
        // The file whose content determines the labels of a stack.
        let face = file.photos().first().copied().unwrap_or(photo);
        survey.model.given = given(&file.tags, &store.given_labels(face)?);
        Ok(survey)
    }

    /// The synonyms to write with the wanted keywords, each with its label.
    fn synonyms(
        &self,
        wanted: &[(&Wanted, Keyword)],
        result: &Reconciled,
    ) -> Vec<(By, KeywordPath)> {
        if !self.options.synonyms {
            return Vec::new();
        }
        let all = wanted.iter().flat_map(|(w, _)| {
            let synonyms = self.labels.synonyms(&w.named.label);
            synonyms.into_iter().map(|path| (w.by, path))
        });
        all.filter(|(_, path)| !result.refused.iter().any(|r| r.key() == path.key()))
            .collect()
    }

    /// The record of Taglens's keywords in the sidecar, from the library or the sidecar itself.
    fn record(&self, survey: &Survey, at: usize, result: &Reconciled) -> Option<Record> {
        let row = survey.rows.get(at)?;
        let source = survey.model.sources.get(at)?;
        let written = written(row);
        let known = record(row);
        let marks: Vec<(By, KeywordPath)> = match &source.now {
            Now::Read(reading) => reading.marked.clone().unwrap_or_default(),
            Now::Unseen => notes_of_others(known.as_ref(), &row.digest, &source.memory.marked),
            Now::Absent => Vec::new(),
        };
        if known.is_none() && written.is_empty() && marks.is_empty() {
            return None;
        }
        let paths = written
            .iter()
            .filter_map(|(path, _)| KeywordPath::parse(path));
        let undecided = result.undecided.get(at);
        let is_undecided =
            |named: &Named| undecided.into_iter().flatten().any(|u| u.named == *named);
        let found = result.memories.get(at).into_iter().flat_map(|m| &m.written);
        let found = found.filter(|named| !is_undecided(named));
        let ours: Vec<KeywordPath> = paths.chain(found.map(|named| named.path.clone())).collect();
        let state: Vec<String> = marks.iter().map(|(by, path)| mark(*by, path)).collect();
        let record = known.unwrap_or_else(|| Record::claim(&[], self.options.properties));
        Some(record.covering(&keywords(&ours), &state))
    }
}

/// Leaves a source that is written itself out of the others of the same photo's steps.
fn keep_apart(steps: &mut [Step<'_>]) {
    let of = |step: &Step<'_>| match step {
        Step::Planned(prepared) => Some((prepared.row.owner.clone(), prepared.row.kind)),
        _ => None,
    };
    let written: Vec<(PathBuf, i64)> = steps.iter().filter_map(of).collect();
    for step in steps {
        if let Step::Planned(prepared) = step {
            let is_written = |row: &SourceRow| written.contains(&(row.owner.clone(), row.kind));
            prepared.others.retain(|row| !is_written(row));
        }
    }
}
