//! `taglens tag`.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::options::{Common, Tag};
use crate::cli::output::{Kind, Output};
use crate::cli::path::PrintedPath;
use crate::cli::photos;
use crate::cli::setup;
use crate::cli::terminal::tell;
use crate::cli::write_xmp;
use crate::cli::write_xmp::Sidecar;
use crate::indexer::keywords;
use crate::indexer::labels;
use crate::tagging::scoring::judge;
use crate::tagging::{Rule, Verdict, Vocabulary};

/// One photo in the output.
#[derive(Serialize)]
struct Photo<'a> {
    #[serde(flatten)]
    path: PrintedPath,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<TagRow<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scores: Option<BTreeMap<&'a str, f32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sidecar: Option<Sidecar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct TagRow<'a> {
    label: &'a str,
    confidence: f32,
    similarity: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
}

/// Tags the photos.
pub(crate) fn run(tag: &Tag, common: &Common) -> Result<Outcome> {
    let read;
    let vocabulary = match &tag.labels {
        None => Vocabulary::builtin(),
        Some(file) => {
            read = Vocabulary::read(file)?;
            &read
        }
    };
    if let (Some(file), true) = (&tag.labels, common.is_verbose()) {
        for warning in vocabulary.warnings() {
            tell!("{}", warning.located(Some(file)));
        }
    }
    let engine = setup::engine(common)?;
    let judge = labels::judge(&engine, vocabulary)?;
    let named = keywords::labels(vocabulary, []);
    let mut unwritten = 0;
    let mut output = Output::stdout(common.format, Kind::Items, &["photo", "tags"]);
    let failures = photos::each(&tag.paths, tag.videos, &engine, common, |path, outcome| {
        let mut photo = Photo {
            path: PrintedPath::new(path),
            tags: None,
            scores: None,
            sidecar: None,
            error: None,
        };
        match outcome {
            Ok(embedding) => {
                let verdicts = judge.judge(&embedding);
                photo.tags = Some(tags(vocabulary, &verdicts, tag));
                let labels = vocabulary.labels().iter().zip(&verdicts);
                // As a probability, which keeps the order.
                let scores = labels.map(|(l, v)| (l.id.as_str(), Rule::confidence(v.score)));
                photo.scores = tag.scores.then(|| scores.collect());
            }
            Err(error) => photo.error = Some(error),
        }
        if let (true, Some(tags)) = (tag.write_xmp, &photo.tags) {
            let labels = tags.iter().map(|t| (t.label, t.confidence));
            match write_xmp::write(tag, path, labels, &named) {
                Ok(sidecar) => {
                    if let (Some(diff), false) = (sidecar.diff(), common.quiet) {
                        tell!("{}", diff.trim_end_matches('\n'));
                    }
                    photo.sidecar = Some(sidecar);
                }
                Err(error) => {
                    unwritten += 1;
                    tell!("{} got no sidecar: {error}", path.display());
                    photo.error = Some(error.to_string());
                }
            }
        }
        let cells = vec![photo.path.text().to_owned(), describe(&photo)];
        Ok(output.item(&photo, cells)?)
    })?;
    output.finish()?;
    Ok(Outcome::of(failures + unwritten))
}

/// The labels applied to the photo, the most certain first; with `top`, that many, whatever their
/// confidence.
fn tags<'a>(vocabulary: &'a Vocabulary, verdicts: &[Verdict], tag: &Tag) -> Vec<TagRow<'a>> {
    let given = match tag.top {
        None => judge::accepted(verdicts, tag.max_tags.map(|most| most as usize)),
        Some(top) => {
            let mut all: Vec<usize> = (0..verdicts.len()).collect();
            all.sort_by(|&a, &b| verdicts[b].score.total_cmp(&verdicts[a].score));
            all.truncate(top as usize);
            all
        }
    };
    let row = |i: usize| {
        let (label, verdict) = (vocabulary.labels().get(i)?, verdicts.get(i)?);
        Some(TagRow {
            label: &label.id,
            confidence: verdict.confidence,
            similarity: verdict.similarity,
            state: verdict.band.name(),
        })
    };
    given.into_iter().filter_map(row).collect()
}

fn describe(photo: &Photo<'_>) -> String {
    match (&photo.tags, &photo.error) {
        (None, Some(error)) => format!("({error})"),
        (Some(tags), _) => {
            let tag = |t: &TagRow<'_>| format!("{} {:.0} %", t.label, t.confidence * 100.0);
            tags.iter().map(tag).collect::<Vec<_>>().join(", ")
        }
        (None, None) => String::new(),
    }
}
