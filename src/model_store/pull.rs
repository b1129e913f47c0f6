//! Fetches models from the Hugging Face hub, or from a compatible server.

use std::collections::BTreeMap;
use std::path::Path;

use crate::model_store::catalogue::Entry;
use crate::model_store::error::ModelStoreError;
use crate::model_store::first_download::{FirstDownload, KnownFile};
use crate::model_store::hub::{Fetched, Hub, Wanted};
use crate::model_store::install::{Installation, Validate};
use crate::model_store::manifest::Installed;
use crate::model_store::options::PullOptions;
use crate::model_store::progress::{Progress, Watcher, cancelled};
use crate::model_store::staging::Part;
use crate::model_store::store::ModelStore;

/// The only configuration file for the catalogue's weights. The `config.json` of these repositories
/// describes another layout, or timm's image encoder.
const CONFIG: &str = "open_clip_config.json";
/// It has 500 bytes.
const MAX_CONFIG_BYTES: u64 = 1 << 20;

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

    fn wanted<'a>(&'a self, file: &'a str, entry: &Entry) -> Wanted<'a> {
        let is_large = file != CONFIG;
        Wanted {
            name: file,
            commit: self.commit(),
            known: self.download.as_ref().and_then(|d| d.files.get(file)),
            known_from: (&self.from.0, &self.from.1),
            is_large,
            max_bytes: match is_large {
                true => 2 * u64::from(entry.size_mb) * 1_000_000,
                false => MAX_CONFIG_BYTES,
            },
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
    let hub = Hub {
        options,
        repository: entry.repository,
        model: entry.name,
    };
    if let Some(text) = options.token_warning()
        && progress(Progress::Warning { text }).is_break()
    {
        return Err(cancelled(entry.name));
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
    if let Some(config) = fetch_config(&hub, entry, &known, &commit, progress)? {
        parts.push(part(&config, CONFIG.to_owned()));
        files.insert(CONFIG.to_owned(), config.content);
    }
    let what = Installation {
        name: entry.name.to_owned(),
        source: hub.url(weights),
        parts,
        entry: Some(entry),
        quick_gelu: Some(entry.quick_gelu),
        licence: Some(entry.licence.to_owned()),
        replace: options.replace,
    };
    let installed = store.install(what, validate, progress)?;
    store.keep_first_download(entry.repository, FirstDownload { commit, files })?;
    Ok(installed)
}

/// Asks the hub for a model's present files, for the catalogue's pins. Downloads the configuration,
/// but not the weights.
///
/// # Errors
/// As [`pull`].
pub fn look_up(
    entry: &'static Entry,
    options: &PullOptions,
) -> Result<PinnedModel, ModelStoreError> {
    let hub = Hub {
        options,
        repository: entry.repository,
        model: entry.name,
    };
    let known = Known {
        download: None,
        from: Default::default(),
    };
    let watcher: &mut Watcher<'_> = &mut |_| std::ops::ControlFlow::Continue(());
    let mut missing = None;
    for &file in entry.weights {
        let (commit, id, size_bytes) = match hub.ask(&known.wanted(file, entry), watcher) {
            Err(e @ ModelStoreError::NotFound { .. }) => {
                missing.get_or_insert(e);
                continue;
            }
            answer => answer?,
        };
        let mut files = vec![(file.to_owned(), size_bytes, id.as_text().to_owned())];
        if let Some(config) = fetch_config(&hub, entry, &known, &commit, watcher)? {
            let KnownFile { size_bytes, sha256 } = config.content;
            files.push((CONFIG.to_owned(), size_bytes, sha256));
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

/// Fetches the configuration from the commit of the weights. It is optional: the architecture is in
/// the weights, the rest in the catalogue.
fn fetch_config(
    hub: &Hub<'_>,
    entry: &Entry,
    known: &Known,
    commit: &str,
    progress: &mut Watcher<'_>,
) -> Result<Option<Fetched>, ModelStoreError> {
    if known.lacks(CONFIG) {
        return Ok(None);
    }
    let mut wanted = known.wanted(CONFIG, entry);
    let from = ("its own answer on the weights", "pull it again");
    if known.commit().is_none() {
        wanted.known_from = from;
    }
    wanted.commit = Some(commit);
    match hub.fetch(&wanted, progress) {
        Ok(config) => Ok(Some(config)),
        Err(ModelStoreError::NotFound { .. } | ModelStoreError::Offline { .. }) => Ok(None),
        Err(e @ (ModelStoreError::Answer { .. } | ModelStoreError::Corrupt { .. })) => {
            let text = format!("{e} (the model does without this file)");
            match progress(Progress::Warning { text }).is_break() {
                true => Err(cancelled(entry.name)),
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
    let names = entry.weights.iter().filter(|file| !known.lacks(file));
    for &file in names {
        match hub.fetch(&known.wanted(file, entry), progress) {
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
