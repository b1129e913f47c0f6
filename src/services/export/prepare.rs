//! Plans a photo's sidecar.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::core::ids::PhotoId;
use crate::indexer::keywords::given;
use crate::indexer::readback::{now_ms, of_store};
use crate::indexer::shared::PipelineError;
use crate::indexer::source_files::Folders;
use crate::indexer::source_rows::{keyword, mark, record, remembered, row_to_be};
use crate::indexer::sources::{Survey, survey};
use crate::keywords::{By, KeywordPath, Labels, Named, Now, Reconciled, Wanted, reconcile};
use crate::services::export::options::ExportOptions;
use crate::sidecar::{
    Bookkeeping, Fault, Keyword, Plan, Record, Request, SidecarError, Terms, plan_in,
};
use crate::store::{Role, SourceRow, SourceState, Store, TaggedFile};

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
    /// The sidecar as planned.
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
    pub(crate) plan: Plan,
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
    /// Reads a photo's sources and plans its sidecar.
    pub(crate) fn step<'f>(
        &self,
        store: &Store,
        folders: &mut Folders,
        file: &'f TaggedFile,
    ) -> Result<Step<'f>, PipelineError> {
        let Some(photo) = file.photo_id else {
            return Ok(Step::Nothing);
        };
        let mut survey = self.look(store, folders, file, photo)?;
        let folder = file.path.parent().unwrap_or(Path::new(""));
        let folder = match folders.get(folder) {
            Ok(folder) => folder,
            Err(error) => return Ok(Step::Refused(error)),
        };
        let sidecar = match folder.sidecar(&file.path, self.options.naming) {
            Ok(sidecar) => sidecar,
            Err(error) => return Ok(Step::Refused(error)),
        };
        let at = target(&mut survey, file, &sidecar);
        let result = reconcile(&survey.model, &self.labels, now_ms());
        let (Some(row), Some(wanted)) = (survey.rows.get(at), result.wanted.get(at)) else {
            return Ok(Step::Nothing);
        };
        let taken_out = match self.options.take_out_rejected {
            true => keywords(&result.refused),
            false => Vec::new(),
        };
        let before = written(row);
        if wanted.is_empty() && before.is_empty() && row.record.is_none() && taken_out.is_empty() {
            return Ok(Step::Nothing);
        }
        let is_wanted = |w: &&Wanted| !self.options.confirmed_only || w.by != By::Machine;
        let wanted: Vec<(&Wanted, Keyword)> = wanted
            .iter()
            .filter(is_wanted)
            .filter_map(|w| Some((w, keyword(&w.named.path)?)))
            .collect();
        let record = self.record(&survey, at, &result);
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
        let plan = match plan_in(folder, &file.path, &request, self.options.naming) {
            Ok(plan) => plan,
            Err(error) => return Ok(Step::Refused(error)),
        };
        let after: Vec<(String, String)> = wanted
            .iter()
            .map(|(w, _)| (w.named.path.to_string(), w.named.label.clone()))
            .collect();
        let text = serde_json::to_string(plan.record()).ok();
        let text = text.filter(|_| !plan.record().is_empty());
        let row = row_before(&survey, at, &result);
        let is_news = before != after || survey.rows.get(at).is_none_or(|r| r.record != text);
        Ok(Step::Planned(Box::new(Prepared {
            others: others(&survey, at),
            file,
            plan,
            row,
            keywords: [before, after],
            stated: stated(&survey, at, &result),
            is_news,
        })))
    }

    /// Reads a photo's sources, decisions and tags.
    fn look(
        &self,
        store: &Store,
        folders: &mut Folders,
        file: &TaggedFile,
        photo: PhotoId,
    ) -> Result<Survey, PipelineError> {
        let (present, elsewhere) = store.places_of(photo)?;
        let mut survey = survey(
            store,
            folders,
            &self.bookkeeping,
            photo,
            &present,
            &elsewhere,
        )?;
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
            Now::Unseen => notes_of_others(&source.memory.marked, known.as_ref()),
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

/// The notes that an unread source has and that the record does not have, because they were written
/// for another library or for another photo of that name. They must go with their keywords: a new
/// library takes a note without a keyword for one that the user removed. The library knows the
/// keywords, but not who decided.
fn notes_of_others(marked: &[Named], known: Option<&Record>) -> Vec<(By, KeywordPath)> {
    let is_new =
        |named: &&Named| known.is_none_or(|known| !known.has_note(&named.path.to_string()));
    marked
        .iter()
        .filter(is_new)
        .flat_map(|named| [By::Machine, By::Person].map(|by| (by, named.path.clone())))
        .collect()
}

/// The machine's confidence in each keyword; 1 for decisions.
fn confidences(file: &TaggedFile, wanted: &[(&Wanted, Keyword)]) -> Vec<f32> {
    let confidence: HashMap<&str, f32> = file
        .tags
        .iter()
        .filter(|tag| tag.decision.is_none())
        .filter_map(|tag| Some((tag.label.as_str(), tag.machine?.1)))
        .collect();
    wanted
        .iter()
        .map(|(w, _)| *confidence.get(w.named.label.as_str()).unwrap_or(&1.0))
        .collect()
}

/// The notes for the sidecar: on its keywords of ours, on those that it has notes on itself, and on
/// those that the user moved.
fn state(
    wanted: &[(&Wanted, Keyword)],
    synonyms: &[(By, KeywordPath)],
    result: &Reconciled,
    at: usize,
) -> Vec<String> {
    let others = [&result.undecided, &result.moved];
    let others = others
        .into_iter()
        .filter_map(|of_sources| of_sources.get(at));
    let all = wanted.iter().map(|(w, _)| *w).chain(others.flatten());
    let marks = all.map(|w| mark(w.by, &w.named.path));
    let synonyms = synonyms.iter().map(|(by, path)| mark(*by, path));
    marks.chain(synonyms).collect()
}

/// See [`Prepared::stated`].
fn stated(survey: &Survey, at: usize, result: &Reconciled) -> Vec<(String, String)> {
    let moved = result.moved.get(at).into_iter().flatten();
    let named = moved.map(|w| &w.named);
    let decided = named.filter(|named| survey.model.decisions.contains_key(&named.label));
    let stated = decided.map(|named| (named.path.to_string(), named.label.clone()));
    stated.collect()
}

/// See [`Prepared::others`]; all sources except the written one.
fn others(survey: &Survey, at: usize) -> Vec<SourceRow> {
    let others = survey.rows.iter().enumerate().filter(|(i, _)| *i != at);
    let others = others.filter_map(|(_, row)| {
        let moved = survey.moved.iter().find(|(id, _)| Some(*id) == row.id);
        // A moved source was not read, so its bytes are still those in the library.
        (row.id.is_none() || moved.is_some()).then(|| SourceRow {
            stamp: None,
            digest: moved.map_or_else(|| row.digest.clone(), |(_, digest)| digest.clone()),
            ..row.clone()
        })
    });
    others.collect()
}

/// Returns the source to write, and adds it if there is no such sidecar yet.
fn target(survey: &mut Survey, file: &TaggedFile, sidecar: &Path) -> usize {
    let known = survey.rows.iter().position(|row| row.path == sidecar);
    known.unwrap_or_else(|| {
        let row = row_to_be(survey.photo, &file.path, sidecar);
        let same = |r: &SourceRow| r.owner == row.owner && r.kind == row.kind;
        match survey.rows.iter().position(same) {
            Some(at) => {
                if let Some(known) = survey.rows.get_mut(at) {
                    known.path = row.path;
                }
                at
            }
            None => survey.add(row, Now::Absent, 0),
        }
    })
}

/// The row with the unread changes of the source, for the next look at it. The keywords seen in it
/// stay as they were, because nobody has decided on the changes.
fn row_before(survey: &Survey, at: usize, result: &Reconciled) -> SourceRow {
    let mut row = match survey.rows.get(at) {
        Some(row) => row.clone(),
        None => row_to_be(survey.photo, Path::new(""), Path::new("")),
    };
    row.stamp = None;
    if row.state == SourceState::Absent {
        row.state = SourceState::Unread;
    }
    if let Some(memory) = result.before_writing(&survey.model, at) {
        row.keywords = remembered(&memory);
    }
    row
}

fn written(row: &SourceRow) -> Vec<(String, String)> {
    let written = row
        .keywords
        .iter()
        .filter(|(role, ..)| *role == Role::Written);
    written
        .map(|(_, path, label)| (path.clone(), label.clone()))
        .collect()
}

fn keywords(paths: &[KeywordPath]) -> Vec<Keyword> {
    paths.iter().filter_map(keyword).collect()
}
