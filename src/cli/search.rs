//! `taglens search`.

use anyhow::{Context, Result};
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::options::{Common, Search};
use crate::cli::output::{Kind, Output};
use crate::cli::setup;
use crate::cli::terminal::tell;
use crate::clip::zero_shot::label_embeddings;
use crate::core::embedding::Embedding;
use crate::decode;
use crate::decode::Limits;
use crate::engine::Engine;
use crate::tagging::Matrix;

#[derive(Serialize)]
struct Hit {
    path: String,
    similarity: f32,
}

/// Prints the photos that come nearest.
pub fn run(search: &Search, common: &Common) -> Result<Outcome> {
    let store = library::open(common)?;
    let model = library::model(common)?;
    let mut output = Output::stdout(common.format, Kind::Items, &["photo", "similarity"]);
    let matrix = match model.id(&store)? {
        Some(id) => store.matrix(id)?,
        None => Default::default(),
    };
    if matrix.is_empty() {
        tell!(
            "the library has no photos embedded with the model `{}`; `taglens index` embeds them",
            model.identity.name
        );
        output.finish()?;
        return Ok(Outcome::Done);
    }
    let engine = setup::engine(common)?;
    let query = query(search, &engine)?;
    let photos = store.photos_with_files()?;
    let rows = Matrix::new(&matrix.rows, matrix.dimension)?;
    let there = |row: usize| {
        let photo = matrix.photo_ids.get(row);
        photo.is_some_and(|photo| photos.contains(photo))
    };
    for (row, similarity) in rows.nearest_where(query.values(), search.limit as usize, there)? {
        let Some(photo) = matrix.photo_ids.get(row) else {
            continue;
        };
        // Of copies, the first speaks for all.
        if let Some(path) = store.paths_of(*photo)?.into_iter().next() {
            let hit = Hit {
                path: setup::shown(path),
                similarity,
            };
            let cells = vec![hit.path.clone(), format!("{similarity:.3}")];
            output.item(&hit, cells)?;
        }
    }
    output.finish()?;
    Ok(Outcome::Done)
}

fn query(search: &Search, engine: &Engine) -> Result<Embedding> {
    let mut embeddings = match &search.image {
        Some(file) => {
            let preprocessing = engine.image.preprocessing();
            let picture = decode::prepare(file, preprocessing, &Limits::default())?;
            engine.image.encode_images(&[picture])?
        }
        None => {
            let text = search.text.join(" ");
            label_embeddings(&*engine.text, &[vec![text]], &engine.templates)?
        }
    };
    embeddings.pop().context("the model gave no embedding")
}
