//! `taglens embed`.

use anyhow::Result;
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::options::{Common, Embed};
use crate::cli::output::{Kind, Output};
use crate::cli::path::PrintedPath;
use crate::cli::photos;
use crate::cli::setup;

/// One embedding in the output.
#[derive(Default, Serialize)]
struct Row<'a> {
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    path: Option<&'a PrintedPath>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    embedding: Option<&'a [f32]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

/// Texts embedded before the first of them is printed.
const TEXTS_AT_ONCE: usize = 256;

/// Prints the embeddings.
pub(crate) fn run(embed: &Embed, common: &Common) -> Result<Outcome> {
    let engine = setup::engine(common)?;
    let mut output = Output::stdout(common.format, Kind::Items, &["of", "model", "embedding"]);
    let mut print = |row: Row<'_>| {
        let of = row
            .path
            .map(PrintedPath::text)
            .or(row.text)
            .unwrap_or_default()
            .to_owned();
        let values = match (row.embedding, row.error) {
            (Some(values), _) => numbers(values),
            (None, error) => error.unwrap_or_default().to_owned(),
        };
        output.item(&row, vec![of, engine.name.clone(), values])
    };
    let mut failures = 0;
    for texts in embed.text.chunks(TEXTS_AT_ONCE) {
        let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
        let embeddings = engine.text.encode_texts(&borrowed)?;
        for (text, embedding) in texts.iter().zip(&embeddings) {
            print(Row {
                text: Some(text),
                model: Some(&engine.name),
                embedding: Some(embedding.values()),
                ..Row::default()
            })?;
        }
    }
    if !embed.paths.is_empty() {
        failures = photos::each(&embed.paths, false, &engine, common, |path, outcome| {
            let path = PrintedPath::new(path);
            let row = match &outcome {
                Ok(embedding) => Row {
                    path: Some(&path),
                    model: Some(&engine.name),
                    embedding: Some(embedding.values()),
                    ..Row::default()
                },
                Err(error) => Row {
                    path: Some(&path),
                    error: Some(error),
                    ..Row::default()
                },
            };
            Ok(print(row)?)
        })?;
    }
    output.finish()?;
    Ok(Outcome::of(failures))
}

fn numbers(values: &[f32]) -> String {
    let values: Vec<String> = values.iter().map(f32::to_string).collect();
    values.join(" ")
}
