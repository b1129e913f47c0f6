//! What the commands that work on the library start from.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cli::options::Common;
use crate::cli::setup;
use crate::cli::terminal::tell;
use crate::core::ids::ModelId;
use crate::engine::{EngineCache, EngineOptions, ModelIdentity};
use crate::folders::PassedOver;
use crate::folders::roots as folders;
use crate::indexer::{IndexOptions, Indexer, PipelineError};
use crate::store::{Store, StoreError};

/// Where the library lies.
pub(crate) fn path(common: &Common) -> Result<PathBuf> {
    match &common.library {
        Some(path) => Ok(path.clone()),
        None => Ok(setup::data_folder()?.join("library.sqlite")),
    }
}

/// The library, which has to be there already. That something in it is damaged is told: what is left
/// out must not be missed for nothing.
pub(crate) fn open(common: &Common) -> Result<Store> {
    let path = path(common)?;
    let store = Store::open_existing(&path)?;
    if let Some(what) = store.glance()? {
        tell!(
            "{} is damaged: {what}; `taglens library repair` mends it",
            path.display()
        );
    }
    Ok(store)
}

/// The library, which is made where there is none.
pub(crate) fn open_or_make(common: &Common) -> Result<Store> {
    Ok(Store::open(&path(common)?)?)
}

/// Which model is meant, and how to open it.
pub(crate) struct Model {
    /// Which it is.
    pub(crate) identity: ModelIdentity,
    options: EngineOptions,
}

/// The model that the options name.
pub(crate) fn model(common: &Common) -> Result<Model> {
    let models = setup::model_store()?;
    let options = setup::engine_options(common, &models)?;
    Ok(Model {
        identity: options.identify(&models)?,
        options,
    })
}

impl Model {
    /// Its number in a library where it was used before.
    pub(crate) fn id(&self, store: &Store) -> Result<Option<ModelId>> {
        Ok(store.model(&self.identity.fingerprint)?)
    }

    /// What an indexer is started with.
    pub(crate) fn index_options(self, library: PathBuf) -> Result<IndexOptions> {
        let engines = EngineCache::new(setup::model_store()?);
        Ok(IndexOptions::new(
            library,
            self.identity,
            self.options,
            engines,
        ))
    }
}

/// A path that a person named, as the library would call it.
pub(crate) fn absolute(named: &Path) -> Result<PathBuf> {
    let current = std::env::current_dir().context("the current folder cannot be found")?;
    Ok(folders::normalise(named, &current, |p| p.canonicalize())?)
}

/// A path that a person named, as the library knows it. Below a linked folder the system gives the
/// way without the link, while the library has the one that the folder was added by.
pub(crate) fn located(store: &Store, named: &Path) -> Result<PathBuf> {
    let path = absolute(named)?;
    let folders = store.folders()?;
    if folders.iter().any(|f| path.starts_with(&f.path)) {
        return Ok(path);
    }
    // What was deleted has no real path, but the folder that it lay in may have.
    let real = path.ancestors().find_map(|around| {
        let rest = path.strip_prefix(around).ok()?;
        Some(around.canonicalize().ok()?.join(rest))
    });
    let below = |folder: &Path| {
        let rest = real.as_deref()?.strip_prefix(folder.canonicalize().ok()?);
        // Joining nothing would end the path with a slash.
        rest.ok()
            .map(|rest| folder.components().chain(rest.components()).collect())
    };
    let known = folders.iter().find_map(|f| below(&f.path));
    Ok(known.unwrap_or(path))
}

/// What lies in the library's folders and is not taken for photos, as they were last looked at in
/// whole.
pub(crate) fn passed_over(store: &Store) -> Result<PassedOver> {
    let mut all = PassedOver::default();
    for folder in store.folders()? {
        let counts = store.passed_over(folder.id)?;
        if let Some(counts) = counts.and_then(|text| serde_json::from_str(&text).ok()) {
            all.merge(&counts);
        }
    }
    Ok(all)
}

/// Brings the library's tags up to date after its labels have changed. Where another process is at
/// work on the library, that one does it.
pub(crate) fn retag(common: &Common) -> Result<()> {
    let mut options = model(common)?.index_options(path(common)?)?;
    options.tags_only = true;
    let indexer = match Indexer::start(options) {
        Ok(indexer) => indexer,
        Err(PipelineError::Store(StoreError::Locked { .. })) => {
            if !common.quiet {
                tell!(
                    "another Taglens is at work on this library, and will bring its tags up to date"
                );
            }
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    while !indexer.wait(std::time::Duration::from_millis(100)) {
        if setup::stopped() {
            indexer.stop();
        }
    }
    Ok(indexer.finish()?)
}
