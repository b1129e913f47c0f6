//! Fetches models from the Hugging Face hub, or from a compatible server.

use std::collections::BTreeMap;
use std::path::Path;

use crate::model_store::catalogue::{Beside, Entry};
use crate::model_store::error::ModelStoreError;
use crate::model_store::first_download::{FirstDownload, KnownFile};
use crate::model_store::hub::{Fetched, Hub, Wanted};
use crate::model_store::install::{Installation, Validate};
use crate::model_store::manifest::Installed;
use crate::model_store::options::PullOptions;
use crate::model_store::progress::{Progress, Watcher, cancelled};
use crate::model_store::staging::Part;
use crate::model_store::store::ModelStore;

/// A model's present files on the hub, for the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedModel {
    /// The commit, in hexadecimal.
    pub commit: String,
    /// Name, length in bytes and SHA-256 in hexadecimal.
    pub files: Vec<(String, u64, String)>,
}

/// What is known about a repository's files before requesting them.
struct Known {
    download: Option<FirstDownload>,
    /// The source, and what to do if it is outdated.
    from: (String, String),
}

impl Known {
    fn of(store: &ModelStore, entry: &Entry) -> Result<Self, ModelStoreError> {
        if let Some(pin) = &entry.pin {
            let from = "Taglens' catalogue".to_owned();
            let advice = "pull it from the public hub, or with a newer Taglens".to_owned();
            return Ok(Self {
                download: Some(pin.into()),
                from: (from, advice),
            });
        }
        let record = store.first_downloads();
        Ok(Self {
            download: store.first_download(entry.repository)?,
            from: (
                format!("the record of its first download ({})", record.display()),
                format!(
                    "if you know that its owner has replaced it, take \"{}\" out of that file",
                    entry.repository
                ),
            ),
        })
    }

    fn commit(&self) -> Option<&str> {
        self.download.as_ref().map(|d| d.commit.as_str())
    }

    /// Whether the repository is known not to have this file.
    fn lacks(&self, file: &str) -> bool {
        self.download
            .as_ref()
            .is_some_and(|d| !d.files.contains_key(file))
    }

    /// The weights under one of their names.
    fn weights<'a>(&'a self, file: &'a str, entry: &Entry) -> Wanted<'a> {
        Wanted {
            is_large: true,
            ..self.wanted(file, 2 * u64::from(entry.size_mb) * 1_000_000)
        }
    }

    /// A file that comes with them.
    fn beside<'a>(&'a self, file: &Beside, commit: &'a str) -> Wanted<'a> {
        let wanted = Wanted {
            commit: Some(commit),
            ..self.wanted(file.name, file.max_bytes)
        };
        match self.commit() {
            Some(_) => wanted,
            None => Wanted {
                known_from: ("its own answer on the weights", "pull it again"),
                ..wanted
            },
        }
    }

    fn wanted<'a>(&'a self, file: &'a str, max_bytes: u64) -> Wanted<'a> {
        Wanted {
            name: file,
            commit: self.commit(),
            known: self.download.as_ref().and_then(|d| d.files.get(file)),
            known_from: (&self.from.0, &self.from.1),
            is_large: false,
            max_bytes,
        }
    }
}

/// Downloads a model of the catalogue and installs it under the entry's name.
///
/// The downloaded bytes stay in the hub cache if a later step fails, and the next pull continues
/// from there. The weights are linked from the cache if the file system can, else copied.
pub fn pull(
    store: &ModelStore,
    entry: &'static Entry,
    options: &PullOptions,
    progress: &mut Watcher<'_>,
    validate: Validate,
) -> Result<Installed, ModelStoreError> {
    store.check_free(entry.name, options.replace)?;
    let hub = hub(entry, options);
    for text in [entry.licence_notice(), options.token_warning()] {
        if let Some(text) = text
            && progress(Progress::Warning { text }).is_break()
        {
            return Err(cancelled(entry.name));
        }
    }
    let known = Known::of(store, entry)?;
    let (weights, fetched) = fetch_weights(&hub, entry, &known, progress)?;
    let extension = Path::new(weights)
        .extension()
        .unwrap_or_default()
        .to_string_lossy();
    let mut files = BTreeMap::from([(weights.to_owned(), fetched.content.clone())]);
    let commit = fetched.commit.clone();
    let mut parts = vec![part(&fetched, format!("model.{extension}"))];
    for beside in entry.files.beside {
        if let Some(fetched) = fetch_beside(&hub, beside, &known, &commit, progress)? {
            parts.push(part(&fetched, beside.name.to_owned()));
            files.insert(beside.name.to_owned(), fetched.content);
        }
    }
    let what = Installation {
        name: entry.name.to_owned(),
        source: hub.url(weights),
        parts,
        entry: Some(entry),
        quick_gelu: entry.reading.map(|reading| reading.quick_gelu),
        licence: Some(entry.licence.to_owned()),
        replace: options.replace,
    };
    let installed = store.install(what, validate, progress)?;
    store.keep_first_download(entry.repository, FirstDownload { commit, files })?;
    Ok(installed)
}

fn hub<'a>(entry: &'static Entry, options: &'a PullOptions) -> Hub<'a> {
    Hub {
        options,
        repository: entry.repository,
        model: entry.name,
        required: entry.files.required(),
    }
}

/// Asks the hub for a model's present files, for the catalogue's pins. Downloads what comes with the
/// weights, but not the weights.
///
/// # Errors
/// As [`pull`].
pub fn look_up(
    entry: &'static Entry,
    options: &PullOptions,
) -> Result<PinnedModel, ModelStoreError> {
    let hub = hub(entry, options);
    let known = Known {
        download: None,
        from: Default::default(),
    };
    let watcher: &mut Watcher<'_> = &mut |_| std::ops::ControlFlow::Continue(());
    let mut missing = None;
    for &file in entry.files.weights {
        let (commit, id, size_bytes) = match hub.ask(&known.weights(file, entry), watcher) {
            Err(e @ ModelStoreError::NotFound { .. }) => {
                missing.get_or_insert(e);
                continue;
            }
            answer => answer?,
        };
        let mut files = vec![(file.to_owned(), size_bytes, id.as_text().to_owned())];
        for beside in entry.files.beside {
            if let Some(fetched) = fetch_beside(&hub, beside, &known, &commit, watcher)? {
                let KnownFile { size_bytes, sha256 } = fetched.content;
                files.push((beside.name.to_owned(), size_bytes, sha256));
            }
        }
        return Ok(PinnedModel { commit, files });
    }
    Err(missing.unwrap_or(ModelStoreError::Unknown {
        name: entry.name.to_owned(),
    }))
}

fn part(fetched: &Fetched, name: String) -> Part {
    Part {
        from: fetched.path.clone(),
        name,
        shareable: true,
        sha256: Some(fetched.content.sha256.clone()),
    }
}

/// Fetches a file that comes with the weights, from their commit. Without one that is not required,
/// the model is what its tensors and the catalogue say.
fn fetch_beside(
    hub: &Hub<'_>,
    beside: &Beside,
    known: &Known,
    commit: &str,
    progress: &mut Watcher<'_>,
) -> Result<Option<Fetched>, ModelStoreError> {
    if !beside.required && known.lacks(beside.name) {
        return Ok(None);
    }
    match hub.fetch(&known.beside(beside, commit), progress) {
        Ok(fetched) => Ok(Some(fetched)),
        Err(e) if beside.required => Err(e),
        Err(ModelStoreError::NotFound { .. } | ModelStoreError::Offline { .. }) => Ok(None),
        Err(e @ (ModelStoreError::Answer { .. } | ModelStoreError::Corrupt { .. })) => {
            let text = format!("{e} (the model does without this file)");
            match progress(Progress::Warning { text }).is_break() {
                true => Err(cancelled(hub.model)),
                false => Ok(None),
            }
        }
        Err(e) => Err(e),
    }
}

/// Fetches the weights under the first name that the repository has.
fn fetch_weights(
    hub: &Hub<'_>,
    entry: &'static Entry,
    known: &Known,
    progress: &mut Watcher<'_>,
) -> Result<(&'static str, Fetched), ModelStoreError> {
    let mut missing = None;
    let names = entry.files.weights.iter().filter(|file| !known.lacks(file));
    for &file in names {
        match hub.fetch(&known.weights(file, entry), progress) {
            Ok(fetched) => return Ok((file, fetched)),
            // Advice names the first one.
            Err(e @ (ModelStoreError::NotFound { .. } | ModelStoreError::Offline { .. })) => {
                missing.get_or_insert(e);
            }
            Err(e) => return Err(e),
        }
    }
    Err(missing.unwrap_or(ModelStoreError::Unknown {
        name: entry.name.to_owned(),
    }))
}
