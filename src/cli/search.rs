//! `taglens search`.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::about::PrintedAbout;
use crate::cli::library;
use crate::cli::options::{Common, Search, TimeOrder};
use crate::cli::output::{Kind, Output};
use crate::cli::path::PrintedPath;
use crate::cli::search_filter::{Filter, Found, by_photo};
use crate::cli::setup;
use crate::cli::terminal::tell;
use crate::clip::zero_shot::label_embeddings;
use crate::core::embedding::Embedding;
use crate::core::ids::PhotoId;
use crate::decode;
use crate::decode::Limits;
use crate::engine::Engine;
use crate::services::query::Query;
use crate::services::ranking;
use crate::store::{FileAbout, Store, StoreError};

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
    let filter = Filter::new(&store, &query)?;
    let by_words = search.image.is_some() || !query.words.is_empty();
    let mut hits = Hits::new(&store, search.limit as usize);
    if by_words {
        nearest(search, &filter, common, &mut hits)?;
    } else {
        hits.take(filter.found(store.overview_files()?, search.sort), None)?;
    }
    if let Some(order) = search.sort {
        order.sort(&mut hits.found, |(_, about, _)| about.captured.time);
    }
    for (path, about, similarity) in hits.found {
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
    if hits.away > 0 && !common.quiet {
        let away = hits.away;
        tell!("{away} matching photos are not there now; `taglens index` looks for them");
    }
    Ok(Outcome::Done)
}

/// What is printed, at most so many.
struct Hits<'a> {
    store: &'a Store,
    limit: usize,
    found: Vec<(PathBuf, FileAbout, Option<f32>)>,
    /// The photos whose files are not there.
    away: usize,
}

impl<'a> Hits<'a> {
    fn new(store: &'a Store, limit: usize) -> Self {
        Self {
            store,
            limit,
            found: Vec::new(),
            away: 0,
        }
    }

    /// Takes those that are there. Returns whether more are wanted.
    fn take(&mut self, some: Vec<Found>, similarity: Option<f32>) -> Result<bool> {
        for found in some {
            if self.found.len() == self.limit || setup::stopped() {
                return Ok(false);
            }
            // The first present copy stands for all.
            let Some(path) = found.paths.into_iter().find(|path| path.exists()) else {
                self.away += 1;
                continue;
            };
            if let Some(about) = about_path(self.store, &path)? {
                self.found.push((path, about, similarity));
            }
        }
        Ok(self.found.len() < self.limit)
    }
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

/// Adds the photos that pass the filters, the most similar first.
fn nearest(
    search: &Search,
    filter: &Filter<'_>,
    common: &Common,
    hits: &mut Hits<'_>,
) -> Result<()> {
    let store = filter.store;
    let model = library::model(common)?;
    let embedded = model.id(store)?;
    // Where they cannot be counted, the next step says why.
    let Some(id) = embedded.filter(|id| !matches!(store.embedded(*id), Ok(0))) else {
        tell!(
            "the library has no photos embedded with the model `{}`; `taglens index` embeds them",
            model.identity.name
        );
        return Ok(());
    };
    let engine = setup::engine(common)?;
    let query = embedding(search.image.as_deref(), &filter.query.words, &engine)?;
    // Folders and dates are those of files: where few pass, all files are read once. Otherwise only
    // those of the photos at hand.
    let known = match filter.looks_at_files() {
        true => Some(by_photo(filter.found(store.overview_files()?, search.sort))),
        false => None,
    };
    let wanted = |photo| match &known {
        Some(known) => known.contains_key(&photo),
        None => filter.has_labels(photo),
    };
    let ranked = ranking::ranked(store, id, &query, wanted)?;
    take_ranked(&ranked, known, filter, search.sort, hits)
}

/// Adds ranked photos until there are enough. Their files are those of `known`, or else read for some
/// photos at a time.
fn take_ranked(
    ranked: &[(PhotoId, f32)],
    mut known: Option<HashMap<PhotoId, Vec<Found>>>,
    filter: &Filter<'_>,
    sort: Option<TimeOrder>,
    hits: &mut Hits<'_>,
) -> Result<()> {
    let (mut rest, mut count) = (ranked, FIRST_BATCH);
    while !rest.is_empty() {
        let (batch, after) = rest.split_at(count.min(rest.len()));
        let mut found = match &mut known {
            Some(known) => std::mem::take(known),
            None => {
                let photos: Vec<PhotoId> = batch.iter().map(|(photo, _)| *photo).collect();
                by_photo(filter.found(filter.store.overview_files_of(&photos)?, sort))
            }
        };
        for (photo, similarity) in batch {
            let some = found.remove(photo).unwrap_or_default();
            if !hits.take(some, Some(*similarity))? {
                return Ok(());
            }
        }
        known = known.map(|_| found);
        (rest, count) = (after, 2 * count);
    }
    Ok(())
}

/// The photos whose files are read first of a search, about as many as are printed. Each further batch
/// is twice as large.
const FIRST_BATCH: usize = 128;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::photo::{ContentHash, FileStamp, Identity};
    use crate::indexer::DECODER_VERSION;
    use crate::store::{Content, Outcome, Recorded};

    /// Several batches of photos, of which every third is not there; each tenth has a copy.
    fn library(folder: &Path) -> (Store, Vec<(PhotoId, f32)>) {
        let mut store = Store::open(&folder.join("library.sqlite")).unwrap();
        let root = folder.join("photos");
        std::fs::create_dir_all(&root).unwrap();
        let mut ranked = Vec::new();
        let add = |w: &crate::store::Writer<'_>| {
            let folder = w.add_folder(&root)?;
            let model = w.model("m", &[1; 32])?;
            for number in 0..5 * FIRST_BATCH {
                let names = [format!("{number}.jpg"), format!("copy of {number}.jpg")];
                let copies = 1 + usize::from(number % 10 == 0);
                for name in names.iter().take(copies) {
                    let path = root.join(name);
                    if number % 3 > 0 {
                        std::fs::write(&path, "").unwrap();
                    }
                    let stamp = FileStamp {
                        size_bytes: 0,
                        modified_ns: number as i64,
                    };
                    let hash = ContentHash::new(blake3::hash(&number.to_le_bytes()).into());
                    let reason = "no picture".to_owned();
                    let outcome = Outcome {
                        file_id: w.add_file(folder, &path, stamp)?,
                        stamp,
                        result: Ok((Identity::of_file(hash), Content::Undecodable { reason })),
                    };
                    let recorded = w.record(model, DECODER_VERSION, &outcome)?;
                    if let (Recorded::Photo(photo), [first, _]) = (recorded, &names)
                        && name == first
                    {
                        ranked.push((photo, -(number as f32)));
                    }
                }
            }
            Ok(())
        };
        store.write(add).unwrap();
        (store, ranked)
    }

    #[test]
    fn files_that_are_read_batch_by_batch_are_those_of_the_whole_library() {
        let folder = tempfile::tempdir().unwrap();
        let (store, ranked) = library(folder.path());
        let query = Query::default();
        let filter = Filter::new(&store, &query).unwrap();
        let taken = |limit: usize, sort: Option<TimeOrder>, whole: bool| {
            let all = || by_photo(filter.found(store.overview_files().unwrap(), sort));
            let mut hits = Hits::new(&store, limit);
            take_ranked(&ranked, whole.then(all), &filter, sort, &mut hits).unwrap();
            let names = hits.found.into_iter().map(|(path, _, similarity)| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, similarity)
            });
            (names.collect::<Vec<_>>(), hits.away)
        };
        for limit in [1, FIRST_BATCH, 2 * FIRST_BATCH, 9 * FIRST_BATCH] {
            for sort in [None, Some(TimeOrder::Newest)] {
                let (names, away) = taken(limit, sort, false);
                assert_eq!((names.clone(), away), taken(limit, sort, true), "{limit}");
                assert_eq!(names[0], ("1.jpg".to_owned(), Some(-1.0)));
                let there = ranked.len() - ranked.len().div_ceil(3);
                assert_eq!(names.len(), limit.min(there));
            }
        }
    }
}
