//! The models folder: `DATA/models/NAME/` with the weights, configuration files and
//! `taglens-model.json`, and `DATA/default-model.json` for the default.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::model_store::error::{ModelStoreError, at};
use crate::model_store::files::{read_json, write_json};
use crate::model_store::first_download::{FIRST_DOWNLOADS, FirstDownload, FirstDownloads};
use crate::model_store::manifest::{Installed, MANIFEST, Manifest};
use crate::model_store::names::{check_name, is_file_name};
use crate::model_store::staging::{Staging, remove_leftovers};
use crate::model_store::templates as wording;

const DEFAULT: &str = "default-model.json";

/// The models folder, and the default model.
#[derive(Clone, Debug)]
pub struct ModelStore {
    data: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct DefaultModel {
    model: String,
}

impl ModelStore {
    /// The models in Taglens's data folder. Nothing is created before something is installed.
    pub fn new(data_folder: impl Into<PathBuf>) -> Self {
        Self {
            data: data_folder.into(),
        }
    }

    /// Taglens's data folder, which may not exist yet.
    pub(crate) fn data_folder(&self) -> &Path {
        &self.data
    }

    pub(crate) fn models(&self) -> PathBuf {
        self.data.join("models")
    }

    /// Whether a model of that name is installed, readable or not.
    pub(crate) fn contains(&self, name: &str) -> bool {
        check_name(name).is_ok() && self.models().join(name).exists()
    }

    /// Returns all models by name, with an error for each unreadable manifest. Removes what killed
    /// installations left behind.
    pub fn list(&self) -> Result<Vec<Result<Installed, ModelStoreError>>, ModelStoreError> {
        let folder = self.models();
        remove_leftovers(&folder);
        let listing = match fs::read_dir(&folder) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            listing => listing.map_err(at("list", &folder))?,
        };
        let mut names = Vec::new();
        for entry in listing {
            let entry = entry.map_err(at("list", &folder))?;
            // The names of temporary folders start with a dot.
            match entry.file_name().into_string() {
                Ok(name) if check_name(&name).is_ok() && entry.path().is_dir() => names.push(name),
                _ => {}
            }
        }
        names.sort();
        Ok(names.iter().map(|name| self.info(name)).collect())
    }

    /// The facts about one model.
    pub fn info(&self, name: &str) -> Result<Installed, ModelStoreError> {
        check_name(name)?;
        let folder = self.models().join(name);
        let path = folder.join(MANIFEST);
        let text = match fs::read(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound && !folder.exists() => {
                return Err(ModelStoreError::NotInstalled {
                    name: name.to_owned(),
                });
            }
            text => text.map_err(at("read", &path))?,
        };
        let damaged = |reason: String| ModelStoreError::Manifest {
            path: path.clone(),
            reason,
        };
        let mut manifest: Manifest =
            serde_json::from_slice(&text).map_err(|e| damaged(e.to_string()))?;
        let file_names = manifest
            .files
            .iter()
            .map(|f| &f.name)
            .chain([&manifest.weights]);
        for file in file_names {
            if !is_file_name(file) {
                return Err(damaged(format!("\"{file}\" is not a file's name")));
            }
        }
        // Users can rename folders: the folder's name is the one that works.
        name.clone_into(&mut manifest.name);
        Ok(Installed { manifest, folder })
    }

    /// Deletes a model; if it was the default, there is none any more.
    pub fn remove(&self, name: &str) -> Result<(), ModelStoreError> {
        check_name(name)?;
        let folder = self.models().join(name);
        if !folder.is_dir() {
            return Err(ModelStoreError::NotInstalled {
                name: name.to_owned(),
            });
        }
        if self.default_model().ok().flatten().as_deref() == Some(name) {
            self.clear_default()?;
        }
        // Renamed first, so that an interrupted removal leaves no partial model under its name.
        Staging::new(&self.models(), name)?.take_away(&folder)
    }

    /// Makes an installed model the default.
    pub(crate) fn set_default(&self, name: &str) -> Result<(), ModelStoreError> {
        self.info(name)?;
        let choice = DefaultModel {
            model: name.to_owned(),
        };
        write_json(&self.data.join(DEFAULT), &choice)
    }

    /// The user's prompt templates for labels; none for the model's own.
    pub(crate) fn templates(&self) -> Result<Vec<String>, ModelStoreError> {
        wording::read(&self.data)
    }

    /// Sets the prompt templates; none for the model's own.
    pub(crate) fn set_templates(&self, templates: &[String]) -> Result<(), ModelStoreError> {
        write_json(&self.data.join(wording::FILE), &templates)
    }

    /// Clears the default model.
    pub(crate) fn clear_default(&self) -> Result<(), ModelStoreError> {
        let path = self.data.join(DEFAULT);
        match fs::remove_file(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(at("remove", &path)),
        }
    }

    /// The default model, if one was chosen and is still installed.
    pub(crate) fn default_model(&self) -> Result<Option<String>, ModelStoreError> {
        let path = self.data.join(DEFAULT);
        let choice = read_json::<DefaultModel>(&path)?;
        let name = choice.map(|choice| choice.model);
        Ok(name.filter(|name| self.contains(name)))
    }

    /// The first download from a repository of the hub, if any.
    pub(crate) fn first_download(
        &self,
        repository: &str,
    ) -> Result<Option<FirstDownload>, ModelStoreError> {
        let known = read_json::<FirstDownloads>(&self.first_downloads())?;
        Ok(known.and_then(|mut known| known.remove(repository)))
    }

    /// Records a download from a repository, unless there is a record.
    pub(crate) fn keep_first_download(
        &self,
        repository: &str,
        download: FirstDownload,
    ) -> Result<(), ModelStoreError> {
        let path = self.first_downloads();
        let mut known = read_json::<FirstDownloads>(&path)?.unwrap_or_default();
        if known.contains_key(repository) {
            return Ok(());
        }
        known.insert(repository.to_owned(), download);
        write_json(&path, &known)
    }

    /// The file of [`Self::first_download`].
    pub(crate) fn first_downloads(&self) -> PathBuf {
        self.data.join(FIRST_DOWNLOADS)
    }
}
