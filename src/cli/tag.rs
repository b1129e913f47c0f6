//! `taglens tag`.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::options::{Common, Tag};
use crate::cli::output::{Kind, Output};
use crate::cli::photos;
use crate::cli::setup;
use crate::cli::write_xmp::{self, Sidecar};
use crate::pipeline::export::Keywords;
use crate::pipeline::labels;
use crate::tagging::{Score, Scorer, Vocabulary};

/// One photo, as it is printed.
#[derive(Serialize)]
struct Photo<'a> {
    path: String,
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
}

/// Tags the photos.
pub fn run(tag: &Tag, common: &Common) -> Result<Outcome> {
    let read;
    let vocabulary = match &tag.labels {
        None => Vocabulary::builtin(),
        Some(file) => {
            read = Vocabulary::read(file)?;
            &read
        }
    };
    if let (Some(file), true) = (&tag.labels, common.verbose) {
        for warning in vocabulary.warnings() {
            eprintln!("{}", warning.located(Some(file)));
        }
    }
    let engine = setup::engine(common)?;
    let scorer = labels::scorer(&engine, vocabulary)?;
    let keywords = Keywords::new(vocabulary);
    let mut unwritten = 0;
    let mut output = Output::stdout(common.format, Kind::Items, &["photo", "tags"]);
    let failures = photos::each(&tag.paths, &engine, common, |path, outcome| {
        let mut photo = Photo {
            path: setup::shown(path),
            tags: None,
            scores: None,
            sidecar: None,
            error: None,
        };
        match outcome {
            Ok(embedding) => {
                let scores = scorer.score(&embedding);
                photo.tags = Some(tags(vocabulary, &scorer, &scores, tag.top));
                let labels = vocabulary.labels().iter().zip(&scores);
                photo.scores = tag
                    .scores
                    .then(|| labels.map(|(l, s)| (l.id.as_str(), s.similarity)).collect());
            }
            Err(error) => photo.error = Some(error),
        }
        if let (true, Some(tags)) = (tag.write_xmp, &photo.tags) {
            let labels = tags.iter().map(|t| (t.label, t.confidence));
            match write_xmp::write(tag, path, labels, &keywords) {
                Ok(sidecar) => {
                    if let (Some(diff), false) = (sidecar.diff(), common.quiet) {
                        eprint!("{diff}");
                    }
                    photo.sidecar = Some(sidecar);
                }
                Err(error) => {
                    unwritten += 1;
                    eprintln!("{} got no sidecar: {error}", path.display());
                    photo.error = Some(error.to_string());
                }
            }
        }
        let cells = vec![photo.path.clone(), describe(&photo)];
        Ok(output.item(&photo, cells)?)
    })?;
    output.finish()?;
    Ok(Outcome::of(failures + unwritten))
}

/// The labels that the photo is given, the surest first.
fn tags<'a>(
    vocabulary: &'a Vocabulary,
    scorer: &Scorer,
    scores: &[Score],
    top: Option<u32>,
) -> Vec<TagRow<'a>> {
    let mut rows: Vec<TagRow<'a>> = vocabulary
        .labels()
        .iter()
        .zip(scores)
        .filter(|(label, score)| {
            let threshold = label.threshold.unwrap_or(scorer.threshold());
            top.is_some() || score.confidence >= threshold
        })
        .map(|(label, score)| TagRow {
            label: &label.id,
            confidence: score.confidence,
            similarity: score.similarity,
        })
        .collect();
    rows.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
    rows.truncate(top.map_or(usize::MAX, |n| n as usize));
    rows
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
