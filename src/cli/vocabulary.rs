//! `taglens vocabulary`.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::explain;
use crate::cli::library;
use crate::cli::options::{Common, Vocabulary as Command};
use crate::cli::output::{Kind, Output};
use crate::cli::setup;
use crate::cli::terminal::tell;
use crate::cli::vocabulary_edit;
use crate::indexer::tag_inputs;
use crate::services::{text_file, vocabulary_file};
use crate::store::StoredVocabulary;
use crate::tagging::Vocabulary;

/// The name of the built-in vocabulary.
const BUILTIN: &str = "builtin";

/// The name of a vocabulary that came from a pipe.
const PIPED: &str = "imported";

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
pub(crate) fn run(command: &Command, common: &Common) -> Result<Outcome> {
    match command {
        Command::Check { file: Some(file) } => check(file, common),
        Command::Check { file: None } => explain::check(common),
        Command::Edit(edit) => vocabulary_edit::run(edit, common),
        Command::List => list(common),
        Command::Import { file, name } => import(file, name.as_deref(), common),
        Command::Export { file } => export(file, common),
        Command::Use { name } => use_vocabulary(name, common),
    }
}

#[derive(Serialize)]
struct Label<'a> {
    label: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    synonyms: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    model_names: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    prompts: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    negatives: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<f32>,
    export: bool,
}

fn list(common: &Common) -> Result<Outcome> {
    // Without a library, the built-in vocabulary is in use.
    let path = library::path(common)?;
    let vocabulary = match library::exists(&path) {
        true => tag_inputs::vocabulary(&library::open(common)?)?,
        false => Vocabulary::builtin().clone(),
    };
    let head = &["label", "below", "synonyms", "threshold"];
    let mut output = Output::stdout(common.format, Kind::Items, head);
    for label in vocabulary.labels() {
        let row = Label {
            label: &label.id,
            name: &label.name,
            parent: label.parent.as_deref(),
            synonyms: &label.synonyms,
            model_names: &label.model_names,
            prompts: &label.prompts,
            negatives: &label.negatives,
            threshold: label.threshold,
            export: label.export,
        };
        let cells = vec![
            label.id.clone(),
            label.parent.clone().unwrap_or_default(),
            label.synonyms.join(", "),
            label.threshold.map_or(String::new(), |t| t.to_string()),
        ];
        output.item(&row, cells)?;
    }
    output.finish()?;
    Ok(Outcome::Done)
}

fn import(file: &Path, name: Option<&str>, common: &Common) -> Result<Outcome> {
    // A faulty file must not create a library. A pipe can be read only once.
    let text = Vocabulary::read_text(file)?;
    let stem = file.file_stem().filter(|_| !vocabulary_file::is_pipe(file));
    let stem = stem.map(|s| s.to_string_lossy().into_owned());
    let name = name.map(str::to_owned).or(stem);
    let name = name.unwrap_or_else(|| PIPED.to_owned());
    if name == BUILTIN {
        bail!("`{BUILTIN}` is the built-in vocabulary; give another --name");
    }
    let mut store = library::open_or_make(common)?;
    vocabulary_file::keep(&mut store, file, StoredVocabulary { name, text })?;
    drop(store);
    library::retag(common)?;
    Ok(Outcome::Done)
}

fn export(file: &Path, common: &Common) -> Result<Outcome> {
    let path = library::path(common)?;
    let own = match library::exists(&path) {
        true => library::open(common)?.vocabulary()?,
        false => None,
    };
    let text = own.map_or_else(|| Vocabulary::BUILTIN_TEXT.to_owned(), |own| own.text);
    if file == Path::new("-") {
        std::io::stdout().lock().write_all(text.as_bytes())?;
    } else {
        text_file::write(file, |out| out.write_all(text.as_bytes()))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(Outcome::Done)
}

fn use_vocabulary(name: &str, common: &Common) -> Result<Outcome> {
    let mut store = library::open(common)?;
    let own = (name != BUILTIN).then_some(name);
    if !store.write(|w| w.use_vocabulary(own))? {
        let names: Vec<String> = store.vocabularies()?.into_iter().map(|(n, _)| n).collect();
        bail!(
            "the library has no vocabulary `{name}`; it has {BUILTIN}{}",
            names.iter().map(|n| format!(", {n}")).collect::<String>()
        );
    }
    drop(store);
    library::retag(common)?;
    Ok(Outcome::Done)
}

fn check(file: &Path, common: &Common) -> Result<Outcome> {
    let vocabulary = Vocabulary::read(file)?;
    let warnings = vocabulary.warnings();
    for warning in warnings {
        tell!("{}", warning.located(Some(file)));
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
