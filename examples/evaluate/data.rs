//! Labelled photographs, embedded.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, bail};
use taglens::core::embedding::Embedding;
use taglens::engine::Engine;
use taglens::services::Embedder;
use taglens::services::walk::walk;

/// Photos and what they show.
pub struct Dataset {
    pub name: String,
    pub photos: Vec<Embedding>,
    pub labels: Vec<String>,
    /// `[photo][label]`.
    pub truth: Vec<Vec<bool>>,
}

impl Dataset {
    /// Embeds the folder's photos, and keeps them in memory only.
    pub fn load(folder: &Path, engine: &Engine) -> Result<Self> {
        let files = walk(&[folder.to_owned()], false, &AtomicBool::new(false)).pictures;
        let (labels, shown) = truth(folder, &files)?;
        let mut photos: Vec<Option<Embedding>> = vec![None; files.len()];
        Embedder::new(&*engine.image).run(&files, &AtomicBool::new(false), |i, outcome| {
            match outcome {
                Ok(embedding) => photos[i] = Some(embedding),
                Err(error) => eprintln!("{error}"),
            }
            anyhow::Ok(())
        })?;
        let mut set = Self {
            name: folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into(),
            photos: Vec::new(),
            truth: Vec::new(),
            labels,
        };
        for (photo, shown) in photos.into_iter().zip(shown) {
            if let (Some(photo), Some(shown)) = (photo, shown) {
                set.photos.push(photo);
                set.truth
                    .push(set.labels.iter().map(|l| shown.contains(l)).collect());
            }
        }
        if set.photos.is_empty() {
            bail!("{} has no labelled photos", folder.display());
        }
        Ok(set)
    }
}

/// The labels that a file shows; `None` where nothing is known of it.
type Shown = Option<Vec<String>>;

/// The labels in order, and those of each file.
fn truth(folder: &Path, files: &[PathBuf]) -> Result<(Vec<String>, Vec<Shown>)> {
    let table = folder.join("labels.csv");
    if table.exists() {
        let text = fs::read_to_string(&table)?;
        let rows: HashMap<&str, Vec<String>> = text
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(','))
            .map(|(file, labels)| (file, labels.trim().split('|').map(str::to_owned).collect()))
            .collect();
        let names = folder.join("vocabulary.txt");
        let names = fs::read_to_string(&names)
            .with_context(|| format!("cannot read {}", names.display()))?;
        let labels = names.lines().map(str::trim).filter(|l| !l.is_empty());
        let shown = files.iter().map(|file| {
            let name = file.file_name()?.to_str()?;
            rows.get(name).cloned()
        });
        return Ok((labels.map(str::to_owned).collect(), shown.collect()));
    }
    let of = |file: &PathBuf| -> Option<String> {
        let above = file.parent()?;
        if above != folder {
            return Some(above.file_name()?.to_str()?.to_owned());
        }
        let (_, name) = file.file_stem()?.to_str()?.split_once('_')?;
        Some(name.to_owned())
    };
    let shown: Vec<Shown> = files.iter().map(|f| of(f).map(|l| vec![l])).collect();
    let labels: BTreeSet<String> = shown.iter().flatten().flatten().cloned().collect();
    Ok((labels.into_iter().collect(), shown))
}
