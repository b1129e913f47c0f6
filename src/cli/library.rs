//! The library and the model, for the commands that need them.

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
use crate::services::passed_over;
use crate::store::{Store, StoreError};

/// The library's path.
pub(crate) fn path(common: &Common) -> Result<PathBuf> {
    match &common.library {
        Some(path) => Ok(path.clone()),
        None => Ok(setup::data_folder()?.join("library.sqlite")),
    }
}

/// Whether there is a library. One that cannot be looked at is not missing.
pub(crate) fn exists(path: &Path) -> bool {
    !matches!(path.try_exists(), Ok(false))
}

/// Opens the library, which must exist. Reports damage, because damaged rows are left out of the
/// output.
pub(crate) fn open(common: &Common) -> Result<Store> {
    let path = path(common)?;
    let store = Store::open_existing(&path)?;
    if let Some(what) = store.glance()? {
        tell!(
            "{} is damaged: {what}; `taglens library repair` repairs it",
            path.display()
        );
    }
    Ok(store)
}

/// Opens the library, and creates it if there is none.
pub(crate) fn open_or_make(common: &Common) -> Result<Store> {
    Ok(Store::open(&path(common)?)?)
}

/// A model, and how to open it.
pub(crate) struct Model {
    /// Its identity.
    pub(crate) identity: ModelIdentity,
    options: EngineOptions,
}

/// The model selected by the options.
pub(crate) fn model(common: &Common) -> Result<Model> {
    let models = setup::model_store()?;
    let options = setup::engine_options(common, &models)?;
    Ok(Model {
        identity: options.identify(&models)?,
        options,
    })
}

impl Model {
    /// Its id in a library that has used it.
    pub(crate) fn id(&self, store: &Store) -> Result<Option<ModelId>> {
        Ok(store.model(&self.identity.fingerprint)?)
    }

    /// The options to start an indexer with.
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

/// The absolute form of a named path, as the library stores it.
pub(crate) fn absolute(named: &Path) -> Result<PathBuf> {
    let current = std::env::current_dir().context("the current folder cannot be found")?;
    Ok(folders::normalise(named, &current, |p| p.canonicalize())?)
}

/// The library's form of a named path. Below a linked folder the system gives the path without the
/// link, but the library has the one with which the folder was added.
pub(crate) fn located(store: &Store, named: &Path) -> Result<PathBuf> {
    let path = absolute(named)?;
    let folders = store.folders()?;
    if folders.iter().any(|f| path.starts_with(&f.path)) {
        return Ok(path);
    }
    // A deleted file has no real path, but its folder may have one.
    let real = path.ancestors().find_map(|around| {
        let rest = path.strip_prefix(around).ok()?;
        Some(around.canonicalize().ok()?.join(rest))
    });
    let below = |folder: &Path| {
        let rest = real.as_deref()?.strip_prefix(folder.canonicalize().ok()?);
        // Joining an empty path would add a slash.
        rest.ok()
            .map(|rest| folder.components().chain(rest.components()).collect())
    };
    let known = folders.iter().find_map(|f| below(&f.path));
    Ok(known.unwrap_or(path))
}

/// What the last full scans of the library's folders skipped.
pub(crate) fn passed_over(store: &Store) -> Result<PassedOver> {
    let mut all = PassedOver::default();
    for folder in store.folders()? {
        all.merge(&passed_over::of_folder(store, folder.id)?);
    }
    Ok(all)
}

/// Updates the library's tags after its labels have changed. If another process is indexing the
/// library, that one does it.
pub(crate) fn retag(common: &Common) -> Result<()> {
    let mut options = model(common)?.index_options(path(common)?)?;
    options.tags_only = true;
    let indexer = match Indexer::start(options) {
        Ok(indexer) => indexer,
        Err(PipelineError::Store(StoreError::Locked { .. })) => {
            if !common.quiet {
                tell!("another Taglens is indexing this library and will update its tags");
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
