//! `taglens search`.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::about::PrintedAbout;
use crate::cli::library;
use crate::cli::options::{Common, Search};
use crate::cli::output::{Kind, Output};
use crate::cli::path::{PrintedPath, shown};
use crate::cli::setup;
use crate::cli::terminal::tell;
use crate::clip::zero_shot::label_embeddings;
use crate::core::capture::CaptureTime;
use crate::core::embedding::Embedding;
use crate::core::ids::{LabelId, PhotoId};
use crate::decode;
use crate::decode::Limits;
use crate::engine::Engine;
use crate::services::query::Query;
use crate::services::vocabulary_edit;
use crate::store::{FileAbout, OverviewTag, Stacks, Store, StoreError, TagState, join};
use crate::tagging::Matrix;

#[derive(Serialize)]
struct Hit {
    #[serde(flatten)]
    path: PrintedPath,
    /// Null if photos were found by filters alone.
    similarity: Option<f32>,
    #[serde(flatten)]
    about: PrintedAbout,
}

/// Keeps the option parser from reading `-tag:cat` as an option: an argument with a leading space
/// is none, and a search ignores the space.
pub(super) fn keep_exclusions(argument: OsString) -> OsString {
    match argument.to_str() {
        Some(text) if text.starts_with("-tag:") => format!(" {text}").into(),
        _ => argument,
    }
}

/// Prints the nearest photos.
pub(crate) fn run(search: &Search, common: &Common) -> Result<Outcome> {
    let store = library::open(common)?;
    let mut output = Output::stdout(common.format, Kind::Items, &["photo", "similarity"]);
    let query = Query::parse_words(&search.text);
    let mut wanted = wanted(&store, &query)?;
    if let Some(order) = search.sort {
        order.sort(&mut wanted, |found| found.time);
    }
    let ranked = match search.image.is_none() && query.words.is_empty() {
        true => wanted.into_iter().map(|found| (found, None)).collect(),
        false => ranked(&store, search, &query.words, wanted, common)?,
    };
    let (mut hits, mut away): (Vec<(PathBuf, FileAbout, Option<f32>)>, usize) = (Vec::new(), 0);
    for (found, similarity) in ranked {
        if hits.len() == search.limit as usize || setup::stopped() {
            break;
        }
        // The first present copy stands for all.
        let Some(path) = found.paths.into_iter().find(|path| path.exists()) else {
            away += 1;
            continue;
        };
        if let Some(about) = about_path(&store, &path)? {
            hits.push((path, about, similarity));
        }
    }
    if let Some(order) = search.sort {
        order.sort(&mut hits, |(_, about, _)| about.captured.time);
    }
    for (path, about, similarity) in hits {
        let hit = Hit {
            path: PrintedPath::new(&path),
            similarity,
            about: PrintedAbout::new(about),
        };
        let similarity = similarity.map_or(String::new(), |s| format!("{s:.3}"));
        let cells = vec![hit.path.text().to_owned(), similarity];
        output.item(&hit, cells)?;
    }
    output.finish()?;
    if away > 0 && !common.quiet {
        tell!("{away} matching photos are not there now; `taglens index` looks for them");
    }
    Ok(Outcome::Done)
}

/// The facts about the file at a path.
fn about_path(store: &Store, path: &Path) -> Result<Option<FileAbout>> {
    let mut found = None;
    store.each_file(Some(path), |file| {
        if file.path == path {
            found = Some(store.about_file(&file)?);
        }
        Ok::<(), StoreError>(())
    })?;
    Ok(found)
}

/// A photo that passes the filters.
struct Found {
    photo: PhotoId,
    /// Its files of the same bytes that pass them.
    paths: Vec<PathBuf>,
    time: CaptureTime,
}

/// What was found, by falling similarity.
fn ranked(
    store: &Store,
    search: &Search,
    words: &str,
    wanted: Vec<Found>,
    common: &Common,
) -> Result<Vec<(Found, Option<f32>)>> {
    let model = library::model(common)?;
    let matrix = match model.id(store)? {
        Some(id) => store.matrix(id)?,
        None => Default::default(),
    };
    if matrix.is_empty() {
        tell!(
            "the library has no photos embedded with the model `{}`; `taglens index` embeds them",
            model.identity.name
        );
        return Ok(Vec::new());
    }
    let engine = setup::engine(common)?;
    let query = embedding(search.image.as_deref(), words, &engine)?;
    let mut of_photos: HashMap<PhotoId, Vec<Found>> = HashMap::new();
    for found in wanted {
        of_photos.entry(found.photo).or_default().push(found);
    }
    let rows = Matrix::new(&matrix.rows, matrix.dimension)?;
    let fits = |row: usize| {
        let photo = matrix.photo_ids.get(row);
        photo.is_some_and(|photo| of_photos.contains_key(photo))
    };
    let nearest = rows.nearest_where(query.values(), of_photos.len().max(1), fits)?;
    let mut ranked = Vec::new();
    for (row, similarity) in nearest {
        let photo = matrix.photo_ids.get(row);
        let found = photo.and_then(|photo| of_photos.remove(photo));
        let found = found.into_iter().flatten();
        ranked.extend(found.map(|found| (found, Some(similarity))));
    }
    Ok(ranked)
}

/// The photos that pass the filters, in the order of their paths. Copies with other metadata, which may
/// have another capture time, are found separately. A stack is found by its face.
fn wanted(store: &Store, query: &Query) -> Result<Vec<Found>> {
    let stacks = store.stacks(&[])?;
    let with = with_labels(store, &stacks, &query.tags)?;
    let without = with_labels(store, &stacks, &query.without)?;
    let mut wanted: Vec<Found> = Vec::new();
    let mut places = HashMap::new();
    for file in store.overview_files()? {
        let Some(photo) = file.photo_id else {
            continue;
        };
        if stacks.hides(&file.path) {
            continue;
        }
        let folder = file.path.parent().map(shown).unwrap_or_default();
        if with.iter().all(|photos| photos.contains(&photo))
            && !without.iter().any(|photos| photos.contains(&photo))
            && query.has_folder(&folder)
            && query.has_day(&file.captured.time.day())
        {
            let next = wanted.len();
            let at = *places.entry((photo, file.own_hash)).or_insert(next);
            match wanted.get_mut(at) {
                Some(found) => found.paths.push(file.path),
                None => wanted.push(Found {
                    photo,
                    paths: vec![file.path],
                    time: file.captured.time,
                }),
            }
        }
    }
    Ok(wanted)
}

/// For each label, the photos with it, applied or suggested. What was decided on another file of a
/// stack counts for its face.
fn with_labels(store: &Store, stacks: &Stacks, names: &[String]) -> Result<Vec<HashSet<PhotoId>>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let tags = store.overview_tags()?;
    let photos = |name: &String| {
        let id: Option<LabelId> = match vocabulary_edit::find(store, name)? {
            Some(label) => store.label(&label)?,
            None => store.label(name)?,
        };
        let with = tags.iter().filter(|t| Some(t.label) == id);
        let mut with: HashMap<PhotoId, OverviewTag> = with.map(|t| (t.photo_id, *t)).collect();
        for (face, others) in stacks.photos() {
            for other in others {
                let tag = with.get(&other).copied();
                let tag = tag.and_then(|other| join(with.get(&face).copied(), &other));
                with.extend(tag.map(|tag| (face, tag)));
            }
        }
        with.retain(|_, tag| tag.state != TagState::Rejected);
        Ok(with.into_keys().collect())
    };
    names.iter().map(photos).collect()
}

fn embedding(image: Option<&Path>, words: &str, engine: &Engine) -> Result<Embedding> {
    let mut embeddings = match image {
        Some(file) => {
            let preprocessing = engine.image.preprocessing();
            let picture = decode::prepare(file, preprocessing, &Limits::default())?;
            engine.image.encode_images(&[picture])?
        }
        None => label_embeddings(&*engine.text, &[vec![words.to_owned()]], &engine.templates)?,
    };
    embeddings.pop().context("the model gave no embedding")
}
