//! Installs a model into the models folder: complete, after it was opened once, or not at all.

use std::path::Path;

use crate::model_store::catalogue::Entry;
use crate::model_store::error::ModelStoreError;
use crate::model_store::files::write_json;
use crate::model_store::manifest::{Installed, MANIFEST, Manifest};
use crate::model_store::names::check_name;
use crate::model_store::progress::{Interrupt, Progress, Watcher, watched};
use crate::model_store::staging::{Part, Staging};
use crate::model_store::store::ModelStore;

/// Opens a model's folder before it is installed; an error is one sentence.
///
/// The folder has the contents that [`ModelStore`] describes: the weights under the manifest's name
/// for them, configuration files and the manifest.
pub(crate) type Validate = &'static (dyn Fn(&Path) -> Result<(), String> + Sync);

/// A model to install.
pub(crate) struct Installation {
    pub(crate) name: String,
    pub(crate) source: String,
    /// The weights, or their index, first.
    pub(crate) parts: Vec<Part>,
    pub(crate) entry: Option<&'static Entry>,
    pub(crate) quick_gelu: Option<bool>,
    pub(crate) licence: Option<String>,
    pub(crate) replace: bool,
}

impl ModelStore {
    /// Refuses early what [`ModelStore::install`] would refuse at the end.
    pub(crate) fn check_free(&self, name: &str, replace: bool) -> Result<(), ModelStoreError> {
        check_name(name)?;
        if self.contains(name) && !replace {
            return Err(ModelStoreError::Exists {
                name: name.to_owned(),
            });
        }
        Ok(())
    }

    /// Puts the parts into a folder beside the models, validates it, and renames it into place.
    /// Nothing is visible before that.
    ///
    /// The work has its own thread, so the caller can be interrupted at any time.
    pub(crate) fn install(
        &self,
        what: Installation,
        validate: Validate,
        progress: &mut Watcher<'_>,
    ) -> Result<Installed, ModelStoreError> {
        self.check_free(&what.name, what.replace)?;
        let (store, name) = (self.clone(), what.name.clone());
        let work = move |interrupt: &Interrupt| store.install_here(what, validate, interrupt);
        watched("model-install", &name, Progress::Installing, progress, work)
    }

    fn install_here(
        &self,
        what: Installation,
        validate: Validate,
        interrupt: &Interrupt,
    ) -> Result<Installed, ModelStoreError> {
        let staging = Staging::new(&self.models(), &what.name)?;
        staging.check_space(&what.parts)?;
        let mut files = Vec::with_capacity(what.parts.len());
        for part in &what.parts {
            files.push(staging.add(part, interrupt)?);
        }
        let manifest = Manifest {
            name: what.name.clone(),
            source: what.source,
            weights: files.first().map(|f| f.name.clone()).unwrap_or_default(),
            files,
            entry: what.entry.map(|e| e.name.to_owned()),
            quick_gelu: what.quick_gelu,
            licence: what.licence,
            installed_unix_s: std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |d| d.as_secs()),
        };
        write_json(&staging.folder().join(MANIFEST), &manifest)?;
        validate(staging.folder()).map_err(|reason| ModelStoreError::Invalid {
            name: what.name.clone(),
            reason,
        })?;
        // A model must not appear after its installation was reported as cancelled.
        interrupt.check()?;
        let folder = self.models().join(&what.name);
        staging.put_in_place(&folder, what.replace)?;
        Ok(Installed { manifest, folder })
    }
}

#[cfg(test)]
mod tests;
