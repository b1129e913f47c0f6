//! Takes in keywords beside photos and inside them: reads them here, and lets
//! [`reconcile`](crate::keywords::reconcile()) decide.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::core::ids::PhotoId;
use crate::indexer::bookkeeping;
use crate::indexer::keywords::labels_of;
use crate::indexer::notice::Notice;
use crate::indexer::shared::PipelineError;
use crate::indexer::source_files::{Folders, Problems};
use crate::indexer::sources::{Survey, survey};
use crate::indexer::tag_inputs;
use crate::indexer::unchanged;
use crate::keywords::{By, Decision, Labels, Message, Reconciled, reconcile};
use crate::store;
use crate::store::{Origin, Store, StoreError, Verdict, Writer};

/// Photos per transaction.
const GROUP: usize = 512;

/// Changes in the sources of some photos.
#[derive(Debug)]
pub(crate) struct Changes {
    labels: Arc<Mutex<Labels>>,
    surveys: Vec<Survey>,
    /// Files with sidecars that cannot be read, or that have become readable.
    problems: Vec<Problems>,
}

/// The result of [`keep`].
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Whether any decision changed.
    pub(crate) decided: bool,
    /// Messages for the user.
    pub(crate) notices: Vec<Notice>,
}

/// Checks the sources of a folder's photos and reads those that have changed since the last time.
/// Passes the changes to `take`, a group of photos at a time.
///
/// # Errors
/// If the library cannot be read, or `take` fails.
pub(crate) fn changed(
    store: &Store,
    root: &Path,
    stop: &AtomicBool,
    mut take: impl FnMut(Changes) -> Result<(), PipelineError>,
) -> Result<(), PipelineError> {
    let mut known: HashMap<PathBuf, Vec<(PathBuf, String)>> = HashMap::new();
    for problem in store.sidecar_problems()?.into_iter().filter(|p| !p.writing) {
        let of_photo = known.entry(problem.photo).or_default();
        of_photo.push((problem.path, problem.reason));
    }
    let mut by_photo: BTreeMap<PhotoId, PathBuf> = BTreeMap::new();
    let is_known = |file: &Path| known.contains_key(file);
    for file in unchanged::to_look_at(store.read_files_below(root)?, is_known, stop) {
        // In the order of paths, so that each folder is listed once.
        by_photo.entry(file.photo).or_insert(file.path);
    }
    if by_photo.is_empty() {
        return Ok(());
    }
    let mut photos: Vec<(PathBuf, PhotoId)> = by_photo.into_iter().map(|(id, p)| (p, id)).collect();
    photos.sort();
    let labels = labels_of(store, &tag_inputs::vocabulary(store)?)?;
    let labels = Arc::new(Mutex::new(labels));
    let bookkeeping = bookkeeping::of(store)?;
    let stacks = store.stacks(&[root.to_path_buf()])?;
    let mut folders = Folders::default();
    for group in photos.chunks(GROUP) {
        // No export writes until the library has what is read here.
        let _lock = store.lock_sidecars(stop)?;
        let mut changes = Changes {
            labels: labels.clone(),
            surveys: Vec::new(),
            problems: Vec::new(),
        };
        // A statement a group: one for each photo takes most of the time of a run without changes.
        let photos: Vec<PhotoId> = group.iter().map(|(_, photo)| *photo).collect();
        let mut all_places = store.places_of_each(&photos)?;
        let mut all_sources = store.sources_of_each(&photos)?;
        for photo in photos {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let places = all_places.remove(&photo).unwrap_or_default();
            let sources = all_sources.remove(&photo).unwrap_or_default();
            let mut survey = survey(sources, &mut folders, &bookkeeping, photo, &places);
            for (file, problems) in survey.problems.iter().chain(&survey.unlisted) {
                let before = known.get(file).map_or(&[][..], Vec::as_slice);
                if before != problems {
                    changes.problems.push((file.clone(), problems.clone()));
                }
            }
            if survey.changed {
                let stacks = places.present.iter().map(|path| stacks.photos_of(path));
                survey.stacks = stacks.filter(|stack| !stack.is_empty()).collect();
                changes.surveys.push(survey);
            }
        }
        if !changes.surveys.is_empty() || !changes.problems.is_empty() {
            take(changes)?;
        }
        // A large folder is not listed again for each group of its photos.
        if let Some((last, _)) = group.last() {
            folders.forget_others(last.parent().unwrap_or(Path::new("")));
        }
    }
    Ok(())
}

/// Decides on the changes from [`changed`], and stores the result.
///
/// # Errors
/// If the library cannot be written.
pub(crate) fn keep(w: &Writer<'_>, changes: Changes) -> Result<Kept, StoreError> {
    let mut kept = Kept::default();
    for (file, problems) in &changes.problems {
        w.set_sidecar_problems(file, false, problems)?;
        let notices = problems.iter().map(|(path, reason)| Notice::SidecarUnread {
            path: path.clone(),
            reason: reason.clone(),
        });
        kept.notices.extend(notices);
    }
    let mut labels = changes
        .labels
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    for mut survey in changes.surveys {
        let before = w.decisions_of(survey.photo)?;
        survey.model.decisions = before
            .into_iter()
            .map(|(_, label, decision)| (label, of_store(decision)))
            .collect();
        survey.model.given = given(w, &survey)?;
        let result = reconcile(&survey.model, &labels, now_ms());
        kept.decided |= decide(w, &survey, &result)?;
        // Another spelling of it on the next photo is the same label.
        result
            .decisions
            .keys()
            .for_each(|label| labels.know(label.clone()));
        for row in survey.rows_after(&result) {
            w.keep_source(&row)?;
        }
        kept.notices.extend(notices(&survey, &result));
    }
    if kept.decided {
        w.bump_revision()?;
    }
    Ok(kept)
}

/// The labels that a photo has without a decision of its own: those that the machine gives it, and
/// those of its stacks, which exports write too. A keyword that the user put beside another file of
/// the stack is not among them: without it here, it still stands there.
fn given(w: &Writer<'_>, survey: &Survey) -> Result<BTreeSet<String>, StoreError> {
    let mut given = w.given_labels(survey.photo)?;
    for stack in &survey.stacks {
        let mut of_stack = match stack.first() {
            Some(face) => w.given_labels(*face)?,
            None => BTreeSet::new(),
        };
        let mut latest: BTreeMap<String, store::Decision> = BTreeMap::new();
        for photo in stack {
            for (_, label, decision) in w.decisions_of(*photo)? {
                let known = latest.entry(label).or_insert(decision);
                if decision.decided_ms > known.decided_ms {
                    *known = decision;
                }
            }
        }
        for (label, decision) in latest {
            match (decision.verdict, decision.origin) {
                (Verdict::Accepted, Origin::Person) => of_stack.insert(label),
                _ => of_stack.remove(&label),
            };
        }
        given.extend(of_stack);
    }
    Ok(given)
}

/// Stores the decisions that have changed.
fn decide(w: &Writer<'_>, survey: &Survey, result: &Reconciled) -> Result<bool, StoreError> {
    let before = &survey.model.decisions;
    let labels: BTreeSet<&String> = before.keys().chain(result.decisions.keys()).collect();
    let mut any = false;
    for label in labels {
        let now = result.decisions.get(label).copied();
        if before.get(label).copied() != now {
            let id = w.label(label)?;
            w.decide(survey.photo, id, now.map(to_store))?;
            any = true;
        }
    }
    Ok(any)
}

/// The model's messages about a photo's sources.
pub(crate) fn notices(survey: &Survey, result: &Reconciled) -> Vec<Notice> {
    let messages = result.messages.iter().filter_map(|message| {
        let Message::Overwritten { source, labels } = message;
        let row = survey.rows.get(*source)?;
        // What is inside the photo has no path of its own.
        let path = match (row.path.as_os_str().is_empty(), survey.problems.first()) {
            (true, Some((file, _))) => file.clone(),
            _ => row.path.clone(),
        };
        let reason = format!(
            "another program has overwritten {} without having read it; the photo keeps \
             {}, and the next export writes the missing keywords again",
            path.display(),
            labels.join(", ")
        );
        Some(Notice::SidecarOverwritten { path, reason })
    });
    messages.collect()
}

/// Converts a decision for the model.
pub(crate) fn of_store(decision: store::Decision) -> Decision {
    Decision {
        accepted: decision.verdict == Verdict::Accepted,
        by: match decision.origin {
            Origin::Person => By::Person,
            Origin::Sidecar => By::Source,
        },
        decided_ms: decision.decided_ms,
    }
}

fn to_store(decision: Decision) -> store::Decision {
    store::Decision {
        verdict: match decision.accepted {
            true => Verdict::Accepted,
            false => Verdict::Rejected,
        },
        origin: match decision.by {
            By::Source => Origin::Sidecar,
            By::Person | By::Machine => Origin::Person,
        },
        decided_ms: decision.decided_ms,
    }
}

/// Milliseconds since 1970-01-01 UTC.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}
