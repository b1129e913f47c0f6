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
        order.sort(&mut wanted, |(_, time)| *time);
    }
    let wanted: Vec<PhotoId> = wanted.into_iter().map(|(photo, _)| photo).collect();
    let ranked = match search.image.is_none() && query.words.is_empty() {
        true => wanted.iter().map(|photo| (*photo, None)).collect(),
        false => ranked(&store, search, &query.words, &wanted, common)?,
    };
    let (mut hits, mut away): (Vec<(PathBuf, FileAbout, Option<f32>)>, usize) = (Vec::new(), 0);
    let chosen: HashSet<PhotoId> = wanted.into_iter().collect();
    for (photo, similarity) in ranked {
        if hits.len() == search.limit as usize || setup::stopped() {
            break;
        }
        if !chosen.contains(&photo) {
            continue;
        }
        // The first present copy stands for all.
        let paths = store.paths_of(photo)?;
        let Some(path) = paths.into_iter().find(|path| path.exists()) else {
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

/// The photos by falling similarity, enough that some of them exist.
fn ranked(
    store: &Store,
    search: &Search,
    words: &str,
    wanted: &[PhotoId],
    common: &Common,
) -> Result<Vec<(PhotoId, Option<f32>)>> {
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
    let wanted: HashSet<PhotoId> = wanted.iter().copied().collect();
    let rows = Matrix::new(&matrix.rows, matrix.dimension)?;
    let fits = |row: usize| {
        let photo = matrix.photo_ids.get(row);
        photo.is_some_and(|photo| wanted.contains(photo))
    };
    let nearest = rows.nearest_where(query.values(), wanted.len().max(1), fits)?;
    let photo =
        |(row, similarity): (usize, f32)| Some((*matrix.photo_ids.get(row)?, Some(similarity)));
    Ok(nearest.into_iter().filter_map(photo).collect())
}

/// The photos that pass the filters, in the order of their paths, each with its capture time. A
/// stack is found by its face.
fn wanted(store: &Store, query: &Query) -> Result<Vec<(PhotoId, CaptureTime)>> {
    let stacks = store.stacks(&[])?;
    let with = with_labels(store, &stacks, &query.tags)?;
    let without = with_labels(store, &stacks, &query.without)?;
    let mut wanted = Vec::new();
    let mut seen = HashSet::new();
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
            && seen.insert(photo)
        {
            wanted.push((photo, file.captured.time));
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
