//! `taglens vocabulary`.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::options::{Common, Vocabulary as Command};
use crate::cli::output::{Kind, Output};
use crate::cli::setup;
use crate::tagging::Vocabulary;

#[derive(Serialize)]
struct Report {
    path: String,
    labels: usize,
    roots: usize,
    depth: usize,
    synonyms: usize,
    exported: usize,
    warnings: Vec<Warning>,
}

#[derive(Serialize)]
struct Warning {
    line: Option<usize>,
    message: String,
}

/// Runs the command.
pub fn run(command: &Command, common: &Common) -> Result<Outcome> {
    match command {
        Command::Check { file } => check(file, common),
    }
}

fn check(file: &Path, common: &Common) -> Result<Outcome> {
    let vocabulary = Vocabulary::read(file)?;
    let warnings = vocabulary.warnings();
    for warning in warnings {
        eprintln!("{}", warning.located(Some(file)));
    }
    let summary = vocabulary.summary();
    let report = Report {
        path: setup::shown(file),
        labels: summary.labels,
        roots: summary.roots,
        depth: summary.depth,
        synonyms: summary.synonyms,
        exported: summary.exported,
        warnings: warnings
            .iter()
            .map(|w| Warning {
                line: w.line,
                message: w.message.clone(),
            })
            .collect(),
    };
    let head = &[
        "file",
        "labels",
        "at the top",
        "levels",
        "synonyms",
        "exported",
        "warnings",
    ];
    let mut output = Output::stdout(common.format, Kind::One, head);
    let mut cells = vec![report.path.clone()];
    let counts = [
        report.labels,
        report.roots,
        report.depth,
        report.synonyms,
        report.exported,
        report.warnings.len(),
    ];
    cells.extend(counts.map(|n| n.to_string()));
    output.item(&report, cells)?;
    output.finish()?;
    Ok(Outcome::Done)
}
