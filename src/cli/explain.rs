//! `taglens explain`, and `taglens vocabulary check` of the library's vocabulary.

use std::sync::Arc;

use anyhow::{Result, bail};
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::options::{Common, Explain};
use crate::cli::output::{Kind, Output};
use crate::cli::path::PrintedPath;
use crate::cli::setup;
use crate::cli::vocabulary_edit::known;
use crate::indexer::TextCache;
use crate::services::explain::{Explainer, PhotoExplanation};
use crate::store::Store;

#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    path: PrintedPath,
    label: String,
    similarity: f32,
    score: f32,
    confidence: f32,
    threshold: f32,
    verdict: &'static str,
    /// The same in words.
    reasons: Vec<String>,
    /// The label's text that is most similar to the photo.
    #[serde(skip_serializing_if = "Option::is_none")]
    best_prompt: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    best_negative: Option<Text>,
    /// The number of decisions that the label has learned from.
    #[serde(skip_serializing_if = "Option::is_none")]
    learned_from: Option<usize>,
    neighbours: Vec<Neighbour>,
}

#[derive(Serialize)]
struct Text {
    text: String,
    similarity: f32,
}

#[derive(Serialize)]
struct Neighbour {
    #[serde(flatten)]
    path: PrintedPath,
    similarity: f32,
}

/// Explains why a photo has a label or lacks it.
pub(crate) fn run(explain: &Explain, common: &Common) -> Result<Outcome> {
    let store = library::open(common)?;
    let label = known(&store, &explain.label)?;
    let path = library::located(&store, &explain.photo)?;
    let Some(photo) = store.photo_at(&path)? else {
        bail!(
            "{} is not in the library, or was not read yet; `taglens index` adds it",
            path.display()
        );
    };
    // A stack has the tags of the file that shows it.
    let stack = store.stacks(std::slice::from_ref(&path))?.photos_of(&path);
    let photo = stack.first().copied().unwrap_or(photo);
    let found = with_explainer(&store, common, |explainer| {
        Ok(explainer.photo(photo, &label)?)
    })?;
    let Some(found) = found.flatten() else {
        bail!(
            "{} was not embedded with this model; `taglens index` embeds it",
            path.display()
        );
    };
    let text = |texts: &[String], best: Option<(usize, f32)>| {
        let (at, similarity) = best?;
        let text = texts.get(at)?.clone();
        Some(Text { text, similarity })
    };
    let neighbours = neighbours(&store, &found)?;
    let why = &found.explanation;
    let report = Report {
        path: PrintedPath::new(&path),
        reasons: found
            .reasons(&label)
            .iter()
            .map(ToString::to_string)
            .collect(),
        label,
        similarity: why.similarity,
        score: why.score,
        confidence: why.confidence,
        threshold: why.threshold,
        verdict: why.band.name().unwrap_or("not suggested"),
        best_prompt: text(&found.prompts, why.best_prompt),
        best_negative: text(&found.negatives, why.best_negative),
        learned_from: found.learned_from,
        neighbours,
    };
    let head = &[
        "photo",
        "label",
        "similarity",
        "confidence",
        "threshold",
        "verdict",
        "because",
        "most like",
        "learned from",
        "nearest accepted",
    ];
    let mut output = Output::stdout(common.format, Kind::One, head);
    let nearest = report.neighbours.first();
    let cells = vec![
        report.path.text().to_owned(),
        report.label.clone(),
        format!("{:.3}", report.similarity),
        format!("{:.0} %", report.confidence * 100.0),
        format!("{:.0} %", report.threshold * 100.0),
        report.verdict.to_owned(),
        report.reasons.join(" "),
        report.best_prompt.as_ref().map_or(String::new(), shown),
        report.learned_from.map_or(String::new(), |n| n.to_string()),
        nearest.map_or(String::new(), |n| {
            format!("{} {:.3}", n.path.text(), n.similarity)
        }),
    ];
    output.item(&report, cells)?;
    output.finish()?;
    Ok(Outcome::Done)
}

/// The most similar accepted photos.
fn neighbours(store: &Store, found: &PhotoExplanation) -> Result<Vec<Neighbour>> {
    let mut neighbours = Vec::new();
    for (photo, similarity) in &found.explanation.neighbours {
        if let Some(path) = store.paths_of(*photo)?.into_iter().next() {
            neighbours.push(Neighbour {
                path: PrintedPath::new(&path),
                similarity: *similarity,
            });
        }
    }
    Ok(neighbours)
}

fn shown(text: &Text) -> String {
    format!("“{}” {:.3}", text.text, text.similarity)
}

#[derive(Serialize)]
struct Check {
    photos: usize,
    unmatched: Vec<String>,
    near_duplicates: Vec<Pair>,
}

#[derive(Serialize)]
struct Pair {
    labels: [String; 2],
    similarity: f32,
}

/// Reports problems of the library's vocabulary.
pub(crate) fn check(common: &Common) -> Result<Outcome> {
    let store = library::open(common)?;
    let found = with_explainer(&store, common, |explainer| Ok(explainer.vocabulary()?))?;
    let Some(found) = found else {
        bail!("nothing was embedded with this model yet; `taglens index` does it");
    };
    let pairs = found.near_duplicates.into_iter();
    let check = Check {
        photos: found.photos,
        unmatched: found.unmatched,
        near_duplicates: pairs
            .map(|(a, b, similarity)| Pair {
                labels: [a, b],
                similarity,
            })
            .collect(),
    };
    let head = &["photos", "labels that match nothing", "hardly told apart"];
    let mut output = Output::stdout(common.format, Kind::One, head);
    let pair = |p: &Pair| format!("{} ~ {} {:.2}", p.labels[0], p.labels[1], p.similarity);
    let cells = vec![
        check.photos.to_string(),
        check.unmatched.join(", "),
        check
            .near_duplicates
            .iter()
            .map(pair)
            .collect::<Vec<_>>()
            .join(", "),
    ];
    output.item(&check, cells)?;
    output.finish()?;
    Ok(Outcome::Done)
}

/// Returns `None` if the library has no embeddings of the model.
fn with_explainer<T>(
    store: &Store,
    common: &Common,
    ask: impl FnOnce(&Explainer<'_>) -> Result<T>,
) -> Result<Option<T>> {
    let model = library::model(common)?;
    let Some(id) = model.id(store)? else {
        return Ok(None);
    };
    let mut engine = setup::engine(common)?;
    engine.text = Arc::new(TextCache::new(engine.text.clone(), id, store.reader()?));
    let explainer = Explainer::new(&engine, store, id, &model.identity)?;
    Ok(Some(ask(&explainer)?))
}
